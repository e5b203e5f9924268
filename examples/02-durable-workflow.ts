/**
 * A workflow that outlives its process. Run it twice: the first time it does its first step and waits for an approval;
 * the second time it goes on from there, without doing the step again.
 *
 *     node --conditions=source examples/02-durable-workflow.ts ./data
 *     node --conditions=source examples/02-durable-workflow.ts ./data
 */
import { createEngine, defineWorkflow, sqlite } from 'cantus';
import { z } from 'zod';

const order = defineWorkflow({
  name: 'order',
  version: 1,
  input: z.object({ item: z.string() }),
  run: async (ctx, { item }) => {
    const price = await ctx.step('price', () => {
      console.log(`Looking up the price of ${item}.`);
      return 42;
    });
    const answer = await ctx.wait('approval', { signal: 'approval', schema: z.object({ by: z.string() }) });
    return answer.expired ? 'Nobody approved.' : `${item} for ${price}, approved by ${answer.value.by}.`;
  },
});

const engine = await createEngine({ store: sqlite(process.argv[2] ?? './data'), workflows: [order] });
const alice = engine.as({ user: 'alice' });
const [open] = await alice.runs({ status: ['running', 'suspended'] });
if (open === undefined) {
  const run = await alice.start(order, { item: 'a lamp' });
  for await (const { type } of run.events()) if (type === 'run.suspended') break;
  console.log('Waiting for an approval. Run me again.');
} else {
  const run = await alice.run(open.run);
  await run.signal('approval', { by: 'bob' });
  console.log(await run.result());
}
await engine.close();
