/** What the server of the socket bench serves: work whose events are counted or timed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineAgent, defineApp, defineTool, defineWorkflow, toolResults } from '../../src/index.ts';
import { z } from 'zod';
import { pauseMs, sharedMs } from '../process.ts';

/** Two events a step, the pair of about 400 bytes as text. */
export const writer = defineWorkflow({
  name: 'writer',
  version: 1,
  input: z.object({ steps: z.number() }),
  run: async (ctx, { steps }) => {
    const one = (n: number): Promise<unknown> => ctx.step('s', () => 'x'.repeat(20), { key: String(n) });
    // Some at once, as they are only made to be there.
    for (let done = 0; done < steps; done += 50)
      await Promise.all(Array.from({ length: Math.min(50, steps - done) }, (_, index) => one(done + index)));
    return null;
  },
});

/** Says what time it is, again and again. The pauses differ, or all users' timers would end together. */
const ticker = defineWorkflow({
  name: 'ticker',
  version: 1,
  input: z.object({ times: z.number(), everyMs: z.number() }),
  run: async (ctx, { times, everyMs }) => {
    for (let n = 0; n < times; n++) {
      await ctx.step('pause', () => sleep(pauseMs(everyMs)), { key: String(n) });
      ctx.note('tick', { at: sharedMs() });
    }
    return null;
  },
});

const add = defineTool({
  name: 'add',
  description: 'Adds two numbers.',
  effect: 'read',
  input: z.object({ a: z.number(), b: z.number() }),
  run: ({ input }) => input.a + input.b,
});

const clerk = defineAgent({ name: 'clerk', instructions: 'Answer briefly.', tools: [add] });

export const app = defineApp({
  name: 'bench',
  default: 'clerk',
  agents: [clerk],
  workflows: [writer, ticker],
  rules: [
    {
      when: (request) => toolResults(request, 'add').length > 0,
      reply: (request) => ({ text: `By rule: that makes ${toolResults(request, 'add')[0]?.content}.` }),
    },
    { reply: () => ({ toolCalls: [{ name: 'add', input: { a: 2, b: 3 } }] }) },
  ],
});
