/** Readers of a user's stream: no hole and no event twice, whatever the store's hints do and whenever a reader comes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { defineWorkflow } from '../agents/workflow.ts';
import { systemClock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { Commit, Cursor, Page, ReadOptions, Store } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { Feeds, type Frame } from './feed.ts';
import { journalOf, storeWith, until } from './run.fixture.ts';

/** The part of a store that a feed looks at, with hints that come late, never, or without their events. */
class WildStore {
  events: JournalEvent[] = [];
  listeners = new Set<(commit: Commit) => void>();
  hints: Commit[] = [];
  reads = 0;

  commit(count: number, hint: 'now' | 'later' | 'lost', bare: boolean): void {
    const from = this.events.length + 1;
    for (let n = 0; n < count; n++) this.events.push({ userSeq: this.events.length + 1, run: 'r' } as JournalEvent);
    const commit: Commit = { from, to: this.events.length, ...(bare ? {} : { events: this.events.slice(from - 1) }) };
    if (hint !== 'lost') this.hints.push(commit);
    if (hint === 'now') this.tell();
  }

  tell(): void {
    for (const commit of this.hints.splice(0)) for (const listener of this.listeners) listener(commit);
  }

  get store(): Store {
    return storeWith(memory(), {
      head: async (): Promise<Cursor> => ({ generation: 'g', userSeq: this.events.length }),
      read: async (_tenant: string, _user: string, { after, limit }: ReadOptions): Promise<Page> => {
        this.reads++;
        const events = this.events.slice(after, after + limit);
        const head = { generation: 'g', userSeq: this.events.length };
        return { events, skipped: [], next: after + events.length, head };
      },
      subscribe: (_tenant: string, _user: string, listener: (commit: Commit) => void) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    });
  }
}

const turn = (): Promise<void> => new Promise((resolve) => systemClock.soon(resolve));

type Reader = { seen: number[]; readonly stop: AbortController; done: Promise<void>; from: number };

function read(feeds: Feeds, after: number): Reader {
  const stop = new AbortController();
  const reader: Reader = { seen: [], stop, done: Promise.resolve(), from: after };
  reader.done = (async () => {
    let at = after;
    for await (const frame of feeds.frames('t', 'u', after, { signal: stop.signal })) {
      assert.equal(frame.from, at + 1, 'frames follow one another');
      at = frame.to;
      reader.seen.push(...frame.events.map(({ userSeq }) => userSeq));
    }
  })();
  return reader;
}

type Step =
  | { readonly do: 'commit'; readonly count: number; readonly hint: 'now' | 'later' | 'lost'; readonly bare: boolean }
  | { readonly do: 'tell' | 'start' | 'stop' | 'turn' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('commit' as const),
      count: fc.integer({ min: 1, max: 4 }),
      hint: fc.constantFrom('now', 'later', 'lost'),
      bare: fc.boolean(),
    }),
    fc.record({ do: fc.constantFrom('tell' as const, 'start' as const, 'stop' as const, 'turn' as const) }),
  ),
  { maxLength: 40 },
);

describe('a reader', () => {
  it('has each event once and in order, whatever is committed, told, begun and stopped meanwhile (F2)', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.infiniteStream(fc.nat()), async (script, picks) => {
        const wild = new WildStore();
        const feeds = new Feeds(wild.store);
        const readers: Reader[] = [];
        const running = new Set<Reader>();
        for (const step of script) {
          const pick = picks.next().value;
          if (step.do === 'commit') wild.commit(step.count, step.hint, step.bare);
          else if (step.do === 'tell') wild.tell();
          else if (step.do === 'turn') await turn();
          else if (step.do === 'start') {
            // Anew, or where one that was stopped had come to.
            const before = readers[pick % (readers.length + 1)];
            const from = before === undefined || running.has(before) ? 0 : before.from + before.seen.length;
            const reader = read(feeds, Math.min(from, wild.events.length));
            readers.push(reader);
            running.add(reader);
          } else {
            const reader = [...running][pick % Math.max(1, running.size)];
            if (reader === undefined) continue;
            running.delete(reader);
            reader.stop.abort();
            await reader.done;
          }
        }
        // A last hint that is not lost brings everybody to the head.
        wild.commit(1, 'now', false);
        for (let turns = 0; turns < 30; turns++) await turn();
        for (const { seen, from } of readers)
          assert.deepEqual(
            seen,
            Array.from(seen, (_, index) => from + index + 1),
          );
        for (const { seen, from } of running) assert.equal(from + seen.length, wild.events.length);
        for (const reader of running) reader.stop.abort();
        await Promise.all(readers.map(({ done }) => done));
        assert.equal(wild.listeners.size, 0, 'nobody listens for readers that are gone');
      }),
      { numRuns: 200 },
    );
  });

  it('that keeps up reads nothing from the store, and one that is slow does (F1)', async () => {
    const wild = new WildStore();
    const feeds = new Feeds(wild.store);
    const stop = new AbortController();
    const slow = feeds.frames('t', 'u', 0, { signal: stop.signal });
    const quick = read(feeds, 0);
    const begun = slow.next();
    await turn();
    wild.commit(1, 'now', false);
    await begun;
    for (let n = 0; n < limits.feedEventsKept + 10; n++) {
      wild.commit(1, 'now', false);
      await turn();
    }
    assert.equal(quick.seen.length, wild.events.length);
    assert.equal(wild.reads, 0);
    const places: number[] = [];
    while (places.length < wild.events.length - 1) {
      const { value } = (await slow.next()) as { value: Frame };
      places.push(...value.events.map(({ userSeq }) => userSeq));
    }
    assert.ok(wild.reads > 0);
    assert.deepEqual(
      places,
      Array.from(places, (_, index) => index + 2),
    );
    stop.abort();
    quick.stop.abort();
    await quick.done;
  });

  it('ends when its signal aborts, while it waits and before it begins, and when the feeds close', async () => {
    const feeds = new Feeds(new WildStore().store);
    const waiting = read(feeds, 0);
    await turn();
    waiting.stop.abort();
    await waiting.done;
    const early = new AbortController();
    early.abort();
    assert.deepEqual(await feeds.frames('t', 'u', 0, { signal: early.signal }).next(), {
      value: undefined,
      done: true,
    });
    const open = read(feeds, 0);
    await turn();
    feeds.close();
    await open.done;
  });
});

const talk = defineWorkflow({
  name: 'talk',
  version: 1,
  input: z.number(),
  run: async (ctx, steps_) => {
    for (let n = 0; n < steps_; n++) await ctx.step('say', () => n, { key: String(n) });
    return steps_;
  },
});

async function drain(frames: AsyncIterable<Frame>, to: number): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames) {
    all.push(frame);
    if (frame.to >= to) return all;
  }
  return all;
}

describe('the frames of a door', () => {
  it('go on from any cursor, with what is behind it and nothing else', async () => {
    const { engine } = await createTestEngine({ workflows: [talk] });
    const alice = engine.as({ user: 'alice' });
    await (await alice.start(talk, 3)).result();
    const head = await alice.head();
    for (let userSeq = 0; userSeq < head.userSeq; userSeq++) {
      const frames = await drain(alice.frames({ after: { ...head, userSeq } }), head.userSeq);
      const places = frames.flatMap(({ events }) => events.map((event) => event.userSeq));
      assert.deepEqual(
        places,
        Array.from({ length: head.userSeq - userSeq }, (_, index) => userSeq + index + 1),
      );
      assert.ok(frames.every(({ generation }) => generation === head.generation));
    }
  });

  it('read no event that the store has as a text, and read one of those when it is asked for (V7)', async () => {
    const kept = memory();
    const first = await createTestEngine({ store: kept, workflows: [talk] });
    await (await first.engine.as({ user: 'alice' }).start(talk, 3)).result();
    let asked = 0;
    const store = storeWith(kept, {
      async read(tenant, user, options) {
        const { events, ...page } = await kept.read(tenant, user, options);
        return {
          ...page,
          get events() {
            asked++;
            return events;
          },
          texts: events.map((event) => ({ userSeq: event.userSeq, text: JSON.stringify(event) })),
        };
      },
    });
    const { engine } = await createTestEngine({ store, workflows: [talk], readOnly: true });
    const alice = engine.as({ user: 'alice' });
    const head = await alice.head();
    const frames = await drain(alice.frames(), head.userSeq);
    const texts = frames.flatMap((frame) => frame.texts ?? []);
    assert.deepEqual([texts.length, asked], [head.userSeq, 0]);
    const events = frames.flatMap((frame) => frame.events);
    assert.deepEqual(
      events.map((event) => JSON.stringify(event)),
      texts.map(({ text }) => text),
    );
  });

  it('begin anew for a cursor of another generation, or of what was never written', async () => {
    const { engine } = await createTestEngine({ workflows: [talk] });
    const alice = engine.as({ user: 'alice' });
    await (await alice.start(talk, 1)).result();
    const head = await alice.head();
    for (const after of [
      { generation: 'of another life', userSeq: 3 },
      { ...head, userSeq: head.userSeq + 1 },
    ]) {
      const [first] = await drain(alice.frames({ after }), head.userSeq);
      assert.equal(first?.from, 1);
    }
  });

  it('say what was dropped', async () => {
    const store = memory({ runsKept: 1 });
    const { engine } = await createTestEngine({ workflows: [talk], store });
    const alice = engine.as({ user: 'alice' });
    const first = await alice.start(talk, 2);
    await first.result();
    const second = await alice.start(talk, 1);
    await second.result();
    const head = await alice.head();
    const frames = await drain(alice.frames(), head.userSeq);
    const kept = frames.flatMap(({ events }) => events);
    assert.ok(kept.every(({ run }) => run === second.id));
    const skipped = frames.flatMap((frame) => frame.skipped);
    assert.deepEqual(skipped, [{ from: 1, to: (kept[0]?.userSeq ?? 0) - 1 }]);
    await assert.rejects(alice.run(first.id), { code: 'not_found' });
  });
});

describe('the events of a run', () => {
  it('go on after any of them, to the end', async () => {
    const { engine } = await createTestEngine({ workflows: [talk] });
    const run = await engine.as({ user: 'alice' }).start(talk, 3);
    const all = await journalOf(run);
    for (let after = 0; after <= all.length; after++) {
      const seen: (number | undefined)[] = [];
      for await (const { seq } of run.events({ after })) seen.push(seq);
      assert.deepEqual(
        seen,
        all.slice(after).map(({ seq }) => seq),
      );
    }
  });

  it('are the same for two readers at once, of which one comes late', async () => {
    const { engine } = await createTestEngine({ workflows: [talk] });
    const run = await engine.as({ user: 'alice' }).start(talk, 20);
    const early = journalOf(run);
    await turn();
    const [a, b] = await Promise.all([early, journalOf(run)]);
    assert.deepEqual(a, b);
  });

  it('end in "not found" when the run is dropped while it is read', async () => {
    const store = memory({ runsKept: 1 });
    const { engine, clock } = await createTestEngine({ workflows: [talk], store });
    const alice = engine.as({ user: 'alice' });
    const run = await alice.start(talk, limits.readPageEvents);
    await run.result();
    const events = run.events()[Symbol.asyncIterator]();
    await events.next();
    await (await alice.start(talk, 1)).result();
    await clock.settle();
    const rest = async (): Promise<void> => {
      while ((await events.next()).done !== true);
    };
    await assert.rejects(rest, { code: 'not_found' });
  });

  it('can be let go in the middle by a signal', async () => {
    const { engine, clock } = await createTestEngine({
      workflows: [
        defineWorkflow({
          name: 'idle',
          version: 1,
          input: z.null(),
          run: (ctx) => ctx.wait('word', { signal: 'word' }),
        }),
      ],
    });
    const run = await engine.as({ user: 'alice' }).start('idle', null);
    const stop = new AbortController();
    let ended = false;
    const reading = (async () => {
      for await (const _ of run.events({ signal: stop.signal }));
      ended = true;
    })();
    await clock.settle();
    assert.equal(ended, false);
    stop.abort();
    await until(() => ended);
    await reading;
    await run.cancel();
  });
});

describe('the readers of a user who is erased', () => {
  it('begin anew in the new generation, whether they wait or are behind, and miss nothing of it (F4)', async () => {
    const { engine, store, clock } = await createTestEngine({ workflows: [talk] });
    const alice = engine.as({ user: 'alice' });
    await (await alice.start(talk, 3)).result();
    const old = await alice.head();
    const seen: Frame[] = [];
    const stop = new AbortController();
    const waiting = (async () => {
      for await (const frame of alice.frames({ signal: stop.signal })) seen.push(frame);
    })();
    const behind = alice.frames({ after: { ...old, userSeq: 1 } })[Symbol.asyncIterator]();
    await behind.next();
    await clock.settle();
    await store.erase('main', 'alice');
    await clock.settle();
    assert.equal(seen.at(-1)?.generation, old.generation, 'nothing new is there yet');
    // The stream of before is fenced at its next word.
    await alice.start(talk, 1).catch(() => undefined);
    await clock.settle();
    await (await alice.start(talk, 1)).result();
    await clock.settle();
    const head = await alice.head();
    assert.notEqual(head.generation, old.generation);
    const anew = seen.filter(({ generation }) => generation === head.generation);
    assert.equal(anew[0]?.from, 1);
    assert.deepEqual(
      anew.flatMap(({ events }) => events.map(({ userSeq }) => userSeq)),
      Array.from({ length: head.userSeq }, (_, index) => index + 1),
    );
    const first = (await behind.next()).value as Frame;
    assert.deepEqual([first.generation, first.from], [head.generation, 1]);
    stop.abort();
    await Promise.all([waiting, behind.return?.()]);
  });

  it('of a run are told that it is not there (F4)', async () => {
    const { engine, store, clock } = await createTestEngine({
      workflows: [
        defineWorkflow({ name: 'idle', version: 1, input: z.null(), run: (ctx) => ctx.wait('w', { signal: 'w' }) }),
      ],
    });
    const run = await engine.as({ user: 'alice' }).start('idle', null);
    let code: string | undefined;
    const reading = journalOf(run).catch((thrown: { code: string }) => (code = thrown.code));
    await clock.settle();
    await store.erase('main', 'alice');
    await clock.settle();
    assert.equal(code, 'not_found');
    await reading;
  });
});
