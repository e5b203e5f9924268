/**
 * What callers give to a user's door and to a run, checked. Types say the same, but a caller may be JavaScript, or pass
 * on what came over a wire; nothing of it reaches a store or the journal unchecked.
 */
import { clip, NotFoundError, ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Doubt, WaitFor } from '../journal/event.ts';
import { runStatuses, type RunStatus } from '../journal/run-row.ts';
import type { Cursor, RunQuery, ThreadQuery } from '../journal/store.ts';

/** Options as an object; leaving them out is as good as an empty one. */
export function parseOptions<Options extends object>(value: Options | undefined, what: string): Options {
  if (value === undefined) return {} as Options;
  if (typeof value === 'object' && value !== null) return value;
  throw new ValidationError(`The options of ${what} are an object.`);
}

/** A caller's key, thread or signal name. */
export function parseId(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= limits.idCharsMax) return value;
  throw new ValidationError(`A ${what} is a string of 1 to ${limits.idCharsMax} characters.`);
}

export function parseOptionalId(value: unknown, what: string): string | undefined {
  return value === undefined ? undefined : parseId(value, what);
}

/** As with runs: a thread that can't be is answered as one that is not (P2). */
export function parseThreadId(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new NotFoundError('thread', `(${value === null ? 'null' : typeof value})`);
}

/** A title as it is kept: one line, without blanks around it. */
export function parseTitle(value: unknown): string {
  const title = typeof value === 'string' ? value.trim() : '';
  if (title !== '' && title.length <= limits.titleCharsMax && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(title)) return title;
  throw new ValidationError(`A title is one line of 1 to ${limits.titleCharsMax} characters.`, {
    hint: 'Leave out line breaks and other control characters.',
  });
}

/** An id that no run can have is answered as one that no run has (P2). */
export function parseRunId(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new NotFoundError('run', `(${value === null ? 'null' : typeof value})`);
}

export function parseDeadline(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw new ValidationError('A deadline is a number of ms above 0.');
}

export function parseMessage(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new ValidationError('A message is text.');
}

export function parseReason(value: unknown): string {
  if (typeof value === 'string') return clip(value, limits.reasonCharsMax);
  throw new ValidationError('The reason of a cancel is text.');
}

/** What a body says of an approval, as it is journaled. */
export function parseApproval(value: unknown): Extract<WaitFor, { readonly kind: 'approval' }> {
  const { prompt, role } = parseOptions(value as { prompt?: unknown; role?: unknown }, 'an approval');
  if (typeof prompt !== 'string' || prompt.trim() === '' || prompt.length > limits.promptCharsMax)
    throw new ValidationError(`An approval needs a prompt: a text of 1 to ${limits.promptCharsMax} characters.`, {
      hint: 'ctx.wait(name, { approval: { prompt, role } }).',
    });
  return { kind: 'approval', prompt, ...(role === undefined ? {} : { role: parseId(role, 'role') }) };
}

/** A yes or no, with what there is to say to it. */
export function parseVerdict(value: unknown): { readonly approved: boolean; readonly note?: string } {
  const { approved, note } = parseOptions(value as { approved?: unknown; note?: unknown }, 'an approval');
  if (typeof approved !== 'boolean')
    throw new ValidationError('An approval is decided with { approved: true } or { approved: false }.');
  if (note === undefined) return { approved };
  if (typeof note !== 'string') throw new ValidationError('The note to a decision is text.');
  return { approved, note: clip(note, limits.reasonCharsMax) };
}

const decisions: ReadonlySet<unknown> = new Set<Doubt>(['happened', 'did-not-happen', 'give-up']);

export function parseDecision(value: unknown): Doubt {
  if (decisions.has(value)) return value as Doubt;
  throw new ValidationError(`A decision is one of: ${[...decisions].join(', ')}.`);
}

export function parseCursor(value: unknown): Cursor | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null) {
    const { generation, userSeq } = value as Record<string, unknown>;
    if (typeof generation === 'string' && isPlace(userSeq)) return { generation, userSeq };
  }
  throw new ValidationError('A cursor is { generation, userSeq } as a frame or `head` gave them.');
}

/** The place in a run to read on from. */
export function parseAfter(value: unknown): number {
  if (value === undefined) return 0;
  if (isPlace(value)) return value;
  throw new ValidationError('`after` is the `seq` of an event of the run: a whole number from 0 up.');
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

const statuses: ReadonlySet<unknown> = new Set(runStatuses);

/** How many runs or threads a list has if it says nothing else. */
const listed = 50;

export type RunList = {
  readonly status?: readonly RunStatus[];
  readonly thread?: string;
  readonly before?: number;
  readonly limit?: number;
};

/** Which threads a list has. `before` is the `activeUserSeq` of the last one of the page before. */
export type ThreadList = { readonly search?: string; readonly before?: number; readonly limit?: number };

export function parseThreadList({ search, before, limit = listed }: ThreadList): ThreadQuery {
  if (search !== undefined && typeof search !== 'string') throw new ValidationError('`search` is text.');
  if (!isPlace(limit) || limit === 0) throw new ValidationError('`limit` is a whole number from 1 up.');
  if (before !== undefined && !isPlace(before))
    throw new ValidationError('`before` is the `activeUserSeq` of a thread: a whole number from 0 up.');
  return {
    limit: Math.min(limit, limits.readPageEvents),
    ...(search === undefined || search === '' ? {} : { search: search.slice(0, limits.titleCharsMax) }),
    ...(before === undefined ? {} : { before }),
  };
}

export function parseRunList(list: RunList): RunQuery {
  const { status, thread, before, limit = listed } = list;
  if (status !== undefined && !(Array.isArray(status) && status.every((one) => statuses.has(one))))
    throw new ValidationError(`\`status\` is a list of: ${[...statuses].join(', ')}.`);
  if (!isPlace(limit) || limit === 0) throw new ValidationError('`limit` is a whole number from 1 up.');
  if (before !== undefined && !isPlace(before))
    throw new ValidationError('`before` is the `firstUserSeq` of a run: a whole number from 0 up.');
  return {
    limit: Math.min(limit, limits.readPageEvents),
    ...(status === undefined ? {} : { status }),
    ...(thread === undefined ? {} : { thread: parseId(thread, 'thread') }),
    ...(before === undefined ? {} : { before }),
  };
}
