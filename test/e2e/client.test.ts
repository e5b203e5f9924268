/** The client with a real server: HTTP, event streams and sockets over loopback. */
import assert from 'node:assert/strict';
import { createServer as createNetServer, connect as connectNet, type Server, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { defineAgent } from '../../src/agents/agent.ts';
import { defineApp } from '../../src/agents/app.ts';
import { defineWorkflow } from '../../src/agents/workflow.ts';
import { connect } from '../../src/client/connect.ts';
import type { Connection, StreamItem } from '../../src/client/connection.ts';
import { createUserState, foldOf, reduce, type UserState } from '../../src/client/user-state.ts';
import { createUserStore, type UserStore } from '../../src/client/user-store.ts';
import { EngineError } from '../../src/core/errors.ts';
import type { JournalEvent } from '../../src/journal/event.ts';
import { foldRun } from '../../src/journal/run-state.ts';
import { createServer } from '../../src/server/create-server.ts';
import { accounts } from '../../src/server/accounts/accounts.ts';
import { developer } from '../../src/server/developer.ts';
import type { LoginSource } from '../../src/server/login.ts';
import { passingFolder } from '../browser/serve.fixture.ts';
import { createTestEngine } from '../../src/testing/test-engine.ts';

const clerk = defineAgent({ name: 'clerk', instructions: 'Answer.' });
const asking = defineWorkflow({
  name: 'asking',
  version: 1,
  input: z.object({}),
  run: async (ctx) => {
    await ctx.step('first', () => 1);
    const told = await ctx.wait('go', { signal: 'go' });
    for (let n = 0; n < 20; n++) await ctx.step('more', () => n, { key: `${n}` });
    return told.expired ? null : told.value;
  },
});

/** Passes bytes on to a port, until it is told to cut every line through it. */
class Cable {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  async open(port: number): Promise<string> {
    this.#server = createNetServer((near) => {
      const far = connectNet(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  cut(): number {
    const { size } = this.#sockets;
    for (const socket of this.#sockets) socket.destroy();
    return size;
  }

  close(): void {
    this.cut();
    this.#server?.close();
  }
}

async function setUp(t: TestContext, script: readonly string[] = [], login: LoginSource = developer({ user: 'ada' })) {
  const folder = passingFolder();
  const { engine } = await createTestEngine({ agents: [clerk], workflows: [asking], script });
  const app = defineApp({ agents: [clerk], workflows: [asking], default: 'clerk' });
  const server = await createServer({
    engine,
    app,
    serves: { agents: [clerk], workflows: [asking] },
    model: { id: 'scripted', kind: 'scripted', why: 'a test' },
    folder: folder.path,
    login,
  });
  const cable = new Cable();
  const url = await cable.open(server.address.port);
  const connections: Connection[] = [];
  t.after(async () => {
    for (const connection of connections) connection.close();
    cable.close();
    await server.close({ graceMs: 0 });
    await engine.close();
    folder.remove();
  });
  const open = (after?: Parameters<typeof connect>[0]['after'], token?: string): Connection => {
    const who = token === undefined ? {} : { token };
    const connection = connect({ url, ...who, ...(after === undefined ? {} : { after }) });
    connections.push(connection);
    return connection;
  };
  return { engine, server, cable, open, url };
}

/** Resolves when `holds` does; it is asked again whenever the state changes under one of the keys. */
function until({ state }: UserStore, holds: () => boolean, ...keys: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const look = (): void => {
      if (!holds()) return;
      for (const stop of stops) stop();
      resolve();
    };
    for (const key of [...keys, 'runs', 'threads', 'connection']) stops.push(state.subscribe(key, look));
    look();
  });
}

async function takeUntil(items: AsyncIterable<StreamItem>, type: StreamItem['type']): Promise<readonly StreamItem[]> {
  const taken: StreamItem[] = [];
  for await (const item of items) {
    taken.push(item);
    if (item.type === type) break;
  }
  return taken;
}

describe('the client with a real server', () => {
  it('starts a run, follows it to its end and reads what became of it', async (t) => {
    const { open } = await setUp(t, ['Five.']);
    const { door } = open();
    const run = await door.start(undefined, 'What is 2 + 3?', { thread: 'sums' });
    const events: JournalEvent[] = [];
    for await (const event of run.events()) events.push(event);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      Array.from(events, (_, index) => index + 1),
    );
    assert.equal(events.at(-1)?.type, 'run.completed');
    assert.deepEqual(await run.result(), { status: 'completed', output: 'Five.' });
    assert.equal((await run.state()).status, 'completed');
    assert.equal((await run.row()).thread, 'sums');
    assert.equal((await run.answer()).markdown, 'Five.');
    assert.equal((await door.runs({ status: ['completed', 'failed'] })).length, 1);
    assert.equal((await door.runs({ status: ['failed'] })).length, 0);
    assert.equal((await door.thread('sums')).title, 'What is 2 + 3?');
    assert.equal((await door.renameThread('sums', 'Sums')).title, 'Sums');
    assert.equal((await door.app()).default, 'clerk');
    assert.equal((await door.me()).user, 'ada');
    assert.equal((await door.upload(new Uint8Array([104, 105]), 'a b.txt')).bytes, 2);
    await door.deleteThread('sums');
    await assert.rejects(door.run(run.id), (thrown) => EngineError.is(thrown) && thrown.code === 'not_found');
  });

  it('starts once for one key, and says in an error what the server said', async (t) => {
    const { open } = await setUp(t, ['a', 'b']);
    const { door } = open();
    const [one, other] = await Promise.all([
      door.start('clerk', 'Hi', { key: 'k' }),
      door.start('clerk', 'Hi', { key: 'k' }),
    ]);
    assert.equal(one.id, other.id);
    await assert.rejects(door.start('clark', 'Hi'), (thrown) => {
      assert.ok(EngineError.is(thrown));
      assert.match(thrown.hint ?? '', /clerk/);
      return true;
    });
  });

  it('misses nothing and repeats nothing when every line to the server is cut again and again', async (t) => {
    const { open, cable, engine } = await setUp(t);
    const connection = open('start');
    const seen: JournalEvent[] = [];
    const reading = (async () => {
      for await (const item of connection.events()) {
        if (!('userSeq' in item)) continue;
        seen.push(item);
        if (item.userSeq % 7 === 0) assert.ok(cable.cut() > 0);
        if (item.type === 'run.completed') break;
      }
    })();
    const run = await connection.door.start('asking', { input: {} });
    const followed: number[] = [];
    const following = (async () => {
      for await (const event of run.events()) followed.push(event.seq ?? 0);
    })();
    await run.signal('go', 'now');
    await Promise.all([reading, following]);
    assert.deepEqual(await run.result(), { status: 'completed', output: 'now' });
    const all: JournalEvent[] = [];
    for await (const event of (await engine.as({ user: 'ada' }).run(run.id)).events()) all.push(event);
    assert.deepEqual(seen, all);
    assert.deepEqual(
      followed,
      all.map(({ seq }) => seq),
    );
    assert.ok(connection.counts.connects > 1);
    assert.equal(connection.counts.gaps, 0);
  });

  it('goes on from a stored cursor as if it had never been away', async (t) => {
    const { open } = await setUp(t, ['a', 'b']);
    const first = open('start');
    const run = await first.door.start('clerk', 'Hi');
    const before = await takeUntil(first.events(), 'run.completed');
    first.close();
    const second = open(JSON.parse(JSON.stringify(first.cursor)) as typeof first.cursor);
    const reading = takeUntil(second.events(), 'run.completed');
    await second.door.start('clerk', 'Again');
    const events = [...before, ...(await reading)].filter((item) => 'userSeq' in item);
    assert.deepEqual(
      events.map(({ userSeq }) => userSeq),
      Array.from(events, (_, index) => index + 1),
    );
    assert.equal(events[0]?.run, run.id);
  });

  it('gives the same frames as the door of the engine, over a cut too', async (t) => {
    const { open, cable } = await setUp(t, ['a']);
    const { door } = open();
    const run = await door.start('clerk', 'Hi');
    await run.result();
    const head = await door.head();
    let at = 0;
    for await (const { from, to, events } of door.frames()) {
      assert.equal(from, at + 1);
      at = to;
      if (at === head.userSeq) cable.cut();
      if (at === head.userSeq) await door.start('clerk', 'Again', { key: 'again' });
      if (events.some(({ userSeq }) => userSeq > head.userSeq)) break;
    }
  });
});

describe('the client with a token', () => {
  it('is its user alone, and is told why when the token is revoked', async (t) => {
    const login = accounts({ folder: undefined });
    t.after(() => login.close?.());
    for (const user of ['ada', 'bob']) await login.addAccount({ user, password: `the password of ${user}` });
    const [adas, bobs] = ['ada', 'bob'].map((user) => login.addToken(user, 'a test'));
    const { open } = await setUp(t, ['a'], login);
    const ada = open('start', adas!.token);
    const run = await ada.door.start('clerk', 'Hi');
    const events = ada.events();
    await takeUntil({ [Symbol.asyncIterator]: () => ({ next: () => events.next() }) }, 'run.completed');
    assert.equal(ada.me?.user, 'ada');
    const bob = open('start', bobs!.token);
    const none = await takeUntil(bob.events(), 'stream.caughtUp');
    assert.equal(none.length, 1);
    await assert.rejects(bob.door.run(run.id), (thrown) => EngineError.is(thrown) && thrown.code === 'not_found');
    login.revokeToken('ada', adas!.id);
    const ended = (async () => {
      for (;;) if ((await events.next()).done === true) return;
    })();
    await assert.rejects(ended, (thrown) => EngineError.is(thrown) && thrown.code === 'login_required');
    const wrong = open('start', 'made-up').events();
    await assert.rejects(wrong.next(), (thrown) => EngineError.is(thrown) && thrown.code === 'login_required');
  });
});

describe("a user's store with a real server", () => {
  it('shows runs that began before it was there, whole, and goes on with them', async (t) => {
    const { open, cable } = await setUp(t);
    const { door } = open();
    const run = await door.start('asking', { input: {} }, { thread: 'talk' });
    for await (const event of run.events()) if (event.type === 'wait.started') break;
    const store = createUserStore(open());
    const key = `run:${run.id}`;
    await until(store, () => store.state.run(run.id)?.complete === true, key);
    await until(store, () => store.state.thread('talk') !== undefined);
    assert.deepEqual(
      store.state.working(run.id).map(({ kind, path }) => [kind, path]),
      [['wait', 'go']],
    );
    cable.cut();
    await run.signal('go', 'now');
    await until(store, () => store.state.run(run.id)?.state?.outcome !== undefined, key);
    await until(store, () => store.state.thread('talk')?.status === 'completed');
    const events: JournalEvent[] = [];
    for await (const event of run.events()) events.push(event);
    assert.deepEqual(store.state.run(run.id)?.events, events);
    assert.deepEqual(store.state.run(run.id)?.state, foldRun(events));
    assert.equal(store.error, undefined);
  });

  it('loads a conversation of before, and forgets it when it is deleted', async (t) => {
    const { open } = await setUp(t, ['a', 'b']);
    const { door } = open();
    await (await door.start('clerk', 'One', { thread: 'talk' })).result();
    await (await door.start('clerk', 'Two', { thread: 'talk' })).result();
    const store = createUserStore(open());
    assert.equal(await store.loadThread('talk'), false);
    assert.deepEqual(
      store.state.runsOf('talk').map(({ complete, state }) => [complete, state?.status]),
      [
        [true, 'completed'],
        [true, 'completed'],
      ],
    );
    await until(store, () => store.state.thread('talk')?.runs === 2);
    await until(store, () => store.state.caughtUp);
    await door.deleteThread('talk');
    await until(store, () => store.state.threads.length === 0 && store.state.runs.length === 0);
  });
});

/** What a user sees of it, as values that can be compared. */
function shown(state: UserState): unknown {
  const runs = state.runs.map(({ run, row, state: fold, complete, events }) => ({ run, row, fold, complete, events }));
  return { threads: state.threads, runs, working: runs.map(({ run }) => state.working(run)) };
}

describe("a user's state", () => {
  it('is the same in whatever stretches the events of real runs come, live and loaded, twice and late', async (t) => {
    const { engine } = await createTestEngine({ agents: [clerk], workflows: [asking], script: ['a', 'b'] });
    t.after(() => engine.close());
    const door = engine.as({ user: 'ada' });
    const waiting = await door.start('asking', {}, { thread: 'one' });
    for (const thread of ['one', 'two'])
      await (await door.start('clerk', 'Hi', { thread: 'two', key: thread })).result();
    await waiting.signal('go', 'now');
    await waiting.result();
    const events: JournalEvent[] = [];
    const { userSeq: head } = await door.head();
    for await (const frame of door.frames()) {
      events.push(...frame.events);
      if (frame.to >= head) break;
    }
    const whole = createUserState();
    for (const event of events) reduce(whole, event);
    assert.equal(whole.runs.length, 3);
    const runIds = [...new Set(events.flatMap(({ run }) => run ?? []))];
    const page = fc.record({
      at: fc.nat(events.length),
      run: fc.constantFrom(...runIds),
      after: fc.nat(events.length),
      count: fc.nat(40),
    });
    fc.assert(
      fc.property(fc.array(page, { maxLength: 12 }), fc.nat(events.length), (pages, begun) => {
        const state = createUserState();
        const load = ({ run, after, count }: (typeof pages)[number], upTo: number): void =>
          foldOf(state).mergeEvents(
            events.filter((event) => event.run === run && event.userSeq <= upTo).slice(after, after + count),
          );
        events.forEach((event, index) => {
          // What is behind the place where the stream was joined is told live; what is before it, in pages alone.
          if (index >= begun) reduce(state, event);
          for (const each of pages) if (each.at === index) load(each, events.length);
        });
        for (const run of runIds) foldOf(state).mergeEvents(events.filter((event) => event.run === run));
        foldOf(state).mergeThreads(whole.threads, events.length);
        assert.deepEqual(shown(state), shown(whole));
      }),
    );
  });
});
