/** Streamed text on its way into the journal: how often, how much, and never ahead of the store. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineAgent } from '../agents/agent.ts';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { scripted } from '../testing/scripted.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { Deltas } from './deltas.ts';
import { eventsOf, journalOf, storeWith } from './run.fixture.ts';

function recorded(durable: () => Promise<void> = async () => undefined) {
  const clock = new SimClock({ passMs: 0 });
  const told: [number, string][] = [];
  const deltas = new Deltas(clock, (text) => {
    told.push([clock.monotonic(), text]);
    return durable();
  });
  return { clock, told, deltas };
}

describe('a streamed text', () => {
  it('is told at once, and then every 50 ms with all that came', async () => {
    const { clock, told, deltas } = recorded();
    for (const piece of 'abcdefghijklm') {
      deltas.add(piece);
      await clock.advance(10);
    }
    await clock.advance(50);
    assert.deepEqual(told, [
      [0, 'a'],
      [50, 'bcde'],
      [100, 'fghij'],
      [150, 'klm'],
    ]);
  });

  it('is told earlier when much has come', async () => {
    const { clock, told, deltas } = recorded();
    deltas.add('a');
    await clock.advance(1);
    deltas.add('b'.repeat(limits.deltaCharsMax - 1));
    await clock.advance(1);
    deltas.add('c');
    await clock.advance(1);
    assert.deepEqual(
      told.map(([at, text]) => [at, text.length]),
      [
        [0, 1],
        [2, limits.deltaCharsMax],
      ],
    );
  });

  it('is not told again before the last piece is in the store, however slow that is', async () => {
    let open: () => void = () => undefined;
    const { clock, told, deltas } = recorded(() => new Promise((resolve) => (open = resolve)));
    deltas.add('a');
    for (const piece of 'bcd') {
      await clock.advance(200);
      deltas.add(piece.repeat(limits.deltaCharsMax));
    }
    assert.equal(told.length, 1);
    open();
    await clock.settle();
    assert.deepEqual(
      told.map(([, text]) => text.length),
      [1, 3 * limits.deltaCharsMax],
    );
  });

  it('is not told any more after its end, nor after the journal was lost', async () => {
    const ended = recorded();
    ended.deltas.add('a');
    await ended.clock.advance(1);
    ended.deltas.add('b');
    ended.deltas.end();
    ended.deltas.add('c');
    await ended.clock.advance(1_000);
    assert.equal(ended.told.length, 1);
    const lost = recorded(() => Promise.reject(new Error('fenced')));
    lost.deltas.add('a');
    await lost.clock.advance(60);
    lost.deltas.add('b');
    await lost.clock.advance(1_000);
    assert.equal(lost.told.length, 1);
  });
});

describe('the deltas of a model call', () => {
  const clerk = defineAgent({ name: 'clerk', instructions: '' });
  const words = Array.from({ length: 200 }, (_, index) => `word${index} `);

  it('are together no more than the text, which is whole at its end', async () => {
    const clock = new SimClock();
    const model = scripted([{ text: words, delayMs: 5 }], { clock });
    const { engine } = await createTestEngine({ agents: [clerk], models: { default: model }, clock });
    const run = await engine.as({ user: 'alice' }).start(clerk, 'Hi');
    await run.result();
    const events = await journalOf(run);
    const deltas = eventsOf(events, 'model.delta');
    const text = words.join('');
    assert.equal(eventsOf(events, 'model.completed')[0]?.data.text, text);
    assert.ok(text.startsWith(deltas.map(({ data }) => data.text).join('')));
    // 1 s of text at one piece every 50 ms, and the first at once.
    assert.ok(deltas.length > 15 && deltas.length <= 22, `${deltas.length} deltas`);
    for (const [index, { at }] of deltas.entries()) {
      const before = deltas[index - 1];
      if (before !== undefined) assert.ok(at - before.at >= limits.deltaEveryMs);
    }
  });

  it('are never more than one in a commit, however slow the store is, and never seen before it', async () => {
    const clock = new SimClock();
    const store = memory({ clock });
    const commits: number[] = [];
    const committed = new Set<number>();
    const slow = storeWith(store, {
      append: async (batches) => {
        await new Promise<void>((resolve) => void clock.after(400, resolve));
        const events = batches.flatMap((batch) => batch.events);
        commits.push(events.filter(({ type }) => type === 'model.delta').length);
        for (const { userSeq } of events) committed.add(userSeq);
        return store.append(batches);
      },
    });
    const model = scripted([{ text: words, delayMs: 10 }], { clock });
    const { engine } = await createTestEngine({ agents: [clerk], models: { default: model }, clock, store: slow });
    const run = await engine.as({ user: 'alice' }).start(clerk, 'Hi');
    for await (const event of run.events()) assert.ok(committed.has(event.userSeq), `${event.type} before its commit`);
    assert.ok(commits.reduce((sum, count) => sum + count, 0) > 3);
    assert.ok(Math.max(...commits) === 1, `deltas per commit: ${commits.join(' ')}`);
  });
});
