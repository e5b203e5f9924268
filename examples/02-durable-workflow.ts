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
// The same key starts once: the second time this is the run of the first.
const run = await alice.start(order, { item: 'a lamp' }, { key: 'order-1' });

for await (const event of run.events()) {
  if (event.type === 'run.suspended') break;
  if (event.type === 'run.resumed') await run.signal('approval', { by: 'bob' }, { key: 'approval-1' });
}
const { status } = await run.state();
console.log(status === 'suspended' ? 'Waiting for an approval. Run me again.' : await run.result());
await engine.close();
