/**
 * How good the guard is: scans every case of its labelled corpus and tells precision and recall.
 *
 *     node scripts/guard-score.ts            both halves, with what was missed and what was wrong
 *     node scripts/guard-score.ts --json     the same as data
 *     node scripts/guard-score.ts chat       only cases whose name has this in it
 *
 * Exits with 1 if a half is below a floor or a label is wrong.
 */
import { parseArgs } from 'node:util';
import { scan } from '../src/guard/scan.ts';
import { type Case, type Half, readCases, wrongLabels } from './guard-corpus.ts';
import { grade, type GradedCase, type Score, scoreOf, type Share } from './guard-grade.ts';

/** Below these the detector is not good enough to be shown to anyone. They hold for each half by itself. */
export const floors = { certain: 0.95, told: 0.85, recall: 0.85 } as const;

/** Labels of these verdicts raise no alarm at all. */
export const silentVerdicts = ['matrix', 'plugin', 'other-deployable'] as const;

/** Scans one case. */
export async function gradeCase(one: Case): Promise<GradedCase> {
  const report = await scan({ root: one.root, cache: false, workers: 0, git: false });
  return grade(one, report.concepts);
}

/** Which floors a score is below, in sentences. */
export function belowFloors(score: Score): readonly string[] {
  const low = Object.entries(floors)
    .filter(([name, floor]) => score[name as keyof typeof floors].share < floor)
    .map(([name, floor]) => `${name} is ${percent(score[name as keyof typeof floors])}, the floor is ${floor}`);
  const loud = silentVerdicts
    .filter((verdict) => (score.silent[verdict]?.share ?? 1) < 1)
    .map((verdict) => `${verdict} is not silent: ${percent(score.silent[verdict]!)}`);
  return [...low, ...loud];
}

function percent({ of, all, share }: Share): string {
  return `${(share * 100).toFixed(1)} % (${of}/${all})`;
}

function tellScore(half: Half, score: Score): void {
  console.log(`${half}: ${score.cases} cases`);
  console.log(`  precision, certain            ${percent(score.certain)}`);
  console.log(`  precision, certain + likely   ${percent(score.told)}, with mixed ones ${percent(score.lenient)}`);
  console.log(`  recall, certain + likely      ${percent(score.recall)}, with every unit ${percent(score.whole)}`);
  console.log(`  possible ones that are seen   ${percent(score.possible)}`);
  const silent = Object.entries(score.silent).map(([verdict, share]) => `${verdict} ${share.of}/${share.all}`);
  console.log(`  silent: ${silent.join(' · ')}\n`);
}

function tellCase({ case: one, findings, groups, alarms }: GradedCase): void {
  const lines = [
    ...findings
      .filter((finding) => finding.grade !== 'right' && finding.tier !== 'possible')
      .map((finding) => `${finding.grade} (${finding.tier}) ${finding.id}: ${finding.units.join(', ')}`),
    ...alarms
      .filter((alarm) => alarm.isRaised)
      .map((alarm) => `alarm (${alarm.verdict}) ${alarm.units.join(', ')}: ${alarm.why}`),
    ...groups
      .filter((group) => !group.isFound && group.tier !== 'possible')
      .map((group) => `missed (${group.foundAs ?? 'not seen'}) ${group.concept}: ${group.units.join(', ')}`),
    ...groups
      .filter((group) => group.isFound && !group.isWhole)
      .map((group) => `in part ${group.concept}: ${group.units.join(', ')}`),
  ];
  if (lines.length > 0) console.log(`${one.half}/${one.name}\n  ${lines.join('\n  ')}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
  const cases = readCases().filter(({ name }) => positionals.length === 0 || positionals.some((p) => name.includes(p)));
  const wrong = cases.flatMap(wrongLabels);
  const graded: GradedCase[] = [];
  for (const one of cases) graded.push(await gradeCase(one));
  const halves = (['tune', 'judge'] as const).map((half) => {
    const own = graded.filter((one) => one.case.half === half);
    const score = scoreOf(own);
    return { half, score, below: belowFloors(score) };
  });
  if (values.json === true) console.log(JSON.stringify({ halves, cases: graded, wrong }, null, 2));
  else {
    for (const one of graded) tellCase(one);
    for (const { half, score } of halves) tellScore(half, score);
    for (const line of [...wrong, ...halves.flatMap(({ half, below }) => below.map((low) => `${half}: ${low}`))]) {
      console.log(line);
    }
  }
  if (wrong.length > 0 || halves.some(({ below }) => below.length > 0)) process.exitCode = 1;
}

if (import.meta.main) await main();
