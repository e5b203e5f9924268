/** Properties: whatever the order of what nodes do, each user's stream stays whole. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { limits } from '../core/limits.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { Page, Store } from '../journal/store.ts';
import { deleted, note, queued, renamed, StoreAuthor, type Draft, type UserName } from './store-author.ts';
import type { StoreCases, StoreFixture } from './store.contract.ts';

type Act =
  | { readonly kind: 'append'; readonly node: number; readonly users: readonly number[]; readonly events: number }
  | { readonly kind: 'own'; readonly node: number; readonly users: readonly number[] }
  | { readonly kind: 'time' };

const anyNode = fc.nat({ max: 2 });
const someUsers = fc.uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 });
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      node: anyNode,
      users: someUsers,
      events: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('own' as const), node: anyNode, users: someUsers }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time' as const) }) },
);

/** What each node believes it owns, and what was in fact acknowledged. */
class Nodes {
  readonly #fixture: StoreFixture;
  readonly #round: number;
  readonly #authors = new Map<string, StoreAuthor>();
  readonly acknowledged = new Map<number, string[]>();
  #count = 0;

  constructor(fixture: StoreFixture, round: number) {
    this.#fixture = fixture;
    this.#round = round;
  }

  name(user: number): UserName {
    return { tenant: `round ${this.#round}`, user: `user ${user}` };
  }

  async do(act: Act): Promise<void> {
    if (act.kind === 'time') return this.#fixture.advance(limits.leaseTtlMs);
    if (act.kind === 'append') return this.#append(act.node, act.users, act.events);
    for (const user of act.users) await this.#own(act.node, user);
  }

  async #own(node: number, user: number): Promise<void> {
    const { store } = this.#fixture;
    const { tenant, user: name } = this.name(user);
    await store.heartbeat(`node ${node}`);
    if (!(await store.own(`node ${node}`, tenant, name)).owned) return;
    this.#authors.set(`${node} ${user}`, await StoreAuthor.own(store, `node ${node}`, this.name(user)));
  }

  /** A node appends for all users that it ever owned; it is for the store to know which of them it still owns. */
  async #append(node: number, wanted: readonly number[], events: number): Promise<void> {
    const own = wanted.filter((user) => this.#authors.has(`${node} ${user}`));
    const drafts = (): Draft[] => Array.from({ length: events }, () => note(`${this.#count++}`));
    const parts = own.map((user) => (this.#authors.get(`${node} ${user}`) as StoreAuthor).part(drafts()));
    const { fenced } = await this.#fixture.store.append(parts);
    for (const [index, user] of own.entries()) {
      if (fenced.some((name) => name.user === this.name(user).user)) {
        this.#authors.delete(`${node} ${user}`);
        continue;
      }
      const texts = this.acknowledged.get(user) ?? [];
      texts.push(...(parts[index]?.events ?? []).map(textOf));
      this.acknowledged.set(user, texts);
    }
  }
}

function textOf(event: JournalEvent): string {
  return event.type === 'note' ? event.data.text : '';
}

async function readAll(
  store: Store,
  { tenant, user }: UserName,
  limitsOfPages: readonly number[],
  run?: string,
): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  let after = 0;
  for (let page = 0; ; page++) {
    const limit = limitsOfPages[page % limitsOfPages.length] ?? 1;
    const got: Page = await store.read(tenant, user, { after, limit, ...(run === undefined ? {} : { run }) });
    events.push(...got.events);
    assert.ok(got.events.length <= limit);
    if (got.next >= got.head.userSeq) return events;
    assert.ok(got.next > after, 'each page goes on');
    after = got.next;
  }
}

type ThreadAct = { readonly kind: 'run' | 'say' | 'rename' | 'delete'; readonly thread: number; readonly blob: number };

const anyThreadAct: fc.Arbitrary<ThreadAct> = fc.record({
  kind: fc.constantFrom('run', 'run', 'say', 'say', 'rename', 'delete'),
  thread: fc.nat({ max: 2 }),
  blob: fc.nat({ max: 2 }),
});

/** What a store must still have after some acts: the events that were not deleted, and the blobs that they name. */
class ThreadModel {
  readonly #author: StoreAuthor;
  events: JournalEvent[] = [];
  #runs = 0;

  constructor(author: StoreAuthor) {
    this.#author = author;
  }

  async do({ kind, thread: number, blob }: ThreadAct): Promise<void> {
    const thread = `thread ${number}`;
    const data = { code: 'note', text: '', data: { $blob: `blob ${blob}`, bytes: 1 } };
    const last = this.events.findLast((event) => event.type === 'run.queued' && event.thread === thread)?.run;
    // A thread begins with a run: before it there is none to rename or delete.
    if (last === undefined && (kind === 'rename' || kind === 'delete')) return;
    const drafts: { readonly [Kind in ThreadAct['kind']]: readonly Draft[] } = {
      run: [queued(`run ${++this.#runs}`, { thread }), { type: 'note', data }],
      say: [{ type: 'note', data, ...(last === undefined ? {} : { run: last }) }],
      rename: [renamed(thread, `title ${blob}`)],
      delete: [deleted(thread)],
    };
    const part = this.#author.part(drafts[kind], { blobs: [{ sha256: `blob ${blob}`, text: `${blob}` }] });
    await this.#author.store.append([part]);
    if (kind === 'delete')
      this.events = this.events.filter((event) => event.thread !== thread || event.type === 'thread.deleted');
    this.events.push(...part.events);
  }
}

export const propertyCases: StoreCases = {
  'S8: has exactly what was not deleted, in any order of acts': async ({ store }) => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyThreadAct, { maxLength: 25 }), async (acts) => {
        const name = { tenant: 'main', user: `user ${round++}` };
        const model = new ThreadModel(await StoreAuthor.own(store, 'a', name));
        for (const act of acts) await model.do(act);
        assert.deepEqual(await readAll(store, name, [3]), model.events);
        const runs = model.events.filter(({ type }) => type === 'run.queued');
        assert.equal((await store.runs('main', name.user, { limit: 99 })).length, runs.length);
        const rows = await store.threads('main', name.user, { limit: 99 });
        for (const row of rows) assert.equal(row.runs, runs.filter(({ thread }) => thread === row.thread).length);
        assert.equal(rows.length, new Set(runs.map(({ thread }) => thread)).size);
        const text = JSON.stringify(model.events);
        for (const sha256 of ['blob 0', 'blob 1', 'blob 2'])
          if (text.includes(sha256)) assert.ok((await store.blob('main', name.user, sha256)) !== undefined, sha256);
      }),
      { numRuns: 60 },
    );
  },

  'S2, S5: keeps each stream without a gap and exactly as acknowledged, in any interleaving of nodes': async (
    fixture,
  ) => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyAct, { maxLength: 30 }), async (acts) => {
        const nodes = new Nodes(fixture, round++);
        for (const next of acts) await nodes.do(next);
        for (let user = 0; user <= 3; user++) {
          const events = await readAll(fixture.store, nodes.name(user), [7]);
          assert.deepEqual(
            events.map(({ userSeq }) => userSeq),
            events.map((_, index) => index + 1),
          );
          assert.deepEqual(events.map(textOf), nodes.acknowledged.get(user) ?? []);
        }
      }),
      { numRuns: 40 },
    );
  },

  'S5: gives the same sequence however it is paged, whole or by run': async ({ store }) => {
    const name = { tenant: 'main', user: 'ada' };
    const author = await StoreAuthor.own(store, 'a', name);
    for (let commit = 0; commit < 40; commit++) {
      const run = `run ${commit % 3}`;
      await author.write(commit < 3 ? [queued(run)] : [note(`${commit}`, run), note('user'), note(`${commit}`, run)]);
    }
    const whole = await readAll(store, name, [1_000]);
    assert.equal(whole.length, author.head);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        fc.option(fc.nat({ max: 2 })),
        async (pages, of) => {
          const run = of === null ? undefined : `run ${of}`;
          const expected = run === undefined ? whole : whole.filter((event) => event.run === run);
          assert.deepEqual(await readAll(store, name, pages, run), expected);
        },
      ),
      { numRuns: 30 },
    );
  },
};
