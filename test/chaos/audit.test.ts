/**
 * Each count of the audit can fail: over one true history with one fault planted in it, that count alone is not zero.
 * What a reader logs is made of the journal as it is with the fault, so that no other count sees it.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createEngine, memory, type JournalEvent } from 'cantus';
import { scripted } from 'cantus/testing';
import { sumOf, workflowsOf, type Program } from '../simulation/program.ts';
import { audit, type Audit } from './audit.ts';
import { canaryOf } from './canary.ts';
import { handIn, ledgerFile, wordyScript } from './chaos-app.ts';
import { recordsFile } from './crowd.ts';
import type { LedgerLine } from './ledger.ts';
import type { Order, UserRecord } from './order.ts';
import { ReaderLog } from './reader-log.ts';
import { Verdict, wrongKinds, type WrongKind } from './verdict.ts';

const tenant = 'main';
const users = ['ann', 'bob'] as const;

type History = {
  /** Of each user. */
  readonly journal: ReadonlyMap<string, readonly JournalEvent[]>;
  readonly ledger: readonly LedgerLine[];
  readonly records: readonly UserRecord[];
};

const words = (user: string): string => `for ${canaryOf(user)}`;

function programsOf(user: string): readonly { readonly program: Program; readonly restarts: number }[] {
  const own = { words: words(user) };
  const work: Program = {
    kind: 'sequence',
    parts: [
      { kind: 'leaf', value: 1, failures: 1, ...own },
      { kind: 'pay', value: 2, failures: 0, ...own },
      { kind: 'agent', value: 3, ...own },
    ],
  };
  return [
    { program: work, restarts: 0 },
    { program: { kind: 'look', value: 4, failures: 0, ...own }, restarts: 1 },
    { program: { kind: 'fallback', value: 5 }, restarts: 0 },
  ];
}

/** What two users did on a real engine, with nothing wrong in it. */
async function trueHistory(folder: string): Promise<History> {
  const store = memory();
  const [workflow] = workflowsOf(handIn(folder), [1]);
  assert.ok(workflow !== undefined);
  const engine = await createEngine({ store, workflows: [workflow], models: { default: scripted(wordyScript) } });
  const records = await Promise.all(
    users.map(async (user): Promise<UserRecord> => {
      const door = engine.as({ tenant, user, roles: ['boss'] });
      const orders = await Promise.all(
        programsOf(user).map(async (what, number): Promise<Order> => {
          const key = `${user} ${number}`;
          const run = await door.start(workflow, what, { key, thread: `thread ${number}` });
          const wishes = { cancelled: false, gaveUp: false, deleted: false };
          return { key, ...what, thread: `thread ${number}`, first: run.id, run: run.id, ended: true, ...wishes };
        }),
      );
      for (const { run } of orders)
        for (let id = run; id !== undefined;) {
          const outcome = await (await door.run(id)).result();
          id = 'continuedAs' in outcome ? outcome.continuedAs : undefined;
        }
      return { tenant, user, orders };
    }),
  );
  const journal = new Map<string, readonly JournalEvent[]>();
  for (const user of users) journal.set(user, (await store.read(tenant, user, { after: 0, limit: 500 })).events);
  await engine.close();
  const lines = readFileSync(join(folder, ledgerFile), 'utf8').trim().split('\n');
  return { journal, records, ledger: lines.map((line) => JSON.parse(line) as LedgerLine) };
}

describe('the audit', () => {
  let recorded: string;
  let history: History;
  const folders: string[] = [];

  before(async () => {
    recorded = mkdtempSync(join(tmpdir(), 'cantus-audit-'));
    folders.push(recorded);
    history = await trueHistory(recorded);
  });
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  const ann = (): readonly JournalEvent[] => history.journal.get('ann') ?? [];

  function find(type: JournalEvent['type'], which: (event: JournalEvent) => boolean = () => true): JournalEvent {
    const found = ann().find((event) => event.type === type && which(event));
    assert.ok(found !== undefined, `there is no ${type} in the history`);
    return found;
  }

  /** The history with other events of ann. */
  const withAnn = (events: readonly JournalEvent[]): History => ({
    ...history,
    journal: new Map([...history.journal, ['ann', events]]),
  });

  /** An event behind all others of ann, made of another. */
  function appended(of: JournalEvent, other: object): History {
    return withAnn([...ann(), { ...of, userSeq: ann().length + 1, ...other }]);
  }

  const withOrders = (change: (order: Order) => Order): History => ({
    ...history,
    records: history.records.map((record) => ({ ...record, orders: record.orders.map(change) })),
  });

  /** The thread of one of ann's runs was deleted. */
  function withoutLastRun(): History {
    const { run } = find('run.degraded');
    const { records } = withOrders((order) => ({ ...order, deleted: order.key === 'ann 2' }));
    return { ...withAnn(ann().filter((event) => event.run !== run)), records };
  }

  type Read = (log: ReaderLog, events: readonly JournalEvent[]) => void;

  const whole: Read = (log, events) => {
    for (const event of events) log.write(event);
  };

  /** Audits a history that both users read whole, and ann once more as it is said. */
  async function audited(given: History, read: Read = whole, run?: string): Promise<Audit> {
    const folder = mkdtempSync(join(tmpdir(), 'cantus-audit-'));
    folders.push(folder);
    for (const user of users) writeLog(folder, `${user}.steady`, { user }, whole, given.journal.get(user) ?? []);
    const of = { user: 'ann', ...(run === undefined ? {} : { run }) };
    writeLog(folder, 'ann.other', of, read, given.journal.get('ann') ?? []);
    writeFileSync(join(folder, recordsFile), JSON.stringify(given.records));
    const ledger = join(folder, ledgerFile);
    writeFileSync(ledger, given.ledger.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const store = {
      async read(_: string, user: string) {
        const events = given.journal.get(user) ?? [];
        const head = events.at(-1)?.userSeq ?? 0;
        return { events, next: head, head: { generation: 'g', userSeq: head }, skipped: [] };
      },
    };
    return audit({ store, ledger, folder });
  }

  function writeLog(
    folder: string,
    name: string,
    head: ConstructorParameters<typeof ReaderLog>[1],
    read: Read,
    events: readonly JournalEvent[],
  ): void {
    const log = new ReaderLog(join(folder, `${name}.read`), head);
    read(log, events);
    log.flush();
  }

  /** One kind of wrong was found, so often, and no other. */
  function assertOnly({ verdict }: Audit, kind: WrongKind, times = 1): void {
    const none = Object.fromEntries(Object.keys(wrongKinds).map((each) => [each, 0]));
    assert.deepEqual({ ...verdict.counts }, { ...none, [kind]: times }, verdict.words.join('\n'));
    assert.ok(verdict.words.length > 0, 'it says in words what is wrong');
  }

  it('finds nothing wrong in a history that is right, and looks at all of it', async () => {
    const { tally, verdict } = await audited(history);
    assert.deepEqual(verdict.words, []);
    const all = ann().length + (history.journal.get('bob') ?? []).length;
    assert.equal(tally['events in the journal'], all);
    assert.equal(tally['events compared'], all + ann().length);
    assert.equal(tally['runs that went on as another'], 2);
    assert.equal(tally['things reached for again'], 2);
    assert.equal(tally['ended: completed'], 4);
    assert.equal(tally['ended: degraded'], 2);
    assert.ok((tally['things completed'] ?? 0) >= 8);
    assert.ok((tally['canaries seen'] ?? 0) > 20);
  });

  describe('counts as lost (CH1)', () => {
    it('an event in the middle that a reader did not get', async () => {
      assertOnly(await audited(history, (log, events) => whole(log, events.toSpliced(7, 1))), 'lost');
    });
    it('the last events, where a reader stopped before', async () => {
      assertOnly(await audited(history, (log, events) => whole(log, events.slice(0, -3))), 'lost', 3);
    });
    it('what a reader left out that went back to an old place and got it the first time', async () => {
      const read: Read = (log, events) => {
        whole(log, events.slice(0, 10));
        log.wentBack(4);
        whole(log, events.slice(5));
      };
      assertOnly(await audited(history, read), 'lost');
    });
    it('an event of a run that its own stream left out', async () => {
      const { run } = find('run.queued');
      const read: Read = (log, events) => {
        const own = events.filter((event) => event.run === run);
        whole(log, own.toSpliced(2, 1));
        log.end();
      };
      assertOnly(await audited(history, read, run), 'lost');
    });
    it('nothing where a reader went back and got all from there again, or a deletion emptied the place', async () => {
      const read: Read = (log, events) => {
        whole(log, events.slice(0, 10));
        log.wentBack(4);
        whole(log, events.slice(4));
      };
      assert.deepEqual((await audited(history, read)).verdict.words, []);
      const all: Read = (log) => whole(log, ann());
      assert.deepEqual((await audited(withoutLastRun(), all)).verdict.words, []);
    });
  });

  describe('counts as duplicated (CH1)', () => {
    it('an event that came twice', async () => {
      const read: Read = (log, events) => whole(log, events.toSpliced(7, 0, ...events.slice(6, 7)));
      assertOnly(await audited(history, read), 'duplicated');
    });
    it('what a reader got again that never wished to go back', async () => {
      const read: Read = (log, events) => whole(log, [...events.slice(0, 10), ...events.slice(8)]);
      assertOnly(await audited(history, read), 'duplicated', 2);
    });
  });

  describe('counts as altered (CH1)', () => {
    it('an event with another word in it than the journal has', async () => {
      const read: Read = (log, events) =>
        whole(
          log,
          events.map((event) => (event.userSeq === 5 ? { ...event, at: event.at + 1 } : event)),
        );
      assertOnly(await audited(history, read), 'altered');
    });
    it('an event from behind the end of the journal', async () => {
      const read: Read = (log, events) =>
        whole(log, [...events, { ...find('run.queued'), userSeq: events.length + 1 }]);
      assertOnly(await audited(history, read), 'altered');
    });
  });

  describe('counts as foreign (CH4)', () => {
    it("an event in a user's stream that is another user's by its id", async () => {
      const given = withAnn(ann().map((event) => (event.userSeq === 3 ? { ...event, user: 'bob' } : event)));
      // Both of ann's readers got it too.
      assertOnly(await audited(given), 'foreign', 3);
    });
    it("another user's words in a text of the journal", async () => {
      const { userSeq } = find('model.delta');
      const told = ann().map((event) =>
        event.userSeq === userSeq ? ({ ...event, data: { text: `It is 3, ${words('bob')}` } } as JournalEvent) : event,
      );
      assertOnly(await audited(withAnn(told)), 'foreign', 3);
    });
    it("another user's event that only one reader got, in a place that is emptied", async () => {
      const { userSeq } = find('run.degraded');
      const given = withoutLastRun();
      const [bobs] = history.journal.get('bob') ?? [];
      const read: Read = (log) =>
        whole(
          log,
          ann().map((event) => (event.userSeq === userSeq ? ({ ...bobs, userSeq } as JournalEvent) : event)),
        );
      assertOnly(await audited(given, read), 'foreign');
    });
    it('readers of somebody who is none of the users', async () => {
      assertOnly(await audited({ ...history, records: history.records.slice(0, 1) }), 'foreign');
    });
  });

  describe('counts as repeated (CH2)', () => {
    it('a step that was reached for behind its end', async () => {
      const { run = '', path = '', at } = find('step.completed', ({ path: of = '' }) => of.includes('leaf'));
      const ledger: History['ledger'] = [...history.ledger, [at + 1, 'step', run, path]];
      assertOnly(await audited({ ...history, ledger }), 'repeated');
    });
    it('a tool that was reached for behind its end', async () => {
      const { run, path } = find('tool.completed', ({ path: of = '' }) => of.includes('look'));
      const { data } = find('tool.executing', (event) => event.run === run && event.path === path);
      const { id } = (data as { readonly input: { readonly id: string } }).input;
      const ledger: History['ledger'] = [...history.ledger, [Date.now() + 1, 'read', run ?? '', id]];
      assertOnly(await audited({ ...history, ledger }), 'repeated');
    });
    it('a completed path that begins again, whatever the world says', async () => {
      const done = find('step.completed', ({ path = '' }) => path.includes('leaf'));
      // In the place of a delta behind it, of which there are several.
      const place = ann().findLast(({ type, run }) => type === 'model.delta' && run === done.run);
      assert.ok(place !== undefined && place.userSeq > done.userSeq);
      const begun = { ...place, type: 'step.started', path: done.path, data: {} } as JournalEvent;
      const given = withAnn(ann().map((event) => (event === place ? begun : event)));
      const { verdict } = await audited(given);
      assert.equal(verdict.counts.repeated, 1, verdict.words.join('\n'));
    });
    it('work below a completed path that begins again', async () => {
      const done = find('agent.completed');
      const end = ann().find(
        ({ run, type }) => run === done.run && type === 'step.completed' && done.path !== undefined,
      );
      assert.ok(end !== undefined);
      const place = ann().find(({ run, userSeq }) => run === done.run && userSeq === done.userSeq + 1);
      assert.ok(place !== undefined);
      const begun = { ...place, type: 'step.started', path: `${done.path}/again`, data: {} } as JournalEvent;
      const { verdict } = await audited(withAnn(ann().map((event) => (event === place ? begun : event))));
      assert.equal(verdict.counts.repeated, 1, verdict.words.join('\n'));
    });
  });

  describe('counts as twice', () => {
    it('what may happen once and happened again (CH2)', async () => {
      const once = history.ledger.filter(([, how]) => how === 'once').slice(0, 1);
      assert.equal(once.length, 1);
      assertOnly(await audited({ ...history, ledger: [...once, ...history.ledger] }), 'twice');
    });
    it('a key that began two runs (CH3)', async () => {
      const { run } = find('run.queued', ({ data }) => 'key' in data && data.key === 'ann 2');
      const own = ann().filter((event) => event.run === run);
      const again = own.map((event, index) => ({ ...event, run: 'another', userSeq: ann().length + 1 + index }));
      assertOnly(await audited(withAnn([...ann(), ...(again as JournalEvent[])])), 'twice');
    });
  });

  describe('counts as stuck (CH3)', () => {
    it('a run without an end', async () => {
      const { userSeq } = find('run.degraded');
      assertOnly(await audited(withAnn(ann().filter((event) => event.userSeq !== userSeq))), 'stuck');
    });
    it('an order that never became a run', async () => {
      const { run } = find('run.degraded');
      const given = withAnn(ann().filter((event) => event.run !== run));
      assertOnly(await audited({ ...given, ledger: given.ledger.filter(([, , of]) => of !== run) }), 'stuck');
    });
    it('the end of what a run goes on as', async () => {
      const { run } = find('run.queued', ({ data }) => 'continues' in data && data.continues !== undefined);
      const end = find('run.completed', (event) => event.run === run);
      assertOnly(await audited(withAnn(ann().filter((event) => event !== end))), 'stuck');
    });
  });

  describe('counts as terminal (CH3)', () => {
    it('a second end', async () => {
      const end = find('run.degraded');
      const { verdict } = await audited(appended(end, { seq: (end.seq ?? 0) + 1 }));
      // One for the event behind the end, one for the run with two.
      assert.equal(verdict.counts.terminal, 2, verdict.words.join('\n'));
    });
    it('a word behind the end', async () => {
      const end = find('run.degraded');
      const note = { type: 'note', data: { code: 'note', text: 'late' }, seq: (end.seq ?? 0) + 1 };
      assertOnly(await audited(appended(end, note)), 'terminal');
    });
  });

  describe('counts as outcome (CH3)', () => {
    it('another sum than that of the program', async () => {
      const given = withOrders((order) =>
        order.key === 'ann 0' ? { ...order, program: { kind: 'agent', value: 99 } } : order,
      );
      assertOnly(await audited(given), 'outcome');
    });
    it('a whole answer where one part has to be missing, and the other way round', async () => {
      const turned = withOrders((order) => {
        const kind = order.key === 'ann 2' ? 'agent' : 'fallback';
        return order.key === 'ann 2' || order.key === 'ann 0'
          ? { ...order, program: { kind, value: sumOf(order.program) } }
          : order;
      });
      assertOnly(await audited(turned), 'outcome', 2);
    });
    it('fewer restarts than were asked for', async () => {
      assertOnly(await audited(withOrders((order) => ({ ...order, restarts: 2 * order.restarts }))), 'outcome', 2);
    });
    it('a cancel or a failure that nobody wished, and neither where somebody did', async () => {
      const end = find('run.degraded');
      const cancelled = { ...end, type: 'run.cancelled', data: { reason: 'enough' } } as JournalEvent;
      const given = withAnn(ann().map((event) => (event === end ? cancelled : event)));
      assertOnly(await audited(given), 'outcome');
      const wished = withOrders((order) => ({ ...order, cancelled: order.key === 'ann 2' }));
      assert.deepEqual((await audited({ ...given, records: wished.records })).verdict.words, []);
    });
  });

  describe('counts as unasked (CH3)', () => {
    it('a run that nobody asked for', async () => {
      const records = history.records.map((record) => ({ ...record, orders: record.orders.slice(0, 2) }));
      assertOnly(await audited({ ...history, records }), 'unasked', 2);
    });
    it('a run that goes on with one which does not', async () => {
      const begun = find('run.queued', ({ data }) => 'continues' in data && data.continues !== undefined);
      const other = find('run.degraded').run;
      const data = { ...begun.data, continues: other };
      const given = withAnn(ann().map((event) => (event === begun ? ({ ...event, data } as JournalEvent) : event)));
      assertOnly(await audited(given), 'unasked');
    });
  });

  it('counts a run that was given up for want of progress (CH3)', async () => {
    const end = find('run.degraded');
    const error = { code: 'no_progress', message: 'no step completed', retryable: false };
    const failed = { ...end, type: 'run.failed', data: { error } } as JournalEvent;
    assertOnly(await audited(withAnn(ann().map((event) => (event === end ? failed : event)))), 'no progress');
  });

  it('counts a run whose events are no history', async () => {
    const { userSeq } = find('step.failed');
    assertOnly(await audited(withAnn(ann().filter((event) => event.userSeq !== userSeq))), 'unreadable');
  });
});

describe('a verdict', () => {
  it('counts all, keeps the first few words of each kind, and takes over what another process found (CHV1)', () => {
    const [one, other] = [new Verdict(), new Verdict()];
    for (let number = 0; number < 30; number++) one.wrong('lost', `number ${number}`);
    one.wrong('stuck', 'a run');
    other.wrong('stuck', 'another run', 3);
    other.take(one.told());
    assert.equal(other.counts.lost, 30);
    assert.equal(other.counts.stuck, 4);
    assert.ok(other.words.includes('stuck: a run') && other.words.includes('stuck: another run'));
    assert.equal(other.words.filter((line) => line.startsWith('lost')).length, 10);
  });
});
