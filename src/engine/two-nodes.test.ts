/** Two engines on one store: the owner of a user writes, the other sends word through the inbox. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineTool } from '../agents/tool.ts';
import { FencedError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { linkTo, type Cut } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { assertEnded, codeOf, flow, leaseOverMs, runsOf, streamOf } from './crash.fixture.ts';
import { eventsOf, journalOf, linesOf } from './run.fixture.ts';

const lost = defineTool({
  name: 'lost',
  description: 'Is lost.',
  effect: 'once',
  input: z.null(),
  run: () => Promise.reject(new Error('reset')),
});

const workflow = flow('flow', async (ctx) => {
  const got = await ctx.wait('w', { signal: 'go', schema: z.number() });
  const doubt = await ctx.tool(lost, null);
  return ctx.step('end', () => [got.expired ? null : got.value, doubt]);
});

const user = 'alice';

async function twoNodes(cut?: Cut) {
  const clock = new SimClock();
  const store = memory({ clock });
  const links = [linkTo(store, cut), linkTo(store)] as const;
  const [a, b] = [
    await createTestEngine({ store: links[0], clock, workflows: [workflow], seed: 1 }),
    await createTestEngine({ store: links[1], clock, workflows: [workflow], seed: 2 }),
  ];
  return { clock, store, links, a: a.engine.as({ user }), b: b.engine.as({ user }), engines: [a.engine, b.engine] };
}

describe('a user owned by another node', () => {
  it('is started, told, decided for and watched through the inbox, each answered once', async () => {
    const { a, b, clock, store } = await twoNodes();
    const first = await a.start(workflow, 1);
    const second = await b.start(workflow, 2, { key: 'k' });
    assert.equal((await b.start(workflow, 2, { key: 'k' })).id, second.id);
    await clock.settle();
    const there = await b.run(first.id);
    await there.signal('go', 7);
    await clock.settle();
    await there.decide('lost', 'happened', 'ok');
    assert.deepEqual(await there.result(), { status: 'completed', output: [7, 'ok'] });
    assert.deepEqual(await first.result(), { status: 'completed', output: [7, 'ok'] });
    await second.cancel('enough');
    assert.deepEqual(await second.result(), { status: 'cancelled', reason: 'enough' });
    assert.deepEqual(await journalOf(there), await journalOf(first), 'both read one journal');
    assert.deepEqual(await store.inbox('main', user), []);
    const answers = eventsOf(await streamOf(store, user), 'note').filter(({ data }) => data.code === 'answered');
    const entries = answers.map(({ data }) => (data.data as { entry: string }).entry);
    assert.equal(entries.length, 5);
    assert.equal(new Set(entries).size, 5);
    for (const events of (await runsOf(store, user)).values()) assertEnded(events);
  });

  it('refuses through the inbox with the same errors as at home (B2)', async () => {
    const { a, b, clock, store } = await twoNodes();
    const run = await a.start(workflow, 1, { key: 'k' });
    await clock.settle();
    const there = await b.run(run.id);
    for (const [door, handle] of [
      [a, run],
      [b, there],
    ] as const) {
      assert.equal(await codeOf(handle.signal('go', 'no number')), 'invalid_input');
      assert.equal(await codeOf(handle.decide('nothing', 'give-up')), 'conflict');
      assert.equal(await codeOf(door.start(workflow, 'other', { key: 'k' })), 'conflict');
      assert.equal(await codeOf(door.run('unknown')), 'not_found');
    }
    await there.cancel();
    await run.result();
    assert.equal(await codeOf(there.signal('go', 1)), 'conflict');
    await there.cancel('over already');
    assert.deepEqual(await store.inbox('main', user), []);
  });

  it('is started though the word that something is in the inbox was lost (B4)', async () => {
    const { a, b, clock, links, store } = await twoNodes();
    const first = await a.start(workflow, 1);
    await clock.settle();
    links[0].freeze();
    const starting = b.start(workflow, 2);
    await clock.settle();
    links[0].thaw();
    await clock.advance(2 * limits.leaseRenewMs);
    assert.deepEqual(await store.inbox('main', user), []);
    const second = await starting;
    assert.notEqual(second.id, first.id);
    for (const run of [first, second]) await run.cancel();
  });

  it('has a command done and answered in one commit, so that a crash between is none (B1)', async () => {
    const { a, b, clock, store, links } = await twoNodes();
    const run = await a.start(workflow, 1);
    await clock.settle();
    const there = await b.run(run.id);
    const commits: string[][] = [];
    links[0].intercept((batches) => {
      commits.push(
        batches.flatMap(({ events, inboxTaken }) => [
          ...events.map(({ type }) => type),
          ...inboxTaken.map(() => 'taken'),
        ]),
      );
      return store.append(batches);
    });
    await there.signal('go', 7);
    await clock.settle();
    await there.decide('lost', 'happened', 1);
    await there.result();
    for (const type of ['signal.received', 'doubt.decided']) {
      const commit = commits.find((types) => types.includes(type));
      assert.ok(commit?.includes('note') && commit.includes('taken'), `${type}: ${commit?.join(', ')}`);
    }
  });
});

describe('a node that is frozen in the middle of a flush', () => {
  it('is fenced when it thaws; who waited there is told, and the other ends the run (P5)', async () => {
    for (const append of [2, 3]) {
      const { a, b, clock, store, links } = await twoNodes({ append, when: 'before' });
      const here = await a.start(workflow, 1);
      await clock.settle();
      if (!links[0].cut) here.signal('go', 7).catch(() => undefined);
      await clock.settle();
      assert.ok(links[0].cut);
      const told = assert.rejects(here.result(), FencedError);
      await clock.advance(leaseOverMs);
      const there = await b.run(here.id);
      await there.signal('go', 8, { key: 'k' });
      await clock.settle();
      const before = await store.head('main', user);
      links[0].thaw();
      await told;
      await clock.settle();
      assert.deepEqual(await store.head('main', user), before, 'nothing was written late');
      await there.decide('lost', 'happened', 'ok');
      assert.deepEqual(await there.result(), { status: 'completed', output: [8, 'ok'] });
      const again = await a.run(here.id);
      assert.deepEqual(await again.result(), { status: 'completed', output: [8, 'ok'] });
      assert.deepEqual(linesOf(await journalOf(again)), linesOf(await journalOf(there)));
      for (const events of (await runsOf(store, user)).values()) assertEnded(events);
    }
  });

  it('with nothing to write is told by its lease that its users are gone (O3)', async () => {
    const { a, b, clock, links } = await twoNodes();
    const here = await a.start(workflow, 1);
    await clock.settle();
    const told = codeOf(here.result());
    links[0].freeze();
    await clock.advance(leaseOverMs);
    const there = await b.run(here.id);
    await there.cancel('enough');
    assert.equal((await there.result()).status, 'cancelled');
    links[0].thaw();
    await clock.advance(2 * limits.leaseRenewMs);
    assert.equal(await Promise.race([told, clock.settle()]), 'fenced');
  });
});

describe('a command that comes while a user is taken over', () => {
  it('waits until the runs are there (O1)', async () => {
    const { a, b, clock, links, store } = await twoNodes();
    const run = await a.start(workflow, 1);
    await clock.settle();
    links[0].freeze();
    const gate = Promise.withResolvers<void>();
    const runs = links[1].runs.bind(links[1]);
    links[1].runs = async (...args) => {
      await gate.promise;
      return runs(...args);
    };
    await clock.advance(leaseOverMs);
    const there = await b.run(run.id);
    const told = codeOf(there.signal('go', 7));
    await clock.settle();
    gate.resolve();
    assert.equal(await told, 'none');
    assert.ok((await streamOf(store, user)).some(({ type }) => type === 'signal.received'));
  });
});
