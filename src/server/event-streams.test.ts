/** Event streams: exact places, and an end that gives everything back. */
import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { after, describe, it } from 'node:test';
import { createEngine } from '../engine/create-engine.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { Store } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { completed, note, queued, StoreAuthor } from '../testing/store-author.ts';
import { serveDelivery, until, type DeliveryOptions, type DeliveryServer } from './socket.fixture.ts';

const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers) await close();
});

async function place(options: DeliveryOptions = {}): Promise<{ server: DeliveryServer; store: Store }> {
  const store = memory();
  const engine = await createEngine({ store, readOnly: true });
  const server = await serveDelivery(engine, options);
  closers.push(async () => {
    await server.close();
    await engine.close();
  });
  return { server, store };
}

const author = (store: Store, user: string): Promise<StoreAuthor> =>
  StoreAuthor.own(store, 'writer', { tenant: 'main', user });

type Item = { readonly id: string; readonly event: string; readonly data: unknown };

/** A client of event streams that keeps what it hears. */
class TestStream {
  response: IncomingMessage | undefined;
  ended = false;
  text = '';
  readonly items: Item[] = [];
  #rest = '';
  readonly #request;
  readonly #watchers = new Set<() => void>();

  constructor({ port }: DeliveryServer, path: string, headers: Readonly<Record<string, string>> = {}) {
    const options = { host: '127.0.0.1', port, path, headers: { authorization: 'bearer alice', ...headers } };
    this.#request = get(options, (response) => {
      this.response = response;
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        this.#take(text);
        this.#tell();
      });
      response.on('close', () => {
        this.ended = true;
        this.#tell();
      });
      this.#tell();
    });
    this.#request.on('error', () => {
      this.ended = true;
      this.#tell();
    });
  }

  get places(): readonly number[] {
    return this.items.flatMap(({ event, data }) => (event === 'message' ? [(data as JournalEvent).userSeq] : []));
  }

  async until(condition: () => boolean): Promise<this> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
      });
    }
    return this;
  }

  /** Blocks that are whole; what is behind the last empty line is kept for the next piece. */
  #take(text: string): void {
    this.text += text;
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      const [id, event] = [fields.get('id') ?? '', fields.get('event') ?? 'message'];
      this.items.push({ id, event, data: JSON.parse(data) as unknown });
    }
  }

  destroy(): void {
    this.#request.destroy();
  }

  #tell(): void {
    for (const wake of this.#watchers) wake();
  }
}

const stream = '/v1/events/stream';

describe("a stream of a user's events", () => {
  it('begins with a snapshot, and goes on exactly behind the last id (ES1)', async () => {
    const { server, store } = await place();
    const alice = await author(store, 'alice');
    await alice.write([queued('open'), note('x')]);
    const { generation } = await store.head('main', 'alice');
    const first = new TestStream(server, stream);
    await first.until(() => first.items.length === 1);
    await alice.write([note('y'), note('z')]);
    await first.until(() => first.places.length === 2);
    const [snapshot] = first.items;
    assert.match(first.response?.headers['content-type'] ?? '', /^text\/event-stream/);
    assert.equal(snapshot?.event, 'snapshot');
    assert.equal(snapshot.id, `${generation}-2`);
    assert.deepEqual(
      (snapshot.data as { open: { run: string }[] }).open.map(({ run }) => run),
      ['open'],
    );
    assert.deepEqual(
      first.items.slice(1).map(({ id }) => id),
      [`${generation}-3`, `${generation}-4`],
    );
    const again = new TestStream(server, `${stream}?after=${generation}-1`, { 'last-event-id': `${generation}-3` });
    await again.until(() => again.places.length === 1);
    assert.deepEqual(again.places, [4], 'the header is newer than the address');
    const all = new TestStream(server, `${stream}?after=start`);
    await all.until(() => all.places.length === 4);
    assert.deepEqual(all.places, [1, 2, 3, 4]);
  });

  it('begins anew when the place is of another generation (ES1)', async () => {
    const { server, store } = await place();
    await (await author(store, 'alice')).write([note('x')]);
    const other = new TestStream(server, `${stream}?after=lost-7`);
    await other.until(() => other.items.length === 1);
    assert.match(JSON.stringify(other.items[0]?.data), /"reason":"generation"/);
  });

  it('refuses what is no cursor', async () => {
    const { server } = await place();
    const wrong = new TestStream(server, `${stream}?after=7`);
    await wrong.until(() => wrong.ended);
    assert.equal(wrong.response?.statusCode, 400);
    assert.equal(server.connections.size, 0);
  });

  it("never has another user's events (P2)", async () => {
    const { server, store } = await place();
    const [alice, bob] = [await author(store, 'alice'), await author(store, 'bob')];
    const forAlice = new TestStream(server, `${stream}?after=start`);
    await forAlice.until(() => forAlice.text !== '');
    await bob.write([note('secret of bob')]);
    await alice.write([note('of alice')]);
    await forAlice.until(() => forAlice.places.length === 1);
    assert.doesNotMatch(forAlice.text, /bob/);
  });

  it('gives its place back when its reader goes away (ES3)', async () => {
    const { server } = await place({ limits: { connectionsPerUserMax: 1 } });
    const first = new TestStream(server, stream);
    await first.until(() => first.items.length === 1);
    const second = new TestStream(server, stream);
    await second.until(() => second.ended);
    assert.equal(second.response?.statusCode, 429);
    first.destroy();
    await until(() => server.connections.size === 0);
    const third = new TestStream(server, stream);
    await third.until(() => third.items.length === 1);
  });

  it('takes no place when only its headers are asked for (ES3)', async () => {
    const { server } = await place();
    const headers = { authorization: 'bearer alice' };
    const answer = await fetch(`http://127.0.0.1:${server.port}${stream}`, { method: 'HEAD', headers });
    assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.equal(server.connections.size, 0);
  });

  it('ends with its login, and says so (ES3, LG2)', async () => {
    const { server } = await place();
    const forAlice = new TestStream(server, stream);
    await forAlice.until(() => forAlice.items.length === 1);
    server.logins.end('bob');
    server.logins.end('alice');
    await forAlice.until(() => forAlice.ended);
    assert.deepEqual(forAlice.items.at(-1), { id: '', event: 'bye', data: { reason: 'login', retryInMs: 0 } });
    await until(() => server.connections.size === 0);
    assert.equal(server.logins.watchers.size, 2, 'only the sockets and their tickets still watch');
  });

  it('ends with the server, and says when to come back (ES3)', async () => {
    const { server } = await place();
    const forAlice = new TestStream(server, stream);
    await forAlice.until(() => forAlice.items.length === 1);
    server.drain();
    await forAlice.until(() => forAlice.ended);
    assert.match(JSON.stringify(forAlice.items.at(-1)?.data), /"reason":"drain"/);
  });

  it('costs what is under way while nothing is taken, and is let go then; nothing is lost (ES2)', async () => {
    const clock = new SimClock();
    const { server, store } = await place({ clock });
    const alice = await author(store, 'alice');
    const slow = new TestStream(server, `${stream}?after=start`);
    await slow.until(() => slow.text !== '');
    slow.response?.pause();
    for (let round = 0; round < 300; round++) await alice.write([note('x'.repeat(100_000))]);
    for (let turn = 0; turn < 50; turn++) await clock.settle();
    assert.equal(server.connections.size, 1);
    await clock.advance(30_000);
    await until(() => server.connections.size === 0);
    slow.response?.resume();
    await slow.until(() => slow.ended);
    const seen = slow.places;
    assert.ok(seen.length < 300, 'not all of it was made for a reader that takes nothing');
    const back = new TestStream(server, stream, { 'last-event-id': slow.items.at(-1)?.id ?? '' });
    await back.until(() => back.places.at(-1) === 300);
    assert.deepEqual(
      [...seen, ...back.places],
      Array.from({ length: 300 }, (_, at) => at + 1),
    );
  });
});

describe("a stream of a run's events", () => {
  it('goes from a seq to the end of the run, and is over then (ES1, ES3)', async () => {
    const { server, store } = await place();
    const alice = await author(store, 'alice');
    await alice.write([queued('r'), note('one', 'r'), note('of the user')]);
    const first = new TestStream(server, '/v1/runs/r/stream');
    await first.until(() => first.items.length === 2);
    await alice.write([completed('r')]);
    await first.until(() => first.ended);
    assert.deepEqual(
      first.items.map(({ id }) => id),
      ['1', '2', '3'],
    );
    const behind = new TestStream(server, '/v1/runs/r/stream', { 'last-event-id': '2' });
    await behind.until(() => behind.ended);
    assert.deepEqual(
      behind.items.map(({ id }) => id),
      ['3'],
    );
    const over = new TestStream(server, '/v1/runs/r/stream', { 'last-event-id': '3' });
    await over.until(() => over.response !== undefined);
    assert.equal(over.response?.statusCode, 204, 'a browser stops asking');
    await until(() => server.connections.size === 0);
  });

  it("answers for another user's run as for none (P2)", async () => {
    const { server, store } = await place();
    await (await author(store, 'bob')).write([queued('of bob')]);
    const answers = await Promise.all(
      ['of%20bob', 'of%20none'].map(async (run) => {
        const response = await fetch(`http://127.0.0.1:${server.port}/v1/runs/${run}/stream`, {
          headers: { authorization: 'bearer alice' },
        });
        return `${response.status} ${(await response.text()).replaceAll(/of (bob|none)/g, 'X')}`;
      }),
    );
    assert.match(answers[0] ?? '', /^404 /);
    assert.equal(answers[0], answers[1]);
  });
});
