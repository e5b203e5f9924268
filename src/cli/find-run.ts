/**
 * Which run is meant: a whole id, the beginning of one, or `last`. Only this user's runs are looked at, so that
 * another's answers like one that isn't there (P2).
 */
import { NotFoundError, ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { VerbDoor } from './open.ts';

const prefixCharsMin = 4;
const candidatesShown = 8;

/** As much of an id as is shown, and is enough to name it. */
export function shortId(run: string): string {
  return run.slice(0, 8);
}

/** The row of the run meant. Throws a NotFoundError, or a ValidationError that lists who could be meant. */
export async function findRun(door: Pick<VerbDoor, 'runs'>, asked: string): Promise<RunRow> {
  if (asked === 'last') return last(door);
  const wanted = asked.toLowerCase();
  const found: RunRow[] = [];
  for await (const row of allRuns(door)) {
    if (row.run === asked) return row;
    if (row.run.startsWith(wanted)) found.push(row);
  }
  if (found.length === 0)
    throw new NotFoundError('run', asked, 'See `cantus runs` for yours; --user NAME asks for another user.');
  if (wanted.length < prefixCharsMin)
    throw new ValidationError(`"${asked}" is too short to name a run.`, {
      hint: `Give at least ${prefixCharsMin} characters of its id, or "last".`,
    });
  const [row, ...others] = found;
  if (row === undefined || others.length > 0) throw ambiguous(asked, found);
  return row;
}

async function last(door: Pick<VerbDoor, 'runs'>): Promise<RunRow> {
  const [row] = await door.runs({ limit: 1 });
  if (row === undefined)
    throw new NotFoundError(
      'run',
      'last',
      'This user has none here: --user NAME asks for another one, --folder DIR looks elsewhere.',
    );
  return row;
}

/** All runs of the user, newest first. */
export async function* allRuns(door: Pick<VerbDoor, 'runs'>): AsyncGenerator<RunRow> {
  let before: number | undefined;
  for (;;) {
    const page = await door.runs({ limit: limits.readPageEvents, ...(before === undefined ? {} : { before }) });
    yield* page;
    before = page.at(-1)?.firstUserSeq;
    if (page.length < limits.readPageEvents || before === undefined) return;
  }
}

function ambiguous(asked: string, rows: readonly RunRow[]): ValidationError {
  const shown = rows.slice(0, candidatesShown).map(({ run, workflow, status }) => `${run} (${workflow}, ${status})`);
  const more = rows.length > shown.length ? [`and ${rows.length - shown.length} more`] : [];
  return new ValidationError(`"${asked}" is the beginning of ${rows.length} runs.`, {
    hint: `Give more of it:\n${[...shown, ...more].join('\n')}`,
  });
}
