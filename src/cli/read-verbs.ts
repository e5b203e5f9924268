/** The commands that only look: `runs` and `events`. */
import { ValidationError } from '../core/errors.ts';
import type { RunHandle } from '../engine/run-handle.ts';
import type { JournalEvent } from '../journal/event.ts';
import { isEnded, type RunRow } from '../journal/run-row.ts';
import { evolve, type RunState } from '../journal/run-state.ts';
import type { FoundApp } from './app-file.ts';
import { eventWords } from './event-words.ts';
import { exitCodes } from './exit-codes.ts';
import { allRuns, findRun, shortId } from './find-run.ts';
import { commandLine, type Cli } from './cli.ts';
import { withPlace, type OpenPlace } from './open.ts';
import { jsonDocument } from './outcome.ts';
import { clipValue } from './step-words.ts';
import { fit, jsonText, padTo } from '../core/plain-text.ts';
import { attachVerb } from './tell-verbs.ts';
import { tellMs, tellTime } from '../core/units.ts';
import type { Watch } from './watch.ts';

export async function runsVerb(cli: Cli, { limit }: { readonly limit: number }): Promise<number> {
  return withPlace(cli, 'read', (open) =>
    open.read(async (door) => {
      const rows: RunRow[] = [];
      for await (const row of allRuns(door)) {
        if (rows.length === limit) break;
        rows.push(row);
      }
      const { screen, options, host } = cli;
      if (options.json === true) screen.give(jsonDocument(rows, host.out.tty));
      else if (options.jsonl === true) for (const row of rows) screen.give(jsonText(row));
      else tellRows(cli, rows, open);
      return exitCodes.ok;
    }),
  );
}

function tellRows(cli: Cli, rows: readonly RunRow[], { place, identity }: OpenPlace): void {
  const { screen, host } = cli;
  if (rows.length === 0) {
    const { user } = identity.principal;
    screen.remark(`No runs of ${user} (${identity.how}) in ${place.shown}. Start one: ${commandLine(cli, 'run')}`);
    return;
  }
  const head = ['RUN', 'STATUS', 'STARTED', 'TOOK', 'WORKFLOW'];
  const cells = rows.map(({ run, status, queuedAt, endedAt, workflow, thread }) => {
    const took = tellMs((endedAt ?? host.clock.now()) - queuedAt);
    const what = workflow.replace(/^agent\./, 'agent ') + (thread === undefined ? '' : `  (thread ${thread})`);
    return [shortId(run), status, tellTime(queuedAt), took, what];
  });
  const widths = head.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => padTo(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  screen.give(screen.paintOut('dim', line(head)));
  for (const row of cells) screen.give(host.out.tty ? fit(line(row), host.out.columns) : line(row));
}

export type EventsOptions = { readonly after: number; readonly follow: boolean };

/** A run's events behind a place. With `follow` an unfinished run goes on, and is followed to its end. */
export async function eventsVerb(
  cli: Cli,
  app: () => Promise<FoundApp>,
  asked: string,
  { after, follow }: EventsOptions,
): Promise<number> {
  if (!Number.isSafeInteger(after) || after < 0)
    throw new ValidationError('--after takes the seq of an event: 0, 1, 2, ...');
  const { row, seq } = await withPlace(cli, 'read', (open) =>
    open.read(async (door) => {
      const found = await findRun(door, asked);
      const run = await door.run(found.run);
      let state: RunState | undefined;
      for await (const event of eventsNow(run)) {
        state = evolve(state, event);
        if ((event.seq ?? 0) > after) giveEvent(cli, event, state);
      }
      return { row: found, seq: state?.seq ?? 0 };
    }),
  );
  if (!follow || isEnded(row.status)) return exitCodes.ok;
  return attachVerb(eventsOnly(cli, Math.max(after, seq)), app, row.run);
}

/** The rest comes by following: only what was not given yet, and no result behind it. */
function eventsOnly(cli: Cli, after: number): Cli {
  const watch: Watch = {
    event: (event, run) => {
      if ((event.seq ?? 0) > after) giveEvent(cli, event, run);
    },
    say: (line) => cli.screen.warn(line),
    end: () => undefined,
  };
  return { ...cli, watch, options: { ...cli.options, json: false, jsonl: true } };
}

/** The events that there are now, without waiting for more. */
export async function* eventsNow(run: RunHandle): AsyncGenerator<JournalEvent> {
  const { seq } = await run.state();
  for await (const event of run.events()) {
    yield event;
    if ((event.seq ?? 0) >= seq) return;
  }
}

function giveEvent({ screen, options, host }: Cli, event: JournalEvent, run: RunState): void {
  if (options.json === true || options.jsonl === true) return screen.give(jsonText(event));
  const line = eventLine(event, eventWords(event, run));
  screen.give(host.out.tty ? fit(line, host.out.columns) : line);
}

/** `  12  14:07:31.208  tool.completed    analyse/add:1-0    ...` */
export function eventLine(event: JournalEvent, words?: string): string {
  const time = `${tellTime(event.at).slice(11)}.${String(event.at % 1_000).padStart(3, '0')}`;
  const told = words ?? clipValue(event.data, 160);
  return `${String(event.seq ?? '').padStart(4)}  ${time}  ${padTo(event.type, 16)}  ${event.path ?? ''}  ${told}`.trimEnd();
}
