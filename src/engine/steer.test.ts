/** A message that comes while its agent is at work: taken up once, at a place that a re-run finds again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import type { ModelRequest } from '../agents/model.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine, type TestEngineOptions } from '../testing/test-engine.ts';
import { assertEnded, leaseOverMs, runsOf } from './crash.fixture.ts';
import { eventsOf, journalOf, linesOf } from './run.fixture.ts';

const thread = 't';
const alice = { user: 'alice' };

/** What the model was told, without what it said itself. */
const told = ({ messages }: ModelRequest): string[] => messages.flatMap((one) => (one.role === 'user' ? one.text : []));

/** The agent looks once (which takes 5 s), then answers with all that it was told. */
function desk(clock: SimClock, onBusy: 'steer' | 'queue' = 'steer') {
  const look = defineTool({
    name: 'look',
    description: 'Looks.',
    effect: 'read',
    input: z.null(),
    run: () => new Promise((resolve) => void clock.after(5_000, () => resolve('seen'))),
  });
  const clerk = defineAgent({ name: 'clerk', instructions: '', tools: [look], onBusy });
  const script: TestEngineOptions['script'] = (request) =>
    request.messages.at(-1)?.role === 'user' && told(request).length === 1
      ? { toolCalls: [{ name: 'look', input: null }] }
      : `heard ${told(request).join(' + ')}`;
  return { clerk, agents: [clerk], script };
}

async function open(onBusy?: 'steer' | 'queue', more: TestEngineOptions = {}) {
  const clock = new SimClock();
  const { clerk, ...parts } = desk(clock, onBusy);
  return { ...(await createTestEngine({ ...parts, clock, ...more })), clerk };
}

describe('a message to an agent that is at work', () => {
  it('is taken up before its next model call, and answered with what was asked first (SG1)', async () => {
    const { engine, clock, model, store, clerk } = await open();
    const door = engine.as(alice);
    const run = await door.start(clerk, 'one', { thread, key: 'a' });
    await clock.settle();
    const second = await door.start(clerk, 'two', { thread, key: 'b' });
    const third = await door.start(clerk, 'three', { thread });
    assert.notEqual(second.id, run.id);
    await clock.advance(5_000);
    const outcome = { status: 'completed', output: 'heard one + two + three' };
    for (const handle of [run, second, third]) assert.deepEqual(await handle.result(), outcome);
    assert.equal(model.requests.length, 2);
    assert.equal((await second.row()).continuedAs, run.id);
    // The same start again is the same message.
    assert.equal((await door.start(clerk, 'two', { thread, key: 'b' })).id, second.id);
    const events = await journalOf(run);
    assert.deepEqual(
      eventsOf(events, 'agent.steered').map(({ path, data }) => [path, data]),
      [
        ['clerk', { turn: 2, text: 'two', run: second.id }],
        ['clerk', { turn: 2, text: 'three', run: third.id }],
      ],
    );
    const lines = linesOf(events);
    assert.ok(lines.indexOf('agent.steered clerk') > lines.indexOf('tool.completed clerk/look:1-0'));
    assert.ok(lines.indexOf('agent.steered clerk') < lines.lastIndexOf('model.started clerk/model:2'));
    for (const all of (await runsOf(store, 'alice')).values()) assertEnded(all);
  });

  it('has its run when it comes too late, as if it had only been queued (SG4)', async () => {
    const { engine, clock, clerk } = await open();
    const door = engine.as(alice);
    const run = await door.start(clerk, 'one', { thread });
    await clock.settle();
    await run.cancel('enough');
    const second = await door.start(clerk, 'two', { thread });
    await clock.advance(20_000);
    assert.equal((await run.result()).status, 'cancelled');
    assert.deepEqual(await second.result(), { status: 'completed', output: 'heard two' });
    assert.equal((await second.row()).continuedAs, undefined);
  });

  it('waits for its turn unless the agent is to be steered', async () => {
    const { engine, clock, clerk } = await open('queue');
    const door = engine.as(alice);
    const run = await door.start(clerk, 'one', { thread });
    await clock.settle();
    const second = await door.start(clerk, 'two', { thread });
    await clock.advance(20_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: 'heard one' });
    assert.deepEqual(await second.result(), { status: 'completed', output: 'heard one + two' });
  });

  it('is taken up by no run of another thread, of other roles, or with something else before it (SG3)', async () => {
    const { engine, clock, clerk } = await open();
    const door = engine.as(alice);
    const run = await door.start(clerk, 'one', { thread });
    await clock.settle();
    const elsewhere = await door.start(clerk, 'elsewhere', { thread: 'u' });
    const asBoss = await engine.as({ user: 'alice', roles: ['boss'] }).start(clerk, 'as boss', { thread });
    const behind = await door.start(clerk, 'behind', { thread });
    const ofBob = await engine.as({ user: 'bob' }).start(clerk, 'of bob', { thread });
    await clock.advance(60_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: 'heard one' });
    for (const handle of [elsewhere, asBoss, behind, ofBob]) {
      assert.equal((await handle.result()).status, 'completed');
      assert.equal((await handle.row()).continuedAs, undefined);
    }
  });

  it('is remembered of the thread where it was answered', async () => {
    const { engine, clock, clerk, model } = await open();
    const door = engine.as(alice);
    await door.start(clerk, 'one', { thread });
    await clock.settle();
    await door.start(clerk, 'two', { thread });
    await clock.advance(5_000);
    const later = await door.start(clerk, 'later', { thread });
    await clock.advance(20_000);
    await later.result();
    const texts = model.requests.at(-1)?.messages.map((one) => (one.role === 'tool' ? '' : one.text));
    assert.deepEqual(texts?.slice(0, 4), ['one', 'two', 'heard one + two', 'later']);
  });

  it('is answered once wherever its node crashes, and a re-run asks the model the same (SG2)', async () => {
    let steered = 0;
    for (let append = 2; append <= 14; append++) {
      const clock = new SimClock();
      const store = memory({ clock });
      const { clerk, ...parts } = desk(clock);
      const link = linkTo(store, { append, when: append % 2 === 0 ? 'before' : 'after' });
      const first = await createTestEngine({ ...parts, clock, store: link });
      const begin = async (engine: typeof first.engine): Promise<readonly [string, string]> => {
        const door = engine.as(alice);
        const run = await door.start(clerk, 'one', { thread, key: 'a' });
        await clock.settle();
        const second = await door.start(clerk, 'two', { thread, key: 'b' });
        return [run.id, second.id];
      };
      void begin(first.engine).catch(() => undefined);
      await clock.advance(leaseOverMs);
      link.freeze();
      await clock.advance(leaseOverMs);
      const { engine, model } = await createTestEngine({ ...parts, clock, store, seed: 2 });
      const [one, two] = await begin(engine);
      await clock.advance(60_000);
      const handles = await Promise.all([one, two].map((id) => engine.as(alice).run(id)));
      const answers = await Promise.all(handles.map((handle) => handle.result()));
      assert.deepEqual(answers[1], { status: 'completed', output: 'heard one + two' }, `crash at ${append}`);
      const journals = await runsOf(store, 'alice');
      for (const events of journals.values()) assertEnded(events);
      const taken = eventsOf(journals.get(one) ?? [], 'agent.steered');
      const isSteered = (await handles[1]?.row())?.continuedAs === one;
      assert.equal(taken.length, isSteered ? 1 : 0, `crash at ${append}`);
      steered += isSteered ? 1 : 0;
      if (isSteered) assert.deepEqual(answers[0], answers[1]);
      // What the model is asked anew after the crash holds what was taken up before it.
      for (const request of model.requests)
        if (isSteered && request.messages.length > 2) assert.deepEqual(told(request), ['one', 'two']);
      await engine.close();
    }
    assert.ok(steered > 5, 'some crashes fall into a run that was steered');
  });
});
