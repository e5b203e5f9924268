/** What an agent remembers of its thread: the messages of runs that answered, newest first, up to a budget of tokens. */
import type { Json } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import { estimateTokens, type Message } from '../agents/message.ts';
import { outcomeOf } from '../journal/run-state.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Run } from './run.ts';

/** More runs than this are not looked at, however short they are. */
const runsMax = 1_000;
const runsAtOnce = 100;

/** The thread's earlier messages, oldest first. A run has read only what was answered before it was queued. */
export async function threadMessages(run: Run, tokensMax: number): Promise<Message[]> {
  if (run.thread === undefined || tokensMax <= 0) return [];
  const messages: Said[] = [];
  let tokens = 0;
  for await (const { said } of talksBefore(run, run.thread)) {
    tokens += said.reduce((sum, message) => sum + estimateTokens(message.text.length), 0);
    if (tokens > tokensMax) break;
    messages.unshift(...said);
  }
  return messages;
}

type Said = Extract<Message, { readonly role: 'user' | 'assistant' }>;

/** What was asked and answered by a run, or by several that went on as one another. `origin`: where the first began. */
type Talk = { readonly origin: number; readonly said: readonly Said[] };

/** The thread's talks that ended well, the newest first by when they were begun. */
async function* talksBefore(run: Run, thread: string): AsyncGenerator<Talk> {
  /** Of several runs the last is come to first: its talk has its turn where the first of them began. */
  const held: Talk[] = [];
  const seen = new Set<string>();
  const taken = new Map<string, readonly Said[]>();
  for await (const row of rowsBefore(run, thread)) {
    yield* takeFrom(held, row.firstUserSeq);
    seen.add(row.run);
    const { continuedAs } = row;
    if (continuedAs !== undefined) {
      // One that an earlier run took up: what it was asked stands before that run's answer.
      if (!seen.has(continuedAs))
        taken.set(continuedAs, [...(await askedAt(run, row.firstUserSeq)), ...(taken.get(continuedAs) ?? [])]);
      continue;
    }
    held.push(...(await talkOf(run, row, taken.get(row.run))));
    held.sort((a, b) => a.origin - b.origin);
    yield* takeFrom(held, row.firstUserSeq);
  }
  yield* takeFrom(held, 0);
}

/** Takes out those that began at this place or behind it, the newest first. `held` has the oldest first. */
function* takeFrom(held: Talk[], place: number): Generator<Talk> {
  for (let last = held.at(-1); last !== undefined && last.origin >= place; last = held.at(-1)) {
    held.pop();
    yield last;
  }
}

/** The thread's runs that ended well, newest first. */
async function* rowsBefore(run: Run, thread: string): AsyncGenerator<RunRow> {
  const { tenant, user } = run.stream;
  let before = run.originUserSeq;
  for (let looked = 0; looked < runsMax; looked += runsAtOnce) {
    const rows = await run.node.store.runs(tenant, user, {
      thread,
      status: ['completed', 'degraded'],
      limit: runsAtOnce,
      ...(before === undefined ? {} : { before }),
    });
    yield* rows;
    before = rows.at(-1)?.firstUserSeq;
    if (rows.length < runsAtOnce) return;
  }
}

/** The talk of the run, if it was asked something. */
async function talkOf(run: Run, row: RunRow, taken: readonly Said[] = []): Promise<Talk[]> {
  const { tenant, user } = run.stream;
  const first = await run.node.store.read(tenant, user, { after: row.firstUserSeq - 1, limit: 1 });
  const [queued] = first.events;
  const origin = (queued?.type === 'run.queued' ? queued.data.originUserSeq : undefined) ?? row.firstUserSeq;
  const asked = await askedAt(run, origin);
  const answer = asked.length === 0 ? undefined : await answerOf(run, row);
  return answer === undefined ? [] : [{ origin, said: [...asked, ...taken, answer] }];
}

/** What the run was asked that began at this place: that is told right behind its beginning. */
async function askedAt(run: Run, place: number): Promise<Said[]> {
  const { tenant, user } = run.stream;
  const { events } = await run.node.store.read(tenant, user, { after: place - 1, limit: 2 });
  const [began, next] = events;
  const isAsked = began?.userSeq === place && next?.type === 'message.received' && next.run === began.run;
  return isAsked ? [{ role: 'user', text: next.data.text }] : [];
}

async function answerOf(run: Run, row: RunRow): Promise<Said | undefined> {
  const { tenant, user } = run.stream;
  const last = await run.node.store.read(tenant, user, { after: row.lastUserSeq - 1, run: row.run, limit: 1 });
  const outcome = last.events[0] === undefined ? undefined : outcomeOf(last.events[0]);
  if (outcome === undefined || !('output' in outcome)) return undefined;
  return { role: 'assistant', text: answerText(await run.value(outcome.output)) };
}

/** What a person reads of an answer: text as it is, the `text` of an object, else its JSON. */
export function answerText(output: Json): string {
  if (typeof output === 'string') return output;
  if (isJsonObject(output) && typeof output['text'] === 'string') return output['text'];
  return JSON.stringify(output);
}
