/** The sockets of a server: what reaches them, in which order, and what ends them. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createEngine, type Engine } from '../engine/create-engine.ts';
import type { Store } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { note, StoreAuthor } from '../testing/store-author.ts';
import { serveDelivery, TestSocket, type DeliveryOptions, type DeliveryServer } from './socket.fixture.ts';

type Place = { readonly server: DeliveryServer; readonly store: Store; readonly engine: Engine };

const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers) await close();
});

async function place(options: DeliveryOptions = {}): Promise<Place> {
  const store = memory();
  const engine = await createEngine({ store, readOnly: true });
  const server = await serveDelivery(engine, options);
  closers.push(async () => {
    await server.close();
    await engine.close();
  });
  return { server, store, engine };
}

const author = (store: Store, user: string): Promise<StoreAuthor> =>
  StoreAuthor.own(store, 'writer', { tenant: 'main', user });

describe('a socket', () => {
  it('says welcome, then what was written, then what is written, each once and in order (FR2)', async () => {
    const { server, store } = await place();
    const alice = await author(store, 'alice');
    await alice.write([note('one'), note('two')]);
    const socket = await new TestSocket(server.port, 'alice').hello('start');
    await socket.until(() => socket.places.length === 2);
    await alice.write([note('three')]);
    await socket.until(() => socket.places.length === 3);
    assert.deepEqual(socket.places, [1, 2, 3]);
    assert.equal(socket.frames[0]?.type, 'welcome');
    assert.equal(socket.find('welcome')?.head.userSeq, 2);
    assert.deepEqual(socket.find('welcome')?.me, { tenant: 'main', user: 'alice', roles: ['member'] });
    await socket.close();
  });
});
