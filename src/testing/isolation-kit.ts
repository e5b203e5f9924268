/**
 * Checks that an engine keeps its users apart (P2). For tests of your own engine: your workflows, tools and store.
 *
 * Y1  For each pair of users, also such as differ in the tenant alone or in where a name is cut, each does the same work
 *     with a secret of its own at the same time; nothing that one can see has the other's secret or ids in it.
 * Y2  Every method of the user's door is tried with the other's things and must answer as for things that are not.
 *     The methods are found by looking at the door: one without a case here fails the check.
 * Y3  A check that finds nothing proves nothing: each user's own secret must be among what that user can see.
 */
import assert from 'node:assert/strict';
import { toErrorInfo, type ErrorInfo } from '../core/errors.ts';
import type { PrincipalInput } from '../core/principal.ts';
import { systemRandom } from '../core/random.ts';
import type { Engine } from '../engine/create-engine.ts';
import type { RunHandle } from '../engine/run-handle.ts';
import type { UserDoor } from '../engine/user-door.ts';
import { isBlobRef, type BlobRef, type JournalEvent } from '../journal/event.ts';
import type { Json } from '../core/json.ts';

/** What the kit is run against. */
export type IsolationSubject = {
  readonly engine: Engine;
  /** Starts some work whose input is or has `secret` in it. It must come to an end. */
  start(
    door: UserDoor,
    secret: string,
    options: { readonly key: string; readonly thread: string },
  ): Promise<RunHandle<unknown>>;
  /** What else a stranger might see, such as log lines; no secret may be in it at all. */
  seen?(): readonly string[];
};

type Owner = {
  readonly door: UserDoor;
  readonly secret: string;
  readonly runs: readonly RunHandle<unknown>[];
};

/** Pairs of users that a careless key, join or comparison takes for one. */
export const strangers: readonly (readonly [PrincipalInput, PrincipalInput])[] = [
  [
    { tenant: 'acme', user: 'alice' },
    { tenant: 'acme', user: 'bob' },
  ],
  [
    { tenant: 'acme', user: 'carol' },
    { tenant: 'umbrella', user: 'carol' },
  ],
  [
    { tenant: 'a-b', user: 'c' },
    { tenant: 'a', user: 'b-c' },
  ],
  [
    { tenant: 'a:b', user: 'c' },
    { tenant: 'a', user: 'b:c' },
  ],
  [
    { tenant: 'a/b', user: 'c' },
    { tenant: 'a', user: 'b/c' },
  ],
  [
    { tenant: 'acme', user: 'Dora' },
    { tenant: 'acme', user: 'dora' },
  ],
  // One letter, written as one character and as two.
  [
    { tenant: 'acme', user: 'ren\u00e9e' },
    { tenant: 'acme', user: 'rene\u0301e' },
  ],
];

/** Throws an AssertionError that says what one user could see of another. */
export async function checkIsolation(subject: IsolationSubject): Promise<void> {
  for (const pair of strangers) {
    const [a, b] = await Promise.all([work(subject, pair[0]), work(subject, pair[1])]);
    await checkUnseen(subject, a, b);
    await checkUnseen(subject, b, a);
    await checkMethods(subject, a, b);
  }
}

const runsEach = 3;

async function work(subject: IsolationSubject, principal: PrincipalInput): Promise<Owner> {
  const door = subject.engine.as(principal);
  const secret = `secret-${systemRandom.id()}`;
  const start = (n: number): Promise<RunHandle<unknown>> =>
    subject.start(door, secret, { key: `key-${n}`, thread: `thread-${n}` });
  const runs = await Promise.all(Array.from({ length: runsEach }, (_, n) => start(n)));
  await Promise.all(runs.map((run) => run.result()));
  return { door, secret, runs };
}

/** Y1 and Y3. */
async function checkUnseen(subject: IsolationSubject, owner: Owner, stranger: Owner): Promise<void> {
  const text = await everythingOf(stranger.door);
  assert.ok(
    text.includes(stranger.secret),
    'What a user can see lacks what that user did, so nothing can be told of it.',
  );
  for (const hidden of [owner.secret, ...owner.runs.map(({ id }) => id)])
    assert.ok(!text.includes(hidden), `${nameOf(stranger)} can see "${hidden}" of ${nameOf(owner)}.`);
  for (const line of subject.seen?.() ?? [])
    assert.ok(!line.includes(owner.secret), `A secret of ${nameOf(owner)} is outside the journal: ${line}`);
}

function nameOf({ door: { principal } }: Owner): string {
  return `${principal.tenant}/${principal.user}`;
}

/** Everything that a user can see, as one text. */
export async function everythingOf(door: UserDoor): Promise<string> {
  const seen: unknown[] = [door.principal];
  const events = await eventsUpToHead(door);
  seen.push(events);
  for (const reference of blobRefsIn(events)) seen.push(await door.value(reference));
  for (const { thread } of await door.threads({ limit: 500 })) seen.push(await door.thread(thread));
  for (const row of await door.runs({ limit: 500 })) {
    const run = await door.run(row.run);
    const { steps, notes, ...state } = await run.state();
    seen.push(row, state, [...steps.values()], [...notes.keys()], await run.result());
    for await (const event of run.events()) seen.push(event);
  }
  return JSON.stringify(seen);
}

async function eventsUpToHead(door: UserDoor): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  const head = await door.head();
  if (head.userSeq === 0) return events;
  for await (const frame of door.frames()) {
    events.push(...frame.events);
    if (frame.to >= head.userSeq) break;
  }
  return events;
}

function blobRefsIn(value: unknown): BlobRef[] {
  if (typeof value !== 'object' || value === null) return [];
  return isBlobRef(value as Json) ? [value as BlobRef] : Object.values(value).flatMap((member) => blobRefsIn(member));
}

/** What a stranger does with another's things, by the method that it is done with (Y2). */
const doorCases: { readonly [Method in keyof UserDoor]: (given: Case) => Promise<void> } = {
  async principal({ stranger }) {
    assert.throws(() => Object.assign(stranger.door, { principal: { tenant: 'x', user: 'y', roles: [] } }), TypeError);
  },
  async start({ subject, owner, stranger }) {
    const same = { key: 'key-0', thread: 'thread-0' };
    const again = await subject.start(stranger.door, stranger.secret, same);
    assert.equal(again.id, stranger.runs[0]?.id, "a key is its user's");
    assert.notEqual(again.id, owner.runs[0]?.id);
  },
  async run({ owner, stranger }) {
    for (const { id } of owner.runs) await assertAsUnknown(id, unknownLike(id), (one) => stranger.door.run(one));
  },
  async runs({ owner, stranger }) {
    const listed = new Set((await stranger.door.runs({ limit: 500 })).map(({ run }) => run));
    assert.ok(owner.runs.every(({ id }) => !listed.has(id)));
  },
  async threads({ owner, stranger }) {
    const listed = JSON.stringify(await stranger.door.threads({ limit: 500 }));
    assert.ok(owner.runs.every(({ id }) => !listed.includes(id)));
    assert.deepEqual(await stranger.door.threads({ search: owner.secret }), []);
  },
  async thread({ subject, owner, stranger }) {
    const own = await ownThread(subject, owner);
    await assertAsUnknown(own, 'thread-none', (id) => stranger.door.thread(id));
  },
  async renameThread({ subject, owner, stranger }) {
    const own = await ownThread(subject, owner);
    await assertAsUnknown(own, 'thread-none', (id) => stranger.door.renameThread(id, 'taken'));
    await stranger.door.renameThread('thread-1', stranger.secret);
    assert.ok(!(await owner.door.thread('thread-1')).title.includes(stranger.secret), "a title is its user's");
  },
  async frames({ stranger }) {
    const { tenant, user } = stranger.door.principal;
    for (const event of await eventsUpToHead(stranger.door))
      assert.deepEqual([event.tenant, event.user], [tenant, user]);
  },
  async head({ stranger }) {
    const events = await eventsUpToHead(stranger.door);
    assert.equal((await stranger.door.head()).userSeq, events.length, "a place counts its user's events alone");
  },
  async value({ owner, stranger }) {
    const own = new Set(blobRefsIn(await eventsUpToHead(stranger.door)).map(({ $blob }) => $blob));
    for (const reference of blobRefsIn(await eventsUpToHead(owner.door))) {
      if (own.has(reference.$blob)) continue;
      const value = (name: string): Promise<unknown> => stranger.door.value({ ...reference, $blob: name });
      await assertAsUnknown(reference.$blob, unknownLike(reference.$blob), value);
    }
  },
  // Last, as it leaves less to look at.
  async deleteThread({ subject, owner, stranger }) {
    const own = await ownThread(subject, owner);
    await assertAsUnknown(own, 'thread-none', (id) => stranger.door.deleteThread(id));
    await stranger.door.deleteThread('thread-2');
    const [kept] = await owner.door.runs({ thread: 'thread-2' });
    assert.equal(kept?.run, owner.runs[2]?.id, "the other's thread of the same name stays");
    assert.equal((await owner.door.thread('thread-2')).lastRun, kept?.run);
  },
};

/** A thread that only the owner has. */
async function ownThread(subject: IsolationSubject, owner: Owner): Promise<string> {
  const thread = 'thread-own';
  await (await subject.start(owner.door, owner.secret, { key: 'key-own', thread })).result();
  return thread;
}

type Case = { readonly subject: IsolationSubject; readonly owner: Owner; readonly stranger: Owner };

async function checkMethods(subject: IsolationSubject, owner: Owner, stranger: Owner): Promise<void> {
  assertNoneMissing("the user's door", stranger.door, doorCases);
  for (const check of Object.values(doorCases)) await check({ subject, owner, stranger });
}

/** Throws when `made` has a method or a property that `cases` has no case for, or the other way round. */
export function assertNoneMissing(what: string, made: object, cases: object): void {
  const own = [...Object.getOwnPropertyNames(made), ...Object.getOwnPropertyNames(Object.getPrototypeOf(made))];
  const members = own.filter((name) => name !== 'constructor');
  assert.deepEqual(
    members.toSorted(),
    Object.keys(cases).toSorted(),
    `Each member of ${what} needs a case of isolation.`,
  );
}

/** The same call with another's id and with an id that nobody has must end in the same error but for the id. */
export async function assertAsUnknown(
  foreign: string,
  unknown: string,
  call: (id: string) => Promise<unknown>,
): Promise<void> {
  const [told, plain] = [await refusalOf(call(foreign)), await refusalOf(call(unknown))];
  assert.equal(plain?.code, 'not_found');
  assert.deepEqual(JSON.parse(JSON.stringify(told ?? null).replaceAll(foreign, unknown)), plain);
}

async function refusalOf(answer: Promise<unknown>): Promise<ErrorInfo | undefined> {
  try {
    await answer;
    return undefined;
  } catch (thrown) {
    return toErrorInfo(thrown);
  }
}

/** An id of the same make that nobody has. */
function unknownLike(id: string): string {
  return id.replaceAll(/[0-9a-f]/g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
}
