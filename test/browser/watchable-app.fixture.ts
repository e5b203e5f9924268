/**
 * An app whose runs go on only when a test says so: each waits for a file with its name in its folder. It does all that
 * a run can come to: answers, degrades, fails, waits, comes into doubt, streams text, and says what is not to be trusted.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lets what waits for this name go on. */
export function letGo(folder: string, name: string): void {
  writeFileSync(join(folder, name), '');
}

/** Text that would be a script, an image or a link if a page believed it. `canary.invalid` is asked for by none. */
export const hostile =
  '<script>window.wasRun = true</script>\n\n<img src=x onerror="window.wasRun = true">\n\n' +
  '![a picture](https://canary.invalid/i.png) and [a link](javascript:window.wasRun=true)\n\n' +
  '<iframe src="https://canary.invalid/"></iframe>';

/** How many words `talker` says before it waits, and after. */
export const wordsSaid = { before: 60, after: 60 } as const;

export const watchableApp = `
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineAgent, defineApp, defineTool, defineWorkflow, ValidationError, lastUserText, toolResults } from 'cantus';
import { z } from 'zod';

const until = async (name: string, signal: AbortSignal) => {
  while (!existsSync(name)) await sleep(10, undefined, { signal });
};
const input = z.object({ question: z.string() });
const usage = { inputTokens: 10, outputTokens: 20 };
const words = (count: number, from: number) => Array.from({ length: count }, (_, at) => 'word' + (from + at) + ' ');

const model = {
  id: 'scripted-1', provider: 'test', kind: 'scripted' as const,
  async *stream(request: any, { signal }: { signal: AbortSignal }) {
    const asked = lastUserText(request);
    if (request.agent === 'clerk' && toolResults(request, 'look').length === 0) {
      yield { type: 'tool-call' as const, id: 'c1', name: 'look', input: JSON.stringify({ at: asked.slice(0, 40) }) };
      yield { type: 'finish' as const, reason: 'tool-calls' as const, usage };
      return;
    }
    for (const word of words(${wordsSaid.before}, 0)) { yield { type: 'text' as const, text: word }; await sleep(5, undefined, { signal }); }
    if (request.agent === 'talker') await until('talk', signal);
    for (const word of words(${wordsSaid.after}, ${wordsSaid.before})) { yield { type: 'text' as const, text: word }; await sleep(5, undefined, { signal }); }
    if (request.agent === 'talker') yield { type: 'text' as const, text: '\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |\\n\\nThe end.' };
    yield { type: 'finish' as const, reason: 'stop' as const, usage };
  },
};

const look = defineTool({
  name: 'look', description: 'Looks.', effect: 'read', input: z.object({ at: z.string() }),
  run: ({ input }) => ({ saw: input.at, found: 42 }),
});
const trick = defineTool({
  name: 'trick', description: 'Says what a page must not believe.', effect: 'read', input: z.object({}),
  run: () => ({ text: ${JSON.stringify(hostile)} }),
});
const pay = defineTool({
  name: 'pay', description: 'Pays.', effect: 'once', input: z.object({ sum: z.number() }),
  run: async ({ signal }) => { await until('paid', signal); return { receipt: 'r-1' }; },
});
const clerk = defineAgent({ name: 'clerk', instructions: 'Look.', tools: [look] });
const talker = defineAgent({ name: 'talker', instructions: 'Talk.' });

const work = defineWorkflow({
  name: 'work', version: 1, input,
  run: async (ctx, { question }) => {
    for (const at of [1, 2, 3]) await ctx.step('before', () => at, { key: String(at) });
    const said = await ctx.agent(clerk, question);
    await ctx.step('hold', async ({ signal }) => { await until('go', signal); return 'gone'; });
    for (let at = 0; at < 20; at++) await ctx.step('after', async () => { await sleep(20); return at; }, { key: String(at) });
    return { text: '# Report on ' + question + '\\n\\nIt rests on ' + said.calls.length + ' call.' };
  },
});
const approve = defineWorkflow({
  name: 'approve', version: 1, input,
  run: async (ctx) => ({ text: 'You said ' + JSON.stringify(await ctx.wait('approval', { signal: 'approve' })) }),
});
const charge = defineWorkflow({
  name: 'charge', version: 1, input,
  run: async (ctx) => ({ text: 'Paid: ' + JSON.stringify(await ctx.tool(pay, { sum: 12 })) }),
});
const poor = defineWorkflow({
  name: 'poor', version: 1, input,
  run: async (ctx) => { ctx.degrade('the archive was closed'); return { text: 'Half an answer.' }; },
});
const broken = defineWorkflow({
  name: 'broken', version: 1, input,
  run: async () => { throw new ValidationError('There is nothing to count.', { hint: 'Give it something.' }); },
});
const tricky = defineWorkflow({
  name: 'tricky', version: 1, input,
  run: async (ctx) => ({ text: (await ctx.tool(trick, {}) as { text: string }).text }),
});
const long = defineWorkflow({
  name: 'long', version: 1, input,
  run: async (ctx) => {
    for (let at = 0; at < 4_990; at++) await ctx.step('count', () => at, { key: String(at) });
    await ctx.step('hold', async ({ signal }) => { await until('counted', signal); return 1; });
    return { text: 'Counted.' };
  },
});

export const app = defineApp({
  name: 'watchable',
  description: 'Does what it is told to.',
  default: 'work',
  samples: ['What is there?'],
  models: { default: model },
  agents: [clerk, talker],
  workflows: [work, approve, charge, poor, broken, tricky, long],
  render: (output) => typeof output === 'string' ? output : (output as { text: string }).text,
});
`;
