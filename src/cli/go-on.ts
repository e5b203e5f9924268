/** Follows a run with what the terminal can show, and prints how it went. */
import type { RunHandle } from '../engine/run-handle.ts';
import { isEnded, openStatuses } from '../journal/run-row.ts';
import { exitCodes } from './exit-codes.ts';
import { shortId } from './find-run.ts';
import { follow, type FollowEnd } from './follow.ts';
import type { Stop } from './host.ts';
import { commandLine, type Cli } from './cli.ts';
import type { OpenPlace, VerbDoor, Working } from './open.ts';
import { tellOutcome } from './outcome.ts';
import type { Words } from './words.ts';
import { tellMany } from '../core/units.ts';
import { waitingLines } from './waiting.ts';
import { openWatch } from './watch.ts';

export type GoOn = {
  readonly words: Words;
  readonly working: Working;
  readonly open: OpenPlace;
  readonly run: RunHandle;
  /** The run's seq before this process took it up; 0 for a run that begins now. */
  readonly from: number;
};

/** How long runs beside the one that was asked for may go on before they are left, in ms. */
const othersGraceMs = 2_000;

/** Follows a run to its end or to where it waits, prints that, closes what was opened to work, and returns the exit code. */
export async function goOn(cli: Cli, { words, working, open, run, from }: GoOn): Promise<number> {
  const watch = cli.watch ?? openWatch(cli.host, cli.screen, { jsonl: cli.options.jsonl === true });
  let graceMs = 0;
  try {
    const runOf = (id: string): Promise<RunHandle> => working.door.run(id);
    const end = await follow(run, { host: cli.host, watch, from, isUnderWay: open.server !== undefined, runOf });
    // One that was told to leave does not wait for other runs.
    if (end.kind !== 'left') graceMs = othersGraceMs;
    return await tellFollowed(cli, words, open, end);
  } finally {
    await working.close({ graceMs });
  }
}

async function tellFollowed(cli: Cli, words: Words, open: OpenPlace, end: FollowEnd): Promise<number> {
  switch (end.kind) {
    case 'ended':
      return tellOutcome(cli, words, end);
    case 'waits':
      return tellWaits(cli, end);
    default:
      return tellLeft(cli, open, end);
  }
}

function tellWaits(cli: Cli, { state }: Extract<FollowEnd, { kind: 'waits' }>): number {
  const { screen, options, host } = cli;
  if (options.json === true) {
    const { run, workflow, tenant, user, status } = state;
    screen.give(JSON.stringify({ run, workflow, tenant, user, status }, undefined, host.out.tty ? 2 : undefined));
  }
  screen.warn(`Run ${shortId(state.run)} waits.`);
  for (const line of waitingLines(cli, state, false)) screen.warn(line);
  return exitCodes.waits;
}

const codes: Readonly<Record<Stop, number>> = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.hangup,
  SIGPIPE: exitCodes.brokenPipe,
};

function tellLeft(cli: Cli, open: OpenPlace, end: Extract<FollowEnd, { kind: 'left' }>): number {
  const { screen } = cli;
  const { run } = end;
  const name = `Run ${shortId(run)}`;
  if (open.server !== undefined) {
    const attach = commandLine(cli, 'attach', shortId(run));
    screen.warn(
      end.cancelling
        ? `Left at once. ${name} was told to end, and the server ends it.`
        : `${name} goes on in the server. To follow it: ${attach}`,
    );
    return codes[end.by];
  }
  const { place } = open;
  if (!place.isKept) screen.warn(`${name} is lost: --memory keeps nothing.`);
  else if (end.cancelling)
    screen.warn(
      `Left at once. ${name} was told to end, and is ended as cancelled when Cantus next opens ${place.shown}.`,
    );
  else
    screen.warn(
      `${name} is not cancelled. It goes on where it is at the next start: ${commandLine(cli, 'attach', shortId(run))}`,
    );
  return codes[end.by];
}

/** Says that runs of an earlier process go on, and which wait or are parked. */
export async function tellUnfinished(cli: Cli, door: VerbDoor, except?: string): Promise<void> {
  const rows = (await door.runs({ status: openStatuses })).filter(
    ({ run, status }) => run !== except && !isEnded(status),
  );
  const waiting = rows.filter(({ status }) => status === 'suspended' || status === 'parked');
  const going = rows.filter((row) => !waiting.includes(row));
  const list = (some: typeof rows): string =>
    some
      .slice(0, 5)
      .map(({ run, workflow }) => `${shortId(run)} (${workflow})`)
      .join(', ') + (some.length > 5 ? ', …' : '');
  const { screen } = cli;
  if (going.length > 0)
    screen.remark(
      `${tellMany(going.length, 'unfinished run')} ${going.length === 1 ? 'goes' : 'go'} on: ${list(going)}`,
    );
  if (waiting.length > 0)
    screen.remark(
      `${tellMany(waiting.length, 'run')} ${waiting.length === 1 ? 'waits' : 'wait'}: ${list(waiting)}; see ` +
        commandLine(cli, 'show', shortId(waiting[0]?.run ?? '')),
    );
}
