/** Values at the edges of an event: too large for one, or looking like the reference to a blob. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { eventsOf, journalOf } from './run.fixture.ts';

const large = 'x'.repeat(limits.eventBytesMax + 1);

describe('a value larger than an event', () => {
  it('is the result of a step, a tool and a run, kept beside the journal', async () => {
    const fetchAll = defineTool({
      name: 'fetch',
      description: 'Fetches.',
      effect: 'read',
      input: z.object({ page: z.string() }),
      run: ({ input }) => input.page,
    });
    const crawl = defineWorkflow({
      name: 'crawl',
      version: 1,
      input: z.string(),
      run: async (ctx, page) => {
        const read = await ctx.tool(fetchAll, { page });
        return ctx.step('keep', () => read);
      },
    });
    const { engine } = await createTestEngine({ workflows: [crawl] });
    const run = await engine.as({ user: 'alice' }).start(crawl, large);
    const outcome = await run.result();
    assert.deepEqual(outcome, { status: 'completed', output: large });
    const events = await journalOf(run);
    assert.ok(events.every((event) => JSON.stringify(event).length < 1_000));
    const reference = eventsOf(events, 'step.completed')[0]?.data.output as { $blob: string; bytes: number };
    assert.equal(await engine.as({ user: 'alice' }).value(reference), large);
  });

  it('ends the run as failed where it is larger than anything that is kept', async () => {
    const flood = defineWorkflow({
      name: 'flood',
      version: 1,
      input: z.null(),
      // JSON writes each of these characters as six.
      run: () => Promise.resolve('\u0001'.repeat(Math.ceil(limits.blobBytesMax / 6))),
    });
    const { engine } = await createTestEngine({ workflows: [flood] });
    const run = await engine.as({ user: 'alice' }).start(flood, null);
    const outcome = await run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'limit_exceeded');
  });

  it('is an answer, which has its text once in the event', async () => {
    const clerk = defineAgent({ name: 'clerk', instructions: '' });
    const text = 'y'.repeat(700_000);
    const { engine } = await createTestEngine({ agents: [clerk], script: [{ text }] });
    const run = await engine.as({ user: 'alice' }).start(clerk, 'Long, please.');
    assert.deepEqual(await run.result(), { status: 'completed', output: text });
    assert.equal(eventsOf(await journalOf(run), 'agent.completed').length, 1);
  });

  it('is refused as a message before anything is told, and the user goes on', async () => {
    const clerk = defineAgent({ name: 'clerk', instructions: '' });
    const { engine } = await createTestEngine({ agents: [clerk], script: ['Hello.'] });
    const alice = engine.as({ user: 'alice' });
    await assert.rejects(alice.start(clerk, large), { code: 'limit_exceeded' });
    assert.deepEqual(await alice.runs(), []);
    assert.equal((await alice.head()).userSeq, 0);
    const run = await alice.start(clerk, 'Hi');
    assert.equal((await run.result()).status, 'completed');
    await journalOf(run);
  });

  it('leaves no gap in the numbers when a note of it is refused', async () => {
    const noisy = defineWorkflow({
      name: 'noisy',
      version: 1,
      input: z.null(),
      run: async (ctx) => {
        assert.throws(() => ctx.note(large), { code: 'limit_exceeded' });
        return ctx.step('next', () => 'done');
      },
    });
    const { engine } = await createTestEngine({ workflows: [noisy] });
    const run = await engine.as({ user: 'alice' }).start(noisy, null);
    assert.deepEqual(await run.result(), { status: 'completed', output: 'done' });
    await journalOf(run);
  });
});

describe('a value that looks like the reference to a blob', () => {
  const fake = { $blob: 'f'.repeat(64), bytes: 7 };
  const echo = defineWorkflow({
    name: 'echo',
    version: 1,
    input: z.unknown(),
    run: (ctx, input) => ctx.step('say', () => input),
  });

  it('is a value like any other, from the input to the end', async () => {
    const { engine, clock, store } = await createTestEngine({ workflows: [echo] });
    const alice = engine.as({ user: 'alice' });
    const run = await alice.start(echo, fake);
    await clock.settle();
    assert.equal((await alice.runs())[0]?.status, 'completed', 'it must end');
    assert.deepEqual(await run.result(), { status: 'completed', output: fake });
    // Read back from the store, by an engine that did not run it.
    await engine.close();
    const again = await createTestEngine({ workflows: [echo], clock, store });
    const read = await again.engine.as({ user: 'alice' }).run(run.id);
    assert.deepEqual(await read.result(), { status: 'completed', output: fake });
  });
});
