/** The commands that tell a run something or take it up: `attach`, `cancel`, `signal`, `decide` and `approve`. */
import { ConflictError, ValidationError } from '../core/errors.ts';
import { nearestName } from '../core/names.ts';
import type { AppServes } from '../agents/app.ts';
import type { RunHandle } from '../engine/run-handle.ts';
import type { Doubt } from '../journal/event.ts';
import { awaitsDecision, isUnderWay } from '../journal/asked.ts';
import { isEnded, type RunRow } from '../journal/run-row.ts';
import type { RunState } from '../journal/run-state.ts';
import type { FoundApp } from './app-file.ts';
import { exitCodes } from './exit-codes.ts';
import { findRun, shortId } from './find-run.ts';
import { goOn, tellUnfinished } from './go-on.ts';
import type { Host } from './host.ts';
import type { Cli } from './cli.ts';
import { chooseModel, withPlace, type OpenPlace, type WorkParts } from './open.ts';
import { endOf, jsonDocument, outcomeDocument, tellOutcome } from './outcome.ts';
import { parseJson } from './run-verb.ts';
import { waitingLines } from './waiting.ts';

type FindApp = () => Promise<FoundApp>;

type Found = { readonly open: OpenPlace; readonly row: RunRow; readonly state: RunState };

/** Follows a run to its end, or to where it waits. */
export async function attachVerb(cli: Cli, app: FindApp, asked: string): Promise<number> {
  return withRun(cli, asked, async (at) => {
    if (isEnded(at.row.status)) return tellEnded(cli, app, at);
    return takeUp(cli, app, at, async () => undefined);
  });
}

/** Sends a signal, then follows the run: nobody else can make it go on. */
export async function signalVerb(
  cli: Cli,
  app: FindApp,
  {
    run,
    name,
    json,
    key,
  }: { readonly run: string; readonly name: string; readonly json?: string; readonly key?: string },
): Promise<number> {
  const value = json === undefined ? null : parseJson(json, `The value of signal "${name}"`);
  return withRun(cli, run, (at) => {
    refuseEnded(at.row, 'signal');
    remarkUnasked(cli, at.state, name);
    return takeUp(cli, app, at, async (handle) => {
      await untilReached(cli.host, handle, at);
      await handle.signal(name, value, key === undefined ? {} : { key });
      cli.screen.remark(`Signal "${name}" was sent to run ${shortId(at.row.run)}.`);
    });
  });
}

/** A signal may come before anything waits for it, and a slip in its name looks the same. */
function remarkUnasked({ screen }: Cli, { steps }: RunState, name: string): void {
  const names = [...steps.values()].flatMap(({ status, wait }) =>
    status === 'open' && wait?.for.kind === 'signal' ? [wait.for.signal] : [],
  );
  if (names.length === 0 || names.includes(name)) return;
  const near = nearestName(name, names);
  screen.warn(
    `Nothing waits for the signal "${name}" now; it is kept until something does. ` +
      (near === undefined ? `Awaited: ${names.join(', ')}.` : `Did you mean "${near}"?`),
  );
}

const decisions: readonly Doubt[] = ['happened', 'did-not-happen', 'give-up'];

/** Says what became of a call in doubt, then follows the run. */
export async function decideVerb(
  cli: Cli,
  app: FindApp,
  {
    run,
    path,
    decision,
    json,
  }: { readonly run: string; readonly path: string; readonly decision: string; readonly json?: string },
): Promise<number> {
  const wanted = decisions.find((one) => one === decision);
  if (wanted === undefined)
    throw new ValidationError(`"${decision}" is no decision.`, { hint: `Decide one of: ${decisions.join(', ')}.` });
  if (json !== undefined && wanted !== 'happened')
    throw new ValidationError(`A result belongs to "happened", not to "${wanted}".`);
  const output = json === undefined ? null : parseJson(json, 'The result');
  return withRun(cli, run, (at) => {
    refuseEnded(at.row, 'decision');
    refuseNoDoubt(at.state, path);
    return takeUp(cli, app, at, async (handle) => {
      await untilReached(cli.host, handle, at);
      await handle.decide(path, wanted, output);
      cli.screen.remark(`Decided: ${path} ${wanted}.`);
    });
  });
}

/** Decides an approval, then follows the run. */
export async function approveVerb(
  cli: Cli,
  app: FindApp,
  {
    run,
    path,
    answer,
    note,
  }: { readonly run: string; readonly path: string; readonly answer: string; readonly note?: string },
): Promise<number> {
  if (answer !== 'yes' && answer !== 'no')
    throw new ValidationError(`"${answer}" is no decision.`, { hint: 'Decide one of: yes, no.' });
  const verdict = { approved: answer === 'yes', ...(note === undefined ? {} : { note }) };
  return withRun(cli, run, (at) => {
    refuseEnded(at.row, 'decision');
    refuseUnasked(at.state, path);
    return takeUp(cli, app, at, async (handle) => {
      await untilReached(cli.host, handle, at);
      await handle.approve(path, verdict);
      cli.screen.remark(`Decided: ${path} ${answer}.`);
    });
  });
}

/** Ends a run and waits for its end. */
export async function cancelVerb(cli: Cli, app: FindApp, asked: string, reason: string): Promise<number> {
  return withRun(cli, asked, async ({ open, row }) => {
    const { screen } = cli;
    if (isEnded(row.status)) {
      screen.remark(`Run ${shortId(row.run)} had ended before (${row.status}).`);
      return exitCodes.ok;
    }
    const working = await open.work(() => partsOf(cli, app, open));
    try {
      const run = await working.door.run(row.run);
      await run.cancel(reason);
      const end = await endOf(working.door, row.run);
      if (cli.options.json === true) screen.give(jsonDocument(outcomeDocument(end), cli.host.out.tty));
      screen.remark(`Run ${shortId(row.run)} is ${end.outcome.status}.`);
    } finally {
      await working.close();
    }
    return exitCodes.ok;
  });
}

/** Finds the run with an engine that takes nothing up. */
async function withRun<T>(cli: Cli, asked: string, work: (at: Found) => Promise<T>): Promise<T> {
  return withPlace(cli, 'work', async (open) => {
    const at = await open.read(async (door) => {
      const row = await findRun(door, asked);
      return { row, state: await (await door.run(row.run)).state() };
    });
    return work({ open, ...at });
  });
}

function refuseEnded({ status }: RunRow, what: string): void {
  if (isEnded(status)) throw new ConflictError(`The run has ended (${status}), so it takes no ${what}.`);
}

function refuseNoDoubt(state: RunState, path: string): void {
  const doubts = [...state.steps.values()].filter(
    (step) => awaitsDecision(state, step) || (step.once && step.status === 'open' && isUnderWay(state, step.path)),
  );
  if (doubts.some((step) => step.path === path)) return;
  throw new ConflictError(`Nothing at "${path}" waits for a decision.`, {
    hint:
      doubts.length === 0 ? 'Nothing in this run does.' : `In doubt: ${doubts.map((step) => step.path).join(', ')}.`,
  });
}

function refuseUnasked({ steps }: RunState, path: string): void {
  const open = [...steps.values()].filter(({ status, wait }) => status === 'open' && wait?.for.kind === 'approval');
  if (open.some((step) => step.path === path)) return;
  throw new ConflictError(`Nothing at "${path}" waits for an approval.`, {
    hint: open.length === 0 ? 'Nothing in this run does.' : `Approvals: ${open.map((step) => step.path).join(', ')}.`,
  });
}

async function partsOf({ host }: Cli, app: FindApp, { place }: OpenPlace): Promise<WorkParts> {
  const found = await app();
  const serves = await found.app.serve({ folder: place.folder });
  return { app: found.app, serves, model: await chooseModel(host, found.app) };
}

async function takeUp(
  cli: Cli,
  app: FindApp,
  { open, row, state }: Found,
  tell: (run: RunHandle) => Promise<void>,
): Promise<number> {
  // A server says by the run's status that it has no such version.
  const parts = open.server === undefined ? await partsOf(cli, app, open) : undefined;
  if (parts !== undefined && !isServed(parts.serves, row)) {
    for (const line of waitingLines(cli, { ...state, status: 'parked' }, false)) cli.screen.warn(line);
    return exitCodes.waits;
  }
  const working = await open.work(async () => parts ?? partsOf(cli, app, open));
  try {
    if (open.server === undefined) await tellUnfinished(cli, working.door, row.run);
    const run = await working.door.run(row.run);
    await tell(run);
    return await goOn(cli, { words: open.words(app), working, open, run, from: state.seq });
  } catch (thrown) {
    await working.close();
    throw thrown;
  }
}

function isServed({ agents = [], workflows = [] }: AppServes, row: RunRow): boolean {
  if (row.workflow.startsWith('agent.')) return agents.some(({ name }) => `agent.${name}` === row.workflow);
  return workflows.some(({ name, version }) => name === row.workflow && version === row.version);
}

async function tellEnded(cli: Cli, app: FindApp, { open, row }: Found): Promise<number> {
  return open.read(async (door) => {
    const end = await endOf(door, row.run);
    cli.screen.remark(`Run ${shortId(row.run)} had ended.`);
    return tellOutcome(cli, open.words(app), end);
  });
}

const reachMs = 5_000;

/**
 * A run that was just taken up comes to its waits and doubts only after it has gone through what was completed before.
 * Once it is there, what it is told is checked against them; one that is busy otherwise is told all the same.
 */
async function untilReached({ clock }: Host, run: RunHandle, { open, state }: Found): Promise<void> {
  // A server has been there for long, and what only waits is woken by what it is told.
  if (open.server !== undefined || state.status === 'suspended') return;
  const enough = new AbortController();
  const stop = clock.after(reachMs, () => enough.abort());
  try {
    for await (const { type } of run.events({ after: state.seq, signal: enough.signal }))
      if (type === 'run.suspended') return;
  } finally {
    stop();
  }
}
