/** What an agent remembers of its thread: the messages of runs that answered, newest first, up to a budget of tokens. */
import type { Json } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import { estimateTokens, type Message } from '../agents/message.ts';
import { outcomeOf } from '../journal/run-state.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Run } from './run.ts';

/** More runs than this are not looked at, however short they are. */
const runsMax = 100;

/** The thread's earlier messages, oldest first. A run has read only what was answered before it was queued. */
export async function threadMessages(run: Run, tokensMax: number): Promise<Message[]> {
  if (run.thread === undefined || tokensMax <= 0) return [];
  const { tenant, user } = run.stream;
  const before = run.stream.rows.get(run.id)?.firstUserSeq;
  const rows = await run.node.store.runs(tenant, user, {
    thread: run.thread,
    status: ['completed', 'degraded'],
    limit: runsMax,
    ...(before === undefined ? {} : { before }),
  });
  const messages: Message[] = [];
  let tokens = 0;
  for (const row of rows) {
    const pair = await messagesOf(run, row);
    tokens += pair.reduce((sum, message) => sum + estimateTokens(message.text.length), 0);
    if (tokens > tokensMax) break;
    messages.unshift(...pair);
  }
  return messages;
}

type Said = Extract<Message, { readonly role: 'user' | 'assistant' }>;

async function messagesOf(run: Run, row: RunRow): Promise<Said[]> {
  const { tenant, user } = run.stream;
  // The question is among the first events of its run, and the answer is the last.
  const first = await run.node.store.read(tenant, user, { after: row.firstUserSeq - 1, run: row.run, limit: 4 });
  const last = await run.node.store.read(tenant, user, { after: row.lastUserSeq - 1, run: row.run, limit: 1 });
  const asked = first.events.find((event) => event.type === 'message.received');
  const ended = last.events[0];
  const outcome = ended === undefined ? undefined : outcomeOf(ended);
  if (asked === undefined || outcome === undefined || !('output' in outcome) || row.continuedAs !== undefined)
    return [];
  return [
    { role: 'user', text: asked.data.text },
    { role: 'assistant', text: answerText(await run.value(outcome.output)) },
  ];
}

/** What a person reads of an answer: text as it is, the `text` of an object, else its JSON. */
export function answerText(output: Json): string {
  if (typeof output === 'string') return output;
  if (isJsonObject(output) && typeof output['text'] === 'string') return output['text'];
  return JSON.stringify(output);
}
