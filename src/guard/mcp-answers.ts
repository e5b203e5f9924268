/**
 * What the guard tells an agent: the shapes of its answers, and how they are made.
 *
 * VM3  An answer is bounded. A list comes in pages of so many characters, says how many there are, and where to go on.
 */
import { z } from 'zod';
import { limits } from '../core/limits.ts';
import { addedJson, type AddedRival } from './added.ts';
import { ask } from './ask.ts';
import { checkAudit, type Audit } from './audit.ts';
import { fixOfAudit, type FixOptions, progressOfAudit, type ProgressOptions, todoOfAudit } from './audit-moves.ts';
import { adviceOf } from './check.ts';
import type { Candidate, Concept, Unit } from './concept.ts';
import { explainOfAudit } from './explain.ts';
import { findingsOf } from './report/finding.ts';
import { dayOf } from './report/progress-text.ts';

/** Where a list goes on (VM3). */
const paged = {
  total: z.number().describe('How many there are in all'),
  next: z.number().optional().describe('Ask again with this as `from`; absent at the end'),
};

type Page<Item> = { readonly items: readonly Item[]; readonly total: number; readonly next?: number };

/** As many as fit into an answer, at least one. */
export function pageOf<Item>(all: readonly Item[], from: number): Page<Item> {
  let end = from;
  for (let chars = 0; end < all.length; end++) {
    chars += JSON.stringify(all[end]).length;
    if (chars > limits.guardAgentPageCharsMax && end > from) break;
  }
  const page = { items: all.slice(from, end), total: all.length };
  return end < all.length ? { ...page, next: end } : page;
}

/** The first of a list that is only there to give an idea. */
function some<Item>(all: readonly Item[]): readonly Item[] {
  return all.slice(0, limits.guardAnswersMax);
}

function offered({ methods }: Unit): readonly string[] {
  return methods.filter(({ isPrivate }) => !isPrivate).map(({ name }) => name);
}

// --- before it is written ---

export const askShape = z.object({
  answers: z.array(
    z.object({
      unit: z.string().describe('PATH#NAME'),
      line: z.number(),
      doc: z.string(),
      methods: z.array(z.string()),
      relation: z.enum(['same', 'modifier', 'scope', 'synonym', 'role', 'part']).describe('How its name is related'),
      concept: z.string().optional().describe('The declared concept it belongs to'),
      isCanonical: z.boolean().describe('It is the one implementation of that concept: use it'),
    }),
  ),
  total: paged.total,
});

export function askAnswer(audit: Audit, words: string, today: string): z.input<typeof askShape> {
  const found = ask(audit, words, today);
  const answers = some(found).map(({ unit, ...rest }) => {
    return { unit: unit.id, line: unit.span.line, doc: unit.doc, methods: [...offered(unit)], ...rest };
  });
  return { answers, total: found.length };
}

export const diffShape = z.object({
  added: z.array(
    z.object({
      path: z.string(),
      line: z.number(),
      name: z.string(),
      existing: z.string().describe('What there is already, as PATH#NAME: use it instead'),
      existingLine: z.number(),
      concept: z.string().optional(),
      tier: z.enum(['certain', 'likely', 'possible']).optional(),
      why: z.string(),
      blocks: z.boolean().describe('It should not land like this; otherwise it is advice'),
    }),
  ),
  ...paged,
});

export function diffAnswer(rivals: readonly AddedRival[], from: number): z.input<typeof diffShape> {
  const { items, ...page } = pageOf(rivals.map(addedJson), from);
  return { added: [...items], ...page };
}

// --- what there is ---

const tier = z.enum(['certain', 'likely', 'possible']);

export const scanShape = z.object({
  files: z.number(),
  lines: z.number(),
  concepts: z.array(
    z.object({
      concept: z.string().describe('Its id, for guard_explain'),
      name: z.string(),
      tier,
      isUndecided: z.boolean().describe('The two best are close'),
      units: z.array(z.object({ unit: z.string(), line: z.number(), importers: z.number(), tests: z.number() })),
    }),
  ),
  ...paged,
});

export type ScanQuestion = { readonly all: boolean; readonly under: string; readonly from: number };

export function scanAnswer({ scan, config }: Audit, { all, under, from }: ScanQuestion): z.input<typeof scanShape> {
  const folder = under.replace(/^\.\/|\/+$/g, '');
  const isUnder = ({ units }: Concept): boolean =>
    folder === '' || folder === '.' || units.some((unit) => unit.startsWith(`${folder}/`));
  const concepts = (all ? scan.concepts : adviceOf(scan, config)).filter(isUnder);
  const { items, ...page } = pageOf(
    concepts.map((concept) => ({
      concept: concept.id,
      name: concept.name,
      tier: concept.tier,
      isUndecided: concept.undecided,
      units: concept.candidates.map((one) => ({ ...placeOf(scan.tree.units, one), ...usersOf(one) })),
    })),
    from,
  );
  return { files: scan.files, lines: scan.lines, concepts: [...items], ...page };
}

function placeOf(units: ReadonlyMap<string, Unit>, { unit }: Candidate): { unit: string; line: number } {
  return { unit, line: units.get(unit)?.span.line ?? 1 };
}

function usersOf({ importers, testImporters }: Candidate): { importers: number; tests: number } {
  return { importers: importers.length, tests: testImporters.length };
}

export const explainShape = z.object({
  concept: z.string(),
  name: z.string(),
  tier,
  isUndecided: z.boolean(),
  gap: z.number().describe('Between the scores of the two best'),
  whyTogether: z.array(z.string()),
  units: z.array(
    z.object({
      unit: z.string(),
      line: z.number(),
      methods: z.array(z.string()),
      importers: z.number(),
      tests: z.number(),
      importedBy: z.array(z.string()).describe('Some of them'),
      missing: z.array(z.string()).describe('Methods that are called on another one, and it has not'),
      score: z.number(),
      inputs: z.array(z.object({ name: z.string(), value: z.number(), weight: z.number(), from: z.string() })),
    }),
  ),
  leftOut: z.array(z.object({ unit: z.string(), verdict: z.string(), reason: z.string() })).describe('Some of them'),
  ...paged,
});

export function explainAnswer(audit: Audit, wanted: string, from: number): z.input<typeof explainShape> {
  const { concept, members, whyTogether, leftOut, gap } = explainOfAudit(audit, wanted);
  const { items, ...page } = pageOf(
    members.map(({ unit, candidate, methods }) => ({
      unit: unit.id,
      line: unit.span.line,
      methods: [...methods],
      ...usersOf(candidate),
      importedBy: [...some(candidate.importers)],
      missing: [...candidate.missingMethods],
      score: candidate.score,
      inputs: [...candidate.inputs],
    })),
    from,
  );
  const { id, name, tier: told, undecided } = concept;
  const out = some(leftOut).map(({ unit, verdict, reason }) => ({ unit: unit.id, verdict, reason }));
  const shown = { concept: id, name, tier: told, isUndecided: undecided, gap, whyTogether: [...whyTogether] };
  return { ...shown, units: [...items], leftOut: out, ...page };
}

// --- what was decided, and the way there ---

export const checkShape = z.object({
  exitCode: z.number().describe('0 clean, 1 violations, 3 something could not be read'),
  files: z.number(),
  hasRules: z.boolean().describe('guard.json declares something that could be broken'),
  failures: z.number(),
  warnings: z.number(),
  known: z.number(),
  stale: z.number(),
  unread: z.array(z.object({ path: z.string(), why: z.string() })).describe('Some of them'),
  findings: z.array(
    z.object({
      level: z.enum(['error', 'warning', 'note']),
      rule: z.string(),
      concept: z.string(),
      key: z.string(),
      path: z.string(),
      line: z.number(),
      message: z.string(),
      hint: z.string(),
      related: z.array(z.object({ path: z.string(), line: z.number(), what: z.string() })),
      isKnown: z.boolean().describe('The baseline knows it'),
    }),
  ),
  ...paged,
});

export function checkAnswer(audit: Audit, today: string, from: number): z.input<typeof checkShape> {
  const report = checkAudit(audit, today);
  const findings = findingsOf(report, audit.scan.tree, audit.baselineFolder);
  const { items, ...page } = pageOf(
    findings.map((finding) => ({ ...finding, related: [...finding.related] })),
    from,
  );
  const { exitCode, files, hasRules, failures, warnings, known, stale, unread } = report;
  const counts = { failures: failures.length, warnings: warnings.length, known: known.length, stale: stale.length };
  return { exitCode, files, hasRules, ...counts, unread: [...some(unread)], findings: [...items], ...page };
}

export const todoShape = z.object({
  concept: z.string(),
  canonical: z.string(),
  rivals: z.array(z.object({ unit: z.string(), isUnused: z.boolean() })),
  items: z.array(
    z.object({
      path: z.string(),
      line: z.number(),
      zone: z.string(),
      rival: z.string(),
      how: z.enum(['import', 're-export', 'base class']),
      isReady: z.boolean().describe('guard_fix_plan can move it'),
      calls: z.array(z.object({ name: z.string(), line: z.number(), isThere: z.boolean() })),
      trouble: z.string().optional(),
    }),
  ),
  ...paged,
});

export type MoveQuestion = { readonly concept: string; readonly today: string; readonly from: number };

export function todoAnswer(audit: Audit, { concept, today, from }: MoveQuestion): z.input<typeof todoShape> {
  const { canonical, rivals, items } = todoOfAudit(audit, concept, today);
  const { items: page, ...rest } = pageOf(
    items.map((item) => ({ ...item, calls: [...item.calls] })),
    from,
  );
  const others = rivals.map(({ unit, isUnused }) => ({ unit: unit.id, isUnused }));
  return { concept, canonical: canonical.id, rivals: others, items: [...page], ...rest };
}

export const planShape = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      isGone: z.boolean().describe('The file would be removed'),
      diff: z.string().describe('A unified diff that `git apply` takes'),
      isCut: z.boolean().describe('The diff is too long to be told whole: run the command'),
    }),
  ),
  refused: z
    .array(z.object({ path: z.string(), line: z.number(), name: z.string(), why: z.string(), hint: z.string() }))
    .describe('Places that it leaves alone, and what to do there by hand; some of them'),
  refusedTotal: z.number(),
  ...paged,
});

export type PlanQuestion = MoveQuestion & Pick<FixOptions, 'oldFiles'>;

export function planAnswer(audit: Audit, { concept, from, ...options }: PlanQuestion): z.input<typeof planShape> {
  const { files, refused } = fixOfAudit(audit, concept, options);
  const { items, ...page } = pageOf(
    files.map(({ path, text, diff }) => {
      const isCut = diff.length > limits.guardAgentPageCharsMax;
      return { path, isGone: text === undefined, diff: isCut ? '' : diff, isCut };
    }),
    from,
  );
  const left = pageOf(refused, 0).items;
  return { files: [...items], refused: [...left], refusedTotal: refused.length, ...page };
}

const counted = z.object({ rivals: z.number(), consumers: z.number(), testConsumers: z.number() });

export const progressShape = z.object({
  points: z.array(
    z.object({
      commit: z.string().optional().describe('Absent for the tree as it is now'),
      day: z.string(),
      concepts: z.record(z.string(), counted).describe('Absent where the canonical one was not there yet'),
      found: z.number().describe('Concepts with rivals, declared or not'),
    }),
  ),
  declared: z.array(z.object({ concept: z.string(), gone: z.number(), came: z.array(z.string()) })),
});

export async function progressAnswer(audit: Audit, options: ProgressOptions): Promise<z.input<typeof progressShape>> {
  const { points, declared } = await progressOfAudit(audit, options);
  return {
    points: points.map(({ commit, at, concepts, found }) => ({
      ...(commit === undefined ? {} : { commit }),
      day: dayOf({ at }),
      concepts: Object.fromEntries(
        Object.entries(concepts).map(([id, count]) => [id, { ...count, rivals: count.rivals.length }]),
      ),
      found,
    })),
    declared: declared.map(({ concept, gone, came }) => ({ concept, gone: gone.length, came: [...some(came)] })),
  };
}
