/** How a run ended, for people and as JSON, and what it says to the exit code. */
import type { Json } from '../core/json.ts';
import { answerText } from '../engine/thread-memory.ts';
import { nextRunOf, type Outcome, type RunState } from '../journal/run-state.ts';
import { modelsOf } from '../journal/step-tree.ts';
import { exitCodes } from './exit-codes.ts';
import { shortId } from './find-run.ts';
import { showMarkdown } from './markdown.ts';
import { commandLine, type Cli } from './cli.ts';
import type { VerbDoor } from './open.ts';
import type { Words } from './words.ts';
import { jsonText, manyLines, oneLine } from '../core/plain-text.ts';
import { modelWords } from '../agents/model.ts';
import { tellTrouble } from './screen.ts';
import { tellCount, tellMany, tellMs, tellUsd } from '../core/units.ts';

/** What it took: since when, and what models did for it. */
export type Work = {
  readonly queuedAt: number;
  readonly models: readonly string[];
  readonly usage: Readonly<RunState['usage']>;
};

export type Ended = {
  readonly outcome: Outcome;
  readonly state: RunState;
  /** Of a run that others went on as, that of all of them. */
  readonly work: Work;
  readonly cancelledHere?: boolean;
};

/** How a run ended, or is about to: of one that went on as others, how the last of them did. */
export async function endOf(door: Pick<VerbDoor, 'run'>, id: string): Promise<Ended> {
  let run = await door.run(id);
  const outcome = await run.result();
  let state = await run.state();
  let work = workWith(undefined, state);
  for (let next = nextRunOf(state); next !== undefined; next = nextRunOf(state)) {
    run = await door.run(next);
    state = await run.state();
    work = workWith(work, state);
  }
  return { outcome, state, work };
}

/** What a run took, after what was done before for the one that it went on from. */
export function workWith(before: Work | undefined, state: RunState): Work {
  const { queuedAt, usage } = state;
  const models = modelsOf(state);
  if (before === undefined) return { queuedAt, models, usage };
  const sum = (one: 'modelCalls' | 'inputTokens' | 'outputTokens'): number => before.usage[one] + usage[one];
  const usd = before.usage.usd === null || usage.usd === null ? null : before.usage.usd + usage.usd;
  return {
    queuedAt: before.queuedAt,
    models: [...new Set([...before.models, ...models])],
    usage: { modelCalls: sum('modelCalls'), inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens'), usd },
  };
}

/** Prints the end of a run. Returns the exit code. */
export async function tellOutcome(cli: Cli, words: Words, ended: Ended): Promise<number> {
  const { screen, options } = cli;
  if (options.json === true) giveJson(cli, outcomeDocument(ended));
  const { outcome } = ended;
  const asData = options.json === true || options.jsonl === true;
  if ('output' in outcome && !asData) {
    screen.remark();
    screen.give(await outputText(cli, words, ended.state, outcome.output));
    screen.remark();
  }
  tellEnd(cli, ended);
  screen.remark(summary(ended), 'dim');
  return exitCodeOfOutcome(ended);
}

export function exitCodeOfOutcome({ outcome, cancelledHere }: Ended): number {
  if (outcome.status === 'completed' || outcome.status === 'degraded') return exitCodes.ok;
  return cancelledHere === true ? exitCodes.interrupted : exitCodes.failed;
}

function giveJson({ screen, host }: Cli, document: unknown): void {
  screen.give(jsonDocument(document, host.out.tty));
}

/** Indented for a person, on one line for a program. */
export function jsonDocument(document: unknown, tty: boolean): string {
  return jsonText(document, tty ? 2 : undefined);
}

/** The answer as text: in the words for it, else as it is. */
export async function outputText(
  { host, screen }: Cli,
  words: Words,
  of: Parameters<Words>[0],
  output: Json,
): Promise<string> {
  const plain = manyLines((await words(of, output)) ?? plainOutput(output));
  return host.out.tty ? showMarkdown(plain, host.out.columns, screen.paintOut) : plain;
}

function plainOutput(output: Json): string {
  const text = answerText(output);
  return text === JSON.stringify(output) ? JSON.stringify(output, undefined, 2) : text;
}

function tellEnd(cli: Cli, { outcome, state, cancelledHere }: Ended): void {
  const { screen } = cli;
  switch (outcome.status) {
    case 'completed':
      return;
    case 'degraded':
      screen.warn('The answer is degraded. It did without:', 'yellow');
      for (const { path, message } of outcome.reasons)
        screen.warn(`  - ${oneLine(`${path || 'the run'}: ${message}`)}`);
      return;
    case 'failed':
      return tellTrouble(screen, {
        what: `The run failed.`,
        why: outcome.error.message,
        fix: outcome.error.hint ?? `See what it did: ${commandLine(cli, 'show', shortId(state.run))}`,
      });
    case 'cancelled':
      screen.warn(`The run is cancelled${cancelledHere === true ? '' : `: ${oneLine(outcome.reason)}`}.`);
  }
}

/** `completed in 1.2 s · 3 answers of gpt-5-mini, 1,204 tokens in, 310 out, $0.0012 · run 1f2e3d4c` */
function summary({ state, work }: Ended): string {
  const parts = [
    `${state.status} in ${tellMs(state.at - work.queuedAt)}`,
    usageWords(work),
    `run ${shortId(state.run)}`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

export function usageWords({ models, usage }: Work): string {
  const { modelCalls, inputTokens, outputTokens, usd } = usage;
  if (modelCalls === 0) return '';
  const answers = `${tellMany(modelCalls, 'answer')} by ${models.map(modelWords).join(', ')}`;
  if (models.every((id) => id === 'builtin/rules')) return answers;
  return `${answers}, ${tellCount(inputTokens)} tokens in, ${tellCount(outputTokens)} out, cost ${tellUsd(usd)}`;
}

/** The one document of `--json`. */
export function outcomeDocument({ outcome, state, work }: Ended): Record<string, unknown> {
  return {
    run: state.run,
    workflow: state.workflow,
    tenant: state.tenant,
    user: state.user,
    ...outcome,
    durationMs: state.at - work.queuedAt,
    models: work.models,
    usage: work.usage,
  };
}
