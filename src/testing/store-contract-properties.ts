/** Properties: whatever the order of what nodes do, each user's stream stays whole. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { limits } from '../core/limits.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { Page, Store } from '../journal/store.ts';
import { note, queued, StoreAuthor, type Draft, type UserName } from './store-author.ts';
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

export const propertyCases: StoreCases = {
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
