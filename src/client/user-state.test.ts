import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventData, EventType, JournalEvent } from '../journal/event.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import { systemClock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import { createUserState, foldOf, reduce } from './user-state.ts';

const queued: EventData['run.queued'] = {
  workflow: 'w',
  version: 1,
  input: null,
  digest: 'd',
  deadlineMs: 1,
  roles: [],
};

/** A user's stream under construction: it counts places as the server does. */
class Told {
  readonly events: JournalEvent[] = [];
  readonly #seqs = new Map<string, number>();

  add<T extends EventType>(run: string | undefined, type: T, data: EventData[T], path?: string): JournalEvent {
    const seq = run === undefined ? undefined : (this.#seqs.get(run) ?? 0) + 1;
    if (run !== undefined && seq !== undefined) this.#seqs.set(run, seq);
    const userSeq = this.events.length + 1;
    const place = { tenant: 't', user: 'u', thread: 'talk', userSeq, at: userSeq * 10, v: 1 };
    const of = run === undefined ? {} : { run, seq };
    const event = { ...place, ...of, type, data, ...(path === undefined ? {} : { path }) } as unknown as JournalEvent;
    this.events.push(event);
    return event;
  }

  begin(run: string): this {
    this.add(run, 'run.queued', queued);
    this.add(run, 'run.started', { node: 'n' });
    return this;
  }
}

function stateOf(events: readonly JournalEvent[]) {
  const state = createUserState();
  for (const event of events) reduce(state, event);
  return state;
}

describe("a user's state", () => {
  it('takes the same event twice without harm (US1)', () => {
    const told = new Told().begin('r');
    const state = stateOf([...told.events, ...told.events]);
    assert.equal(state.run('r')?.state?.seq, 2);
    assert.equal(state.run('r')?.events.length, 2);
    assert.equal(state.thread('talk')?.runs, 1);
  });

  it('shows a run with a hole as incomplete, and as whole when the hole is filled (RC2)', () => {
    const told = new Told().begin('r');
    told.add('r', 'note', { code: 'note', text: 'x' });
    told.add('r', 'run.completed', { output: 1 });
    const [first, second, third, fourth] = told.events;
    const state = stateOf([first!, second!, fourth!]);
    assert.equal(state.run('r')?.complete, false);
    assert.equal(state.run('r')?.state?.seq, 2);
    foldOf(state).mergeEvents([third!]);
    assert.equal(state.run('r')?.complete, true);
    assert.equal(state.run('r')?.state?.status, 'completed');
    assert.equal(state.run('r')?.row?.status, 'completed');
  });

  it('has the row of a run whose beginning came after its end (RC1)', () => {
    const told = new Told().begin('r');
    told.add('r', 'run.completed', { output: 1 });
    const state = stateOf(told.events.slice(2));
    assert.equal(state.run('r')?.row, undefined);
    foldOf(state).mergeEvents(told.events);
    assert.equal(state.run('r')?.row?.status, 'completed');
  });

  it('says who works on what since when, innermost only', () => {
    const told = new Told().begin('r');
    told.add('r', 'agent.started', { agent: 'clerk', input: '' }, 'clerk');
    told.add('r', 'tool.executing', { tool: 'add', effect: 'read', input: null, digest: 'd' }, 'clerk/add:1');
    const state = stateOf(told.events);
    const [working, ...others] = state.working('r');
    assert.deepEqual(others, []);
    assert.deepEqual(working, {
      path: 'clerk/add:1',
      kind: 'tool',
      name: 'add',
      agent: 'clerk',
      agentPath: 'clerk',
      attempt: 1,
      status: 'open',
      since: 40,
      retryAt: undefined,
    });
    reduce(state, told.add('r', 'tool.completed', { output: 3 }, 'clerk/add:1'));
    assert.deepEqual(
      state.working('r').map(({ path }) => path),
      ['clerk'],
    );
  });

  it("tells a queued run's place among the user's own", () => {
    const told = new Told();
    for (const run of ['a', 'b', 'c']) told.add(run, 'run.queued', queued);
    told.add('a', 'run.started', { node: 'n' });
    const state = stateOf(told.events);
    assert.deepEqual(
      ['a', 'b', 'c'].map((run) => state.queuePlace(run)),
      [undefined, 1, 2],
    );
  });

  it('keeps what the stream told later than a list that was fetched (US2)', () => {
    const told = new Told().begin('r');
    const state = stateOf(told.events);
    const old = { ...state.run('r')!.row!, status: 'queued' } satisfies RunRow;
    foldOf(state).mergeRuns([old], 1);
    assert.equal(state.run('r')?.row?.status, 'running');
    reduce(state, told.add('r', 'run.completed', { output: 1 }));
    foldOf(state).mergeRuns([{ ...old, status: 'running' }], 99);
    assert.equal(state.run('r')?.row?.status, 'completed');
  });

  it('does not count a run twice that a fetched thread has already (US2)', () => {
    const told = new Told().begin('a');
    const row: ThreadRow = {
      ...stateOf(told.events).thread('talk')!,
      runs: 2,
      lastRun: 'b',
      activeUserSeq: 3,
      title: 'fetched',
    };
    const state = stateOf(told.events);
    foldOf(state).mergeThreads([row], 2);
    reduce(state, told.add('b', 'run.queued', queued));
    assert.equal(state.thread('talk')?.runs, 2);
    assert.equal(state.thread('talk')?.title, 'fetched');
  });

  it('takes the list of threads for what a gap in the stream passed over, and its own for what it told since', () => {
    const told = new Told().begin('r');
    const before = stateOf(told.events).thread('talk')!;
    const fetched: ThreadRow = { ...before, status: 'completed', runs: 2, activeUserSeq: 3, title: 'old' };
    for (const lastRun of ['r', 'other']) {
      const state = stateOf(told.events);
      reduce(state, { type: 'stream.snapshot', reason: 'gap', cursor: { generation: 'g', userSeq: 2 }, open: [] });
      // Told while the list was on its way.
      reduce(state, { ...told.events[0]!, userSeq: 3, type: 'thread.renamed', data: { title: 'new' } });
      foldOf(state).mergeThreads([{ ...fetched, lastRun }], 2);
      assert.deepEqual(state.thread('talk'), { ...fetched, lastRun, title: 'new', named: true });
    }
  });

  it('forgets what was in a thread that was deleted and begun anew in a gap of the stream', () => {
    const told = new Told().begin('r');
    told.add('r', 'run.completed', { output: 1 });
    const state = stateOf(told.events);
    reduce(state, { type: 'stream.snapshot', reason: 'gap', cursor: { generation: 'g', userSeq: 9 }, open: [] });
    const anew = { ...state.thread('talk')!, startedAt: 90, activeUserSeq: 9, lastRun: 'other' };
    foldOf(state).mergeThreads([anew], 9);
    assert.deepEqual([state.runs, state.threads], [[], [anew]]);
  });

  it('forgets a deleted thread with its runs, and whatever is still on its way of it', () => {
    const told = new Told().begin('r');
    const state = stateOf(told.events);
    const rows = { run: state.run('r')!.row!, thread: state.thread('talk')! };
    reduce(state, told.add(undefined, 'thread.deleted', { runs: ['r'] }));
    foldOf(state).mergeThreads([rows.thread], 2);
    foldOf(state).mergeRuns([rows.run], 2);
    foldOf(state).mergeEvents(told.events);
    assert.deepEqual([state.threads, state.runs, state.runsOf('talk')], [[], [], []]);
  });

  it('trusts nothing that had not ended, after a snapshot', () => {
    const told = new Told().begin('r').begin('done');
    told.add('done', 'run.completed', { output: 1 });
    const state = stateOf(told.events);
    reduce(state, { type: 'stream.snapshot', reason: 'gap', cursor: { generation: 'g', userSeq: 90 }, open: [] });
    assert.equal(state.run('r')?.complete, false);
    assert.equal(state.run('done')?.complete, true);
    reduce(state, { type: 'stream.snapshot', reason: 'generation', cursor: { generation: 'h', userSeq: 1 }, open: [] });
    assert.deepEqual(state.runs, []);
  });

  it('tells its listeners once a microtask, and only of what changed (US3)', async () => {
    const told = new Told().begin('r').begin('s');
    const state = createUserState();
    const heard: string[] = [];
    for (const key of ['run:r', 'run:other', 'threads']) state.subscribe(key, () => heard.push(key));
    for (const event of told.events) reduce(state, event);
    assert.deepEqual(heard, []);
    await Promise.resolve();
    assert.deepEqual(new Set(heard), new Set(['run:r', 'threads']));
    assert.equal(heard.length, 2);
    const view = state.run('r');
    assert.equal(state.run('r'), view);
  });

  it('keeps a bounded log, and folds ten thousand events well within a frame or six', () => {
    const told = new Told().begin('r');
    for (let n = 0; n < 10_000; n++) told.add('r', 'note', { code: 'note', text: `${n}` });
    const begun = systemClock.monotonic();
    const state = stateOf(told.events);
    const tookMs = systemClock.monotonic() - begun;
    const { events = [], dropped = 0 } = state.run('r') ?? {};
    assert.equal(events.length + dropped, 10_002);
    assert.ok(events.length <= limits.clientRunEventsKept * 1.25, `${events.length} are kept`);
    assert.ok(tookMs < 500, `it took ${tookMs} ms`);
  });
});
