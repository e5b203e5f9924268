/** `cantus show RUN`: a run as its journal tells it; with `--step` one step in full. */
import { NotFoundError, EngineError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { nearestName } from '../core/names.ts';
import type { RunHandle } from '../engine/run-handle.ts';
import { isBlobRef, type JournalEvent } from '../journal/event.ts';
import { basePath } from '../journal/path.ts';
import { isEnded, type RunRow } from '../journal/run-row.ts';
import { foldRun, type RunState, type StepState } from '../journal/run-state.ts';
import type { FoundApp } from './app-file.ts';
import { eventWords } from './event-words.ts';
import { exitCodes } from './exit-codes.ts';
import { findRun } from './find-run.ts';
import { stepLine } from './live.ts';
import type { Cli } from './cli.ts';
import { withPlace, type OpenPlace, type VerbDoor } from './open.ts';
import { jsonDocument, outputText, usageWords, workWith } from './outcome.ts';
import { fit, manyLines, oneLine } from '../core/plain-text.ts';
import { eventLine, eventsNow } from './read-verbs.ts';
import { modelsOf, stepTree, type StepNode } from '../journal/step-tree.ts';
import { clipValue } from './step-words.ts';
import { modelWords } from '../agents/model.ts';
import { tellMs, tellTime } from '../core/units.ts';
import { waitingLines } from './waiting.ts';

export type ShowOptions = { readonly step?: string; readonly events: boolean; readonly result: boolean };

type Shown = {
  readonly cli: Cli;
  readonly row: RunRow;
  readonly state: RunState;
  readonly events: readonly JournalEvent[];
  readonly run: RunHandle;
  readonly door: VerbDoor;
  readonly open: OpenPlace;
};

export async function showVerb(
  cli: Cli,
  app: () => Promise<FoundApp>,
  asked: string,
  options: ShowOptions,
): Promise<number> {
  return withPlace(cli, 'read', (open) =>
    open.read(async (door) => {
      const row = await findRun(door, asked);
      const run = await door.run(row.run);
      const events: JournalEvent[] = [];
      for await (const event of eventsNow(run)) events.push(event);
      const state = foldRun(events);
      if (state === undefined) throw new NotFoundError('run', asked);
      const shown = { cli, row, state, events, run, door, open };
      if (options.step !== undefined) await showStep(shown, options.step);
      else if (options.result) await showResult(shown, app);
      else if (cli.options.json === true) cli.screen.give(jsonDocument(documentOf(shown), cli.host.out.tty));
      else showRun(shown, options.events);
      return exitCodes.ok;
    }),
  );
}

/** The state is a fold with maps in it; as JSON its steps are a list in the order they began. */
function documentOf({ row, state, events }: Shown): Record<string, unknown> {
  return { row, state: { ...state, steps: [...state.steps.values()], notes: Object.fromEntries(state.notes) }, events };
}

async function showResult({ cli, state, run, open }: Shown, app: () => Promise<FoundApp>): Promise<void> {
  if (!isEnded(state.status)) throw notEnded(state);
  const outcome = await run.result();
  if (!('output' in outcome)) throw notEnded(state);
  if (cli.options.json === true) return cli.screen.give(jsonDocument(outcome.output, cli.host.out.tty));
  cli.screen.give(await outputText(cli, open.words(app), state, outcome.output));
}

function notEnded({ status }: RunState): EngineError {
  return new EngineError('conflict', `The run is ${status}, so it has no result.`, {
    hint: 'Show it without --result.',
  });
}

// --- the whole run ---------------------------------------------------------------------------------------------------

function showRun({ cli, state, events, open }: Shown, withEvents: boolean): void {
  const { screen, host } = cli;
  for (const [name, value] of facts(state, host.clock.now())) screen.give(`${`${name}:`.padEnd(10)} ${oneLine(value)}`);
  const outlook = { now: host.clock.now(), columns: host.out.columns, rows: Infinity, paint: screen.paintOut };
  const tree = stepTree(state);
  if (tree.length > 0) screen.give('\nSteps');
  for (const node of tree) giveNode(cli, node, 0, { ...outlook, inAgent: false });
  for (const line of endLines(state)) screen.give(line);
  const waiting = isEnded(state.status) ? [] : waitingLines(cli, state, open.server !== undefined);
  if (waiting.length > 0) screen.give(['', ...waiting].join('\n'));
  if (withEvents) giveJournal(cli, events);
}

function facts(state: RunState, now: number): readonly (readonly [string, string])[] {
  const { run, workflow, version, tenant, user, thread, queuedAt, at, key } = state;
  const over = isEnded(state.status);
  const models = modelsOf(state).map(modelWords).join(', ');
  return [
    ['Run', run],
    ['Workflow', workflow.startsWith('agent.') ? workflow.replace('.', ' ') : `${workflow} version ${version}`],
    ['User', `${user} (tenant ${tenant})`],
    ...(thread === undefined ? [] : [['Thread', thread] as const]),
    ...(key === undefined ? [] : [['Key', key] as const]),
    ['Status', state.status],
    ['Started', `${tellTime(queuedAt)}${over ? `, ended ${tellTime(at)}` : ''}`],
    ['Took', `${tellMs((over ? at : now) - queuedAt)}, of which active ${tellMs(state.activeMs)}`],
    ['Models', models === '' ? 'none asked' : models],
    ...(models === '' ? [] : [['Usage', usageWords(workWith(undefined, state))] as const]),
    ['Input', clipValue(state.input, 200)],
  ];
}

type Look = Parameters<typeof stepLine>[2];

function giveNode(cli: Cli, node: StepNode, depth: number, look: Look): void {
  const { screen, host } = cli;
  const { step, discarded } = node;
  screen.give(
    discarded ? screen.paintOut('dim', `${stepLine(node, depth, look)} (given up)`) : stepLine(node, depth, look),
  );
  const output = step.status === 'completed' ? clipValue(outputOf(step), 300) : '';
  const inner = '  '.repeat(depth + 2);
  // The path is what a report's marks name, and what --step takes.
  if (step.kind === 'tool') screen.give(screen.paintOut('dim', `${inner}at ${step.path}`));
  if (output !== '')
    screen.give(screen.paintOut('dim', fit(`${inner}= ${output}`, Math.min(host.out.columns, 100) - 1)));
  for (const child of node.children) giveNode(cli, child, depth + 1, { ...look, inAgent: step.kind === 'agent' });
}

/** A model's answer is its words, or the calls it asked for. */
function outputOf(step: StepState): Json | undefined {
  if (step.kind !== 'model') return step.output;
  return step.text === '' ? `calls ${step.toolCalls.map(({ name }) => name).join(', ')}` : step.text;
}

function endLines({ outcome }: RunState): readonly string[] {
  switch (outcome?.status) {
    case 'degraded':
      return [
        '',
        'Degraded: it did without',
        ...outcome.reasons.map((one) => `  - ${oneLine(`${one.path}: ${one.message}`)}`),
      ];
    case 'failed': {
      const { code, message, hint } = outcome.error;
      return ['', `Failed (${code}): ${oneLine(message)}`, ...(hint === undefined ? [] : [`  fix: ${oneLine(hint)}`])];
    }
    case 'cancelled':
      return ['', `Cancelled: ${oneLine(outcome.reason)}`];
    default:
      return [];
  }
}

function giveJournal({ screen, host }: Cli, events: readonly JournalEvent[]): void {
  screen.give('\nJournal');
  for (const event of events) screen.give(host.out.tty ? fit(eventLine(event), host.out.columns) : eventLine(event));
}

// --- one step --------------------------------------------------------------------------------------------------------

async function showStep(shown: Shown, path: string): Promise<void> {
  const { cli, state, events, door } = shown;
  const step = state.steps.get(basePath(path));
  if (step === undefined) throw unknownStep(state, path);
  const mine = events.filter((event) => event.path !== undefined && basePath(event.path) === basePath(path));
  const full = {
    ...step,
    input: await whole(door, step.input),
    output: await whole(door, step.output),
  };
  if (cli.options.json === true) return cli.screen.give(jsonDocument({ step: full, events: mine }, cli.host.out.tty));
  const { screen } = cli;
  screen.give(`Step:      ${oneLine(step.path)}`);
  screen.give(`Kind:      ${step.kind}${step.name === undefined ? '' : ` ${oneLine(step.name)}`}`);
  screen.give(`Status:    ${step.status}, attempt ${step.attempt}`);
  screen.give(
    `Started:   ${tellTime(step.startedAt)}, took ${tellMs((step.endedAt ?? cli.host.clock.now()) - step.startedAt)}`,
  );
  giveValue(cli, 'Input', full.input);
  giveValue(cli, 'Output', full.output);
  if (step.error !== undefined)
    screen.give(
      `\nError (${step.error.code})\n${manyLines(step.error.message)}${step.error.hint === undefined ? '' : `\nfix: ${manyLines(step.error.hint)}`}`,
    );
  screen.give('\nEvents');
  for (const event of mine) screen.give(eventLine(event, eventWords(event, state)));
}

function giveValue({ screen }: Cli, name: string, value: Json | undefined): void {
  if (value === undefined) return;
  const text = typeof value === 'string' ? manyLines(value) : jsonDocument(value, true);
  screen.give(`\n${name}\n${text}`);
}

async function whole(door: VerbDoor, value: Json | undefined): Promise<Json | undefined> {
  return value !== undefined && isBlobRef(value) ? door.value(value) : value;
}

function unknownStep(state: RunState, path: string): NotFoundError {
  const paths = [...state.steps.values()].map((step) => step.path);
  const near = nearestName(path, paths) ?? paths.find((one) => one.includes(path));
  return new NotFoundError(
    'step',
    path,
    near === undefined ? 'Show the run without --step to see its steps.' : `Did you mean "${near}"?`,
  );
}
