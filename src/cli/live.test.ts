import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventData, EventType, JournalEvent } from '../journal/event.ts';
import { foldRun, type RunState } from '../journal/run-state.ts';
import { eventWords, timedLine } from './event-words.ts';
import { liveLines } from './live.ts';

type Told = readonly [EventType, EventData[EventType], path?: string, attempt?: number];

const queued: Told = [
  'run.queued',
  { workflow: 'w', version: 1, input: null, digest: 'd', deadlineMs: 1_000, roles: [] },
];

/** Events 100 ms apart. */
function eventsOf(told: readonly Told[]): JournalEvent[] {
  return told.map(([type, data, path, attempt], index) => {
    const place = { tenant: 't', user: 'u', run: 'r', userSeq: index + 1, seq: index + 1, at: 100 * index, v: 1 };
    return {
      ...place,
      type,
      data,
      ...(path === undefined ? {} : { path }),
      ...(attempt === undefined ? {} : { attempt }),
    } as JournalEvent;
  });
}

function stateOf(...told: readonly Told[]): RunState {
  return foldRun(eventsOf([queued, ['run.started', { node: 'n' }], ...told])) as RunState;
}

const plain = (_: string, text: string): string => text;
const look = { now: 5_000, columns: 60, rows: 20, paint: plain };
const agent: Told = ['agent.started', { agent: 'clerk', input: 'x' }, 'clerk'];
const model: Told = [
  'model.started',
  { model: 'm', provider: 'p', kind: 'rules', reservation: { inputTokens: 1, outputTokens: 1, usd: 0 } },
  'clerk/model:1',
];
const tool: Told = ['tool.executing', { tool: 'add', effect: 'read', input: {}, digest: 'd' }, 'clerk/add:1-0'];
const error = { code: 'thrown', message: 'the disk is away', retryable: true } as const;

describe('the live tree', () => {
  it('tells a step for good when it and those before it have ended, with what is in it (LV1)', () => {
    const open = stateOf(['step.started', {}, 'a'], ['step.started', {}, 'b'], ['step.completed', { output: 1 }, 'b']);
    const first = liveLines(open, 0, look);
    assert.deepEqual([first.settled, first.told], [[], 0]);
    assert.deepEqual(first.open, [
      '  ▸ a                                                 4.8 s',
      '  ✓ b                                                 0.1 s',
    ]);
    const closed = stateOf(
      ['step.started', {}, 'a'],
      ['step.started', {}, 'b'],
      ['step.completed', { output: 1 }, 'a'],
    );
    const then = liveLines(closed, 0, look);
    assert.deepEqual([then.settled.map((line) => line.trim().slice(0, 3)), then.told], [['✓ a'], 1]);
    assert.deepEqual(
      then.open.map((line) => line.trim().slice(0, 3)),
      ['▸ b'],
    );
    assert.deepEqual(liveLines(closed, then.told, look).settled, []);
  });

  it('shows agents and tools, and no model call that goes well (LV3)', () => {
    const { open } = liveLines(stateOf(agent, model, tool), 0, look);
    assert.deepEqual(open, [
      '  ▸ agent clerk  thinking                             4.8 s',
      '    ▸ tool add                                        4.6 s',
    ]);
  });

  it('shows the end of what a model is saying', () => {
    const { open } = liveLines(
      stateOf(agent, model, ['model.delta', { text: 'It is\n\u001b[1mfive' }, 'clerk/model:1']),
      0,
      look,
    );
    assert.match(open[0] ?? '', /agent clerk {2}It is \[1mfive /);
  });

  it('says why a step is tried again, and when', () => {
    const state = stateOf(['step.started', {}, 'a'], ['step.failed', { error, retryInMs: 6_700 }, 'a']);
    assert.match(
      liveLines(state, 0, { ...look, columns: 80 }).open[0] ?? '',
      /↻ a {2}the disk is away\. Again in 2\.0 s\./,
    );
  });

  it('never takes more lines than it may, and counts the others (LV2)', () => {
    const steps = Array.from({ length: 30 }, (_, at): Told => ['step.started', {}, `s${at}`]);
    const { open } = liveLines(stateOf(...steps), 0, look);
    assert.equal(open.length, 20);
    assert.equal(open[0], '  … 11 more above');
    assert.match(open.at(-1) ?? '', /s29/);
  });

  it('never makes a line wider than the terminal', () => {
    const long = 'x'.repeat(60);
    const state = stateOf(
      ['step.started', {}, long],
      ['step.failed', { error: { ...error, message: 'y'.repeat(300) }, retryInMs: null }, long],
    );
    for (const columns of [20, 40, 80]) {
      const { settled } = liveLines(state, 0, { ...look, columns });
      assert.ok((settled[0] ?? '').length < columns, `${columns}: ${settled[0]}`);
    }
  });

  it('leaves out what a later attempt replaced', () => {
    const state = stateOf(
      ['step.started', {}, 'a'],
      ['step.started', {}, 'a/old'],
      ['step.completed', { output: 1 }, 'a/old'],
      ['step.failed', { error, retryInMs: 0 }, 'a'],
      ['step.started', {}, 'a@2', 2],
      ['step.started', {}, 'a@2/new'],
    );
    assert.deepEqual(
      liveLines(state, 0, look).open.map((line) => line.trim().split(/ {2,}/)[0]),
      ['▸ a', '▸ new'],
    );
  });
});

describe('an event in a line', () => {
  const lineOf = (...told: readonly Told[]): string | undefined => {
    const events = eventsOf([queued, ['run.started', { node: 'n' }], ...told]);
    return timedLine(events.at(-1) as JournalEvent, foldRun(events) as RunState);
  };

  it('says who, what and how long', () => {
    assert.equal(lineOf(agent), '    0.2 s  agent clerk started');
    assert.equal(lineOf(agent, tool), '    0.3 s  tool add executing');
    assert.equal(
      lineOf(agent, tool, ['tool.completed', { output: 5 }, 'clerk/add:1-0']),
      '    0.4 s  tool add completed (0.1 s)',
    );
  });

  it('calls rules what they are', () => {
    const done: Told = [
      'agent.completed',
      { output: 'x', text: 'x', turns: 1, model: { id: 'builtin/rules', kind: 'rules' } },
      'clerk',
    ];
    assert.match(lineOf(agent, done) ?? '', /agent clerk completed by rules, not a language model \(0\.1 s\)/);
  });

  it('tells a failure that is tried again from one that is final', () => {
    const begun: Told = ['step.started', {}, 'a'];
    assert.match(
      lineOf(begun, ['step.failed', { error, retryInMs: 500 }, 'a']) ?? '',
      /failed: the disk is away\. Again in 0\.5 s\.$/,
    );
    assert.match(
      lineOf(begun, ['step.failed', { error, retryInMs: null }, 'a']) ?? '',
      /step a failed: the disk is away$/,
    );
  });

  it('says nothing of what nobody follows', () => {
    assert.equal(lineOf(agent, model), undefined);
    const events = eventsOf([queued]);
    assert.equal(eventWords(events[0] as JournalEvent, foldRun(events) as RunState), undefined);
  });
});
