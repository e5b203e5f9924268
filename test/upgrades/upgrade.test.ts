/**
 * Data folders that older code wrote and was killed in (test/fixtures/upgrades), in the hands of today's code: what was
 * done is read as it was, and what was under way goes on to its end.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import { limits } from '../../src/core/limits.ts';
import { systemRandom } from '../../src/core/random.ts';
import * as cantus from '../../src/index.ts';
import { eventVersions } from '../../src/journal/codec.ts';
import { isTerminal } from '../../src/journal/event.ts';
import { accounts } from '../../src/server/accounts/accounts.ts';
import { uploadsOf } from '../../src/server/uploads.ts';
import { makeBackup, restoreBackup } from '../../src/stores/sqlite-backup.ts';
import { heavyCharacters, movedWorkflow, upgradeApp, type Hand } from './app.fixture.ts';
import { folderNames, plain, readFacts, unpackFolder, type FolderFacts, type ToldUser } from './folder.ts';

const dayMs = 86_400_000;
const endWithinMs = 10_000;

function unpacked(test: TestContext, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-upgrade-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  unpackFolder(name, folder);
  return folder;
}

/** The day after the folder was written: naps are over, and nothing has expired. */
function clockAfter({ writtenAt }: FolderFacts): Clock {
  const ahead = writtenAt + dayMs - systemClock.now();
  return { ...systemClock, now: () => systemClock.now() + ahead };
}

type Today = {
  readonly engine: cantus.Engine;
  readonly store: cantus.Store;
  /** What bodies do in this life: "label: what". */
  readonly did: string[];
};

async function today(test: TestContext, folder: string, facts: FolderFacts): Promise<Today> {
  const did: string[] = [];
  const hand: Hand = {
    did: (of, what) => void did.push(`${of}: ${what}`),
    cutHere: () => Promise.resolve(),
    fails: () => false,
  };
  const clock = clockAfter(facts);
  const { workflows, ...app } = upgradeApp(cantus, hand);
  const moved = [1, 2].map((version) => movedWorkflow(cantus, hand, { name: 'moved', version }));
  const store = cantus.sqlite(folder, { clock });
  const engine = await cantus.createEngine({ store, clock, ...app, workflows: [...workflows, ...moved] });
  test.after(() => engine.close());
  return { engine, store, did };
}

function idOf(facts: FolderFacts, label: string, workflow?: string): string {
  const found = facts.runs.find((run) => run.label === label && [undefined, run.row.workflow].includes(workflow));
  assert.ok(found !== undefined, label);
  return found.row.run;
}

async function eventsOf(store: cantus.Store, { tenant, user }: ToldUser): Promise<readonly cantus.JournalEvent[]> {
  return (await store.read(tenant, user, { after: 0, limit: 100_000 })).events;
}

async function untilDoubt(run: cantus.RunHandle): Promise<string> {
  for await (const event of run.events())
    if (event.type === 'tool.indoubt' && event.path !== undefined) return event.path;
  throw new assert.AssertionError({ message: 'the call never came to be in doubt' });
}

/** What doesn't come is a failed expectation, not a test that hangs. */
async function soon<T>(coming: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const stop = systemClock.after(endWithinMs, () =>
    late.reject(new assert.AssertionError({ message: `${what} did not end` })),
  );
  try {
    return await Promise.race([coming, late.promise]);
  } finally {
    stop();
  }
}

/** What the world does for what waits, once the runs are up. */
async function actFor(facts: FolderFacts, engine: cantus.Engine): Promise<void> {
  const ada = engine.as({ tenant: 'main', user: 'ada', roles: ['chief'] });
  const of = (label: string, workflow?: string) => ada.run(idOf(facts, label, workflow));
  const cut = await of('payer');
  await cut.decide(await untilDoubt(cut), 'did-not-happen');
  const doubted = await of('doubted');
  await doubted.decide(await untilDoubt(doubted), 'happened', { paid: true });
  await (await of('asked')).signal('answer', { yes: true });
  await (await of('second')).signal('answer', { yes: true });
  await (await of('moved')).signal('go');
  const bob = engine.as({ tenant: 'main', user: 'bob' });
  await (await bob.run(idOf(facts, "bob's"))).signal('answer', { yes: true });
  if (!facts.knowsApprovals) return;
  await (await of('approver')).approve('leave', { approved: true });
  const last = facts.runs.find(({ label, row }) => label === 'relay' && row.endedAt === undefined);
  await (await ada.run(last?.row.run ?? '')).signal('go');
}

/** How each open run ends, and what its bodies do for that today: what they had done before, they don't do again. */
function endings({ knowsApprovals }: FolderFacts): Readonly<Record<string, readonly [unknown, readonly string[]]>> {
  return {
    payer: [{ paid: true }, ['pay', 'receipt']],
    doubted: [{ paid: true }, ['receipt']],
    worker: ['last', ['second', 'last']],
    chatter: ['chatter was looked at 2 times', ['look 2']],
    planner: [{ from: ['find'] }, ['write']],
    heavy: [heavyCharacters, ['size']],
    flaky: ['at last', ['try']],
    napper: ['rested', ['after']],
    racer: [{ winner: 'clock' }, []],
    asked: [{ expired: false, value: { yes: true } }, ['send']],
    second: [{ expired: false, value: { yes: true } }, ['draft', 'send']],
    told: [{ expired: false, value: { yes: false } }, ['send']],
    moved: ['moved of version 1', ['two']],
    "bob's": [{ expired: false, value: { yes: true } }, ['send']],
    "other's": ['rested', ['after']],
    ...(knowsApprovals
      ? { approver: [{ expired: false, approved: true, by: 'ada' }, []], relay: [{ round: 2 }, []] }
      : {}),
  };
}

for (const name of folderNames()) {
  const facts = readFacts(name);
  describe(`a data folder written by ${facts.commit}`, () => {
    it(`${name}: is read as the code that wrote it read it: events, folds, rows, threads and inboxes`, async (test) => {
      const store = cantus.sqlite(unpacked(test, name));
      const engine = await cantus.createEngine({ store, readOnly: true });
      test.after(() => engine.close());
      for (const told of facts.users) {
        const door = engine.as(told);
        assert.deepEqual(await door.head(), told.head);
        assert.deepEqual(plain(await door.threads()), plain(told.threads));
        const events = await eventsOf(store, told);
        assert.equal(events.length, told.events.length);
        for (const [at, event] of events.entries()) {
          const { v, ...before } = told.events[at] as cantus.JournalEvent;
          assert.deepEqual([event.v, v <= event.v], [eventVersions[event.type], true]);
          if (event.type === 'run.suspended') assert.notEqual(event.data.wakeAt, undefined, 'today it says when');
          assert.partialDeepStrictEqual(plain(event), plain(before));
        }
        assert.equal((await store.inbox(told.tenant, told.user)).length, told.inbox);
      }
      for (const { tenant, user, row, state } of facts.runs) {
        const run = await engine.as({ tenant, user }).run(row.run);
        assert.partialDeepStrictEqual(plain(await run.row()), plain(row));
        assert.partialDeepStrictEqual(plain(await run.state()), state);
      }
    });

    it(`${name}: goes on with every open run to its one end, and does nothing again that was done (P3, P4)`, async (test) => {
      const { engine, store, did } = await today(test, unpacked(test, name), facts);
      await actFor(facts, engine);
      const expected = endings(facts);
      for (const [label, [output]] of Object.entries(expected)) {
        const told = facts.runs.find((run) => run.label === label);
        assert.ok(told !== undefined, label);
        const run = await engine.as(told).run(told.row.run);
        assert.deepEqual(await soon(run.result(), label), { status: 'completed', output }, label);
      }
      const inbox = await engine
        .as({ tenant: 'main', user: 'ada' })
        .start('poor', { label: 'from the inbox' }, { key: 'key of inbox' });
      assert.equal((await inbox.result()).status, 'degraded');
      const wanted = Object.entries(expected).flatMap(([label, [, does]]) => does.map((what) => `${label}: ${what}`));
      assert.deepEqual(did.toSorted(), [...wanted, 'from the inbox: count'].toSorted());
      for (const told of facts.users) {
        const events = await eventsOf(store, told);
        assert.deepEqual(await store.inbox(told.tenant, told.user), []);
        for (const { row, label } of facts.runs.filter(
          ({ tenant, user }) => tenant === told.tenant && user === told.user,
        )) {
          const own = events.filter(({ run }) => run === row.run);
          const ends = own.filter(({ type }) => isTerminal(type));
          assert.equal(ends.length, label === 'gone' ? 0 : 1, label);
          if (label !== 'gone') assert.equal(own.at(-1), ends[0], label);
          assert.deepEqual(
            own.map(({ seq }) => seq),
            own.map((_, at) => at + 1),
            `${label} is dense`,
          );
        }
      }
      const gone = await engine.as({ tenant: 'main', user: 'ada' }).run(idOf(facts, 'gone'));
      assert.equal((await gone.row()).status, 'parked', 'no node has its version');
    });

    it(`${name}: gives a reader with a cursor from before what follows it, without loss (P1)`, async (test) => {
      const { engine, store } = await today(test, unpacked(test, name), facts);
      await actFor(facts, engine);
      const [told] = facts.users;
      assert.ok(told !== undefined);
      const door = engine.as(told);
      await (await door.run(idOf(facts, 'second'))).result();
      const head = await door.head();
      assert.equal(head.generation, told.head.generation);
      assert.ok(head.userSeq > told.head.userSeq);
      const all = await eventsOf(store, told);
      for (const userSeq of [0, Math.floor(told.head.userSeq / 2), told.head.userSeq - 1, told.head.userSeq]) {
        const read: cantus.JournalEvent[] = [];
        for await (const frame of door.frames({ after: { ...told.head, userSeq } })) {
          read.push(...frame.events);
          if (frame.to >= head.userSeq) break;
        }
        const upTo = read.filter((event) => event.userSeq <= head.userSeq);
        assert.deepEqual(
          upTo,
          all.filter((event) => event.userSeq > userSeq && event.userSeq <= head.userSeq),
        );
      }
    });

    it(`${name}: answers a start that is sent again with the run of then`, async (test) => {
      const { engine, did } = await today(test, unpacked(test, name), facts);
      const door = engine.as({ tenant: 'main', user: 'ada' });
      const again = await door.start('whole', { label: 'done' }, { key: 'key of whole' });
      assert.equal(again.id, facts.runs.find(({ row }) => row.key === 'key of whole')?.row.run);
      assert.equal((await again.result()).status, 'completed');
      assert.equal((await door.start('asker', { label: 'asked' }, { key: 'key of asked' })).id, idOf(facts, 'asked'));
      await assert.rejects(door.start('asker', { label: 'other' }, { key: 'key of asked' }), { code: 'conflict' });
      assert.ok(!did.some((what) => what.startsWith('done: ')));
    });

    it(`${name}: keeps threads with their titles and runs, and what was deleted stays away`, async (test) => {
      const { engine } = await today(test, unpacked(test, name), facts);
      const door = engine.as({ tenant: 'main', user: 'ada' });
      assert.equal((await door.thread('first')).title, 'The first one');
      assert.equal((await door.runs({ thread: 'first', limit: 100 })).length, 6);
      await assert.rejects(door.thread(facts.deletedThread), { code: 'not_found' });
      const found = await door.threads({ search: 'ask me' });
      assert.deepEqual(
        found.map(({ thread }) => thread),
        ['talk'],
      );
      await assert.rejects(engine.as({ tenant: 'acme', user: 'ada' }).thread('first'), { code: 'not_found' });
    });

    it(`${name}: comes out of a backup as a folder of today, in which runs go on and old cursors are outdated (DB5)`, async (test) => {
      const folder = unpacked(test, name);
      const [backup, restored] = [`${folder}-copy`, `${folder}-there`];
      for (const place of [backup, restored]) test.after(() => rmSync(place, { recursive: true, force: true }));
      makeBackup({ folder, target: backup, now: 0 });
      restoreBackup({ backup, folder: restored, origin: 'restored', now: 0, replace: false });
      const { engine, store } = await today(test, restored, facts);
      const [told] = facts.users;
      assert.ok(told !== undefined);
      const door = engine.as(told);
      assert.equal((await door.head()).generation, 'restored.0');
      assert.equal((await soon((await door.run(idOf(facts, 'worker'))).result(), 'worker')).status, 'completed');
      const events = await eventsOf(store, told);
      assert.deepEqual(
        events.slice(0, told.events.length).map(({ userSeq, type }) => [userSeq, type]),
        told.events.map(({ userSeq, type }) => [userSeq, type]),
      );
    });

    it(`${name}: keeps accounts, tokens and uploads`, async (test) => {
      const folder = unpacked(test, name);
      const own = accounts({ folder, hashing: { costLog2: 2 } });
      test.after(() => own.close());
      const headers = new Headers({ authorization: `Bearer ${facts.token}` });
      const request = { method: 'GET', url: new URL('http://localhost/v1/me'), headers, address: undefined };
      const login = await own.authenticate(request);
      assert.equal(login?.principal.user, 'ada');
      const uploads = uploadsOf({ served: { folder } as never, limits, random: systemRandom });
      const { file, name: called, text } = facts.upload;
      assert.equal(await uploads.name(login.principal, file), called);
      assert.equal(Buffer.from(await uploads.read(login.principal, file)).toString(), text);
    });
  });
}
