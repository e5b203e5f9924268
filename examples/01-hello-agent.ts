/**
 * An agent with one tool, and everything it does as it happens. It works offline: what answers here is rules, which say
 * so; put `openaiCompatible({ baseUrl, model, apiKey })` in their place to have a language model.
 *
 *     node --conditions=source examples/01-hello-agent.ts
 */
import { createEngine, defineAgent, defineTool, memory, rules, toolResults } from 'cantus';
import { z } from 'zod';

const add = defineTool({
  name: 'add',
  description: 'Adds two numbers.',
  effect: 'read',
  input: z.object({ a: z.number(), b: z.number() }),
  run: ({ input }) => input.a + input.b,
});
const clerk = defineAgent({ name: 'clerk', instructions: 'Answer briefly.', tools: [add] });
const model = rules([
  {
    when: (request) => toolResults(request, 'add').length > 0,
    reply: (request) => ({ text: `By rule: that makes ${toolResults(request, 'add')[0]?.content}.` }),
  },
  { reply: () => ({ toolCalls: [{ name: 'add', input: { a: 2, b: 3 } }] }) },
]);

const engine = await createEngine({ store: memory(), agents: [clerk], models: { default: model } });
const alice = engine.as({ user: 'alice' });
const run = await alice.start(clerk, 'What is 2 + 3?');
for await (const event of run.events()) console.log(event.type, event.path ?? '');
console.log(await run.result());
await engine.close();
