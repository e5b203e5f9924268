/** Who owns a user: epochs (S4), leases (S7), takeover, release; and the inbox, by which others reach the owner. */
import assert from 'node:assert/strict';
import { limits } from '../core/limits.ts';
import type { OwnedUser, Store } from '../journal/store.ts';
import { completed, note, queued, StoreAuthor, wholeRun, type UserName } from './store-author.ts';
import type { StoreCases } from './store.contract.ts';

const ada: UserName = { tenant: 'main', user: 'ada' };
const bob: UserName = { tenant: 'main', user: 'bob' };

async function own(store: Store, node: string, { tenant, user }: UserName): Promise<number | string> {
  const owned = await store.own(node, tenant, user);
  return owned.owned ? owned.epoch : owned.node;
}

function usersOf(taken: readonly OwnedUser[]): string[] {
  return taken.map(({ user }) => user).toSorted();
}

export const ownershipCases: StoreCases = {
  'S4: raises the epoch with every new owner, and keeps it when the owner owns again': async ({ store, advance }) => {
    await store.heartbeat('a');
    assert.equal(await own(store, 'a', ada), 1);
    assert.equal(await own(store, 'a', ada), 1);
    assert.equal(await own(store, 'b', ada), 'a');
    await advance(limits.leaseTtlMs);
    assert.equal(await own(store, 'a', ada), 1, 'nobody else has owned it meanwhile');
    assert.equal(await own(store, 'b', ada), 2);
    await store.release('b', [ada]);
    assert.equal(await own(store, 'b', ada), 3, 'what it gave up it must claim anew');
  },

  "S4: counts each user's epoch apart": async ({ store }) => {
    await store.heartbeat('a');
    assert.equal(await own(store, 'a', ada), 1);
    await store.release('a', [ada]);
    assert.equal(await own(store, 'a', ada), 2);
    assert.equal(await own(store, 'a', bob), 1);
  },

  'S7: a lease runs out on the clock of the store, unless it is renewed before': async ({ store, advance }) => {
    assert.equal(await store.heartbeat('a'), true, 'the first call joins');
    await own(store, 'a', ada);
    await advance(limits.leaseTtlMs - 1);
    assert.equal(await own(store, 'b', ada), 'a');
    assert.equal(await store.heartbeat('a'), true);
    await advance(limits.leaseTtlMs - 1);
    assert.equal(await own(store, 'b', ada), 'a');
    await advance(1);
    assert.equal(await store.heartbeat('a'), false, 'its lease had run out');
    assert.equal(await own(store, 'b', ada), 'a', 'and is renewed now');
    await advance(limits.leaseTtlMs);
    assert.equal(await own(store, 'b', ada), 2);
  },

  'takes over users with open runs or inbox entries and no living owner, and no others': async ({ store, advance }) => {
    const names = ['open', 'ended', 'idle', 'asked', 'living'];
    const [open, ended, , asked, living] = await Promise.all(
      names.map((user) => StoreAuthor.own(store, user === 'living' ? 'c' : 'a', { tenant: 'main', user })),
    );
    await open?.write([queued('run')]);
    await ended?.write([...wholeRun('run'), note('late')]);
    await asked?.write(wholeRun('run'));
    await living?.write([queued('run')]);
    await store.putInbox('main', 'asked', { id: 'entry', at: 1, command: null });
    await store.putInbox('main', 'unknown', { id: 'entry', at: 1, command: null });
    await store.heartbeat('b');
    assert.deepEqual(usersOf(await store.takeover('b', 10)), ['unknown'], 'the others have a living owner');
    await advance(limits.leaseTtlMs - 1);
    await store.heartbeat('b');
    await store.heartbeat('c');
    await advance(1);
    const taken = await store.takeover('b', 10);
    assert.deepEqual(usersOf(taken), ['asked', 'open']);
    const { epoch, head } = taken.find(({ user }) => user === 'open') as OwnedUser;
    assert.deepEqual([epoch, head], [2, await store.head('main', 'open')]);
    assert.deepEqual(await store.takeover('b', 10), []);
    assert.equal(await own(store, 'd', { tenant: 'main', user: 'open' }), 'b');
  },

  'takes over no more users than it is asked to, and the rest the next time': async ({ store, advance }) => {
    for (let user = 0; user < 7; user++) {
      const author = await StoreAuthor.own(store, 'a', { tenant: 'main', user: `user ${user}` });
      await author.write([queued('run')]);
    }
    await advance(limits.leaseTtlMs);
    await store.heartbeat('b');
    const sizes = [];
    for (let round = 0; round < 4; round++) sizes.push((await store.takeover('b', 3)).length);
    assert.deepEqual(sizes, [3, 3, 1, 0]);
  },

  'takes over who is given up again while the rest are still being taken over': async ({ store, advance }) => {
    for (let user = 0; user < 7; user++) {
      const author = await StoreAuthor.own(store, 'a', { tenant: 'main', user: `user ${user}` });
      await author.write([queued('run')]);
    }
    await advance(limits.leaseTtlMs);
    await store.heartbeat('b');
    const first = await store.takeover('b', 3);
    await store.release('b', first.slice(0, 2));
    const later: OwnedUser[] = [];
    for (let round = 0; round < 3; round++) later.push(...(await store.takeover('b', 3)));
    assert.equal(later.length, 6);
    assert.equal(new Set(usersOf([...first, ...later])).size, 7);
  },

  'takes over what came to be without an owner after a takeover that found nobody': async ({ store, advance }) => {
    const bobs = await StoreAuthor.own(store, 'a', bob);
    const adas = await StoreAuthor.own(store, 'b', ada);
    await adas.write([queued('run')]);
    const none = async (): Promise<void> => assert.deepEqual(await store.takeover('b', 10), []);
    await none();
    await store.release('b', [ada]);
    assert.deepEqual(usersOf(await store.takeover('b', 10)), ['ada'], 'a user who was given up');
    await none();
    await store.putInbox('main', 'carol', { id: 'entry', at: 1, command: null });
    assert.deepEqual(usersOf(await store.takeover('b', 10)), ['carol'], 'an entry for a user who is nobody’s');
    await none();
    await store.release('a', [bob]);
    await none();
    // Nobody has claimed bob since, so what is written for him late is not fenced.
    await bobs.write([queued('late')]);
    assert.deepEqual(usersOf(await store.takeover('b', 10)), ['bob'], 'a run of a user who is nobody’s');
    await none();
    await store.release('b', [bob]);
    assert.deepEqual(usersOf(await store.takeover('a', 10)), ['bob']);
    await none();
    await advance(limits.leaseTtlMs - 1);
    await store.heartbeat('b');
    await advance(1);
    assert.deepEqual(usersOf(await store.takeover('b', 10)), ['bob'], 'a user of a node that no longer lives');
  },

  'leaves a user alone whose last open run has ended': async ({ store, advance }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([queued('one'), queued('two')]);
    await author.write([completed('one')]);
    await advance(limits.leaseTtlMs);
    await store.heartbeat('b');
    assert.deepEqual(usersOf(await store.takeover('b', 10)), ['ada']);
    const owner = await StoreAuthor.own(store, 'b', ada);
    const ended = author.part([completed('two')]);
    await store.append([{ ...ended, epoch: owner.epoch }]);
    await advance(limits.leaseTtlMs);
    assert.deepEqual(await store.takeover('c', 10), []);
  },

  'releases the users named, or all users and the lease of the node': async ({ store }) => {
    await store.heartbeat('a');
    for (const name of [ada, bob]) await own(store, 'a', name);
    await store.release('b', [ada]);
    await store.release('b');
    assert.equal(await own(store, 'b', ada), 'a', "a node can't release what is another's");
    await store.release('a', [ada, { tenant: 'main', user: 'unknown' }]);
    assert.equal(await own(store, 'b', ada), 2);
    assert.equal(await own(store, 'b', bob), 'a');
    await store.release('a');
    assert.equal(await own(store, 'b', bob), 2);
    assert.equal(await store.heartbeat('a'), true, 'the lease is gone, so the node joins anew');
  },

  'hands over a released user with open runs at once': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([queued('run')]);
    await store.release('a');
    await store.heartbeat('b');
    assert.deepEqual(usersOf(await store.takeover('b', 10)), ['ada']);
    assert.deepEqual(await author.write([note('late')]), { fenced: [ada] });
  },

  'keeps inbox entries in their order, and takes them in the commit that answers them': async ({ store }) => {
    const entries = ['z', 'a', 'm'].map((id, at) => ({
      id,
      at,
      command: { kind: 'start', text: `"${id}"\n`, n: [at, null] },
    }));
    for (const entry of entries) await store.putInbox('main', 'ada', entry);
    await store.putInbox('main', 'ada', { id: 'a', at: 9, command: 'sent again' });
    assert.deepEqual(await store.inbox('main', 'ada'), entries);
    const author = await StoreAuthor.own(store, 'a', ada);
    await author.write([note('answered')], { inboxTaken: ['a', 'unknown'] });
    assert.deepEqual(
      (await store.inbox('main', 'ada')).map(({ id }) => id),
      ['z', 'm'],
    );
    await author.write([], { inboxTaken: ['z', 'm'] });
    assert.deepEqual(await store.inbox('main', 'ada'), []);
  },

  'tells the node that owns a user of a new inbox entry, and no other': async ({ store }) => {
    const told: string[] = [];
    for (const node of ['a', 'b']) store.watchInbox(node, (tenant, user) => told.push(`${node}: ${tenant}/${user}`));
    const stop = store.watchInbox('a', () => told.push('stopped'));
    stop();
    await StoreAuthor.own(store, 'a', ada);
    await StoreAuthor.own(store, 'b', bob);
    await store.putInbox('main', 'ada', { id: '1', at: 1, command: null });
    await store.putInbox('main', 'bob', { id: '1', at: 1, command: null });
    await store.putInbox('main', 'nobody', { id: '1', at: 1, command: null });
    assert.deepEqual(told, ['a: main/ada', 'b: main/bob']);
  },

  'says which users of a node have something in their inbox, until it is taken': async ({ store }) => {
    const author = await StoreAuthor.own(store, 'a', ada);
    await StoreAuthor.own(store, 'a', bob);
    await StoreAuthor.own(store, 'b', { tenant: 'main', user: 'of b' });
    assert.deepEqual(await store.inboxes('a', 10), []);
    for (const user of ['ada', 'of b', 'nobody'])
      for (const id of ['1', '2']) await store.putInbox('main', user, { id, at: 1, command: null });
    assert.deepEqual(await store.inboxes('a', 10), [ada]);
    await author.write([note('answered')], { inboxTaken: ['1'] });
    assert.deepEqual(await store.inboxes('a', 10), [ada]);
    await author.write([note('answered')], { inboxTaken: ['2'] });
    assert.deepEqual(await store.inboxes('a', 10), []);
    for (const user of ['ada', 'bob']) await store.putInbox('main', user, { id: '3', at: 1, command: null });
    assert.equal((await store.inboxes('a', 1)).length, 1);
    await store.release('a');
    assert.deepEqual(await store.inboxes('a', 10), []);
  },
};
