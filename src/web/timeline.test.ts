import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { EventData, EventType, JournalEvent } from '../journal/event.ts';
import { foldRun, type RunState } from '../journal/run-state.ts';
import { percentOf, timelineOf } from './timeline.ts';

type Told = {
  readonly type: EventType;
  readonly at: number;
  readonly data?: unknown;
  readonly path?: string;
  readonly attempt?: number;
};

const queued: EventData['run.queued'] = {
  workflow: 'w',
  version: 1,
  input: {},
  digest: 'd',
  deadlineMs: 1_000,
  roles: [],
};
const error = { code: 'tool_failed', message: 'no line', retryable: true } as const;
const tool = { tool: 'call', effect: 'read', input: null, digest: 'd' } as const;

/** The events of one run, and its state after them. */
function runOf(...told: readonly Told[]): { readonly run: RunState; readonly events: readonly JournalEvent[] } {
  const all: readonly Told[] = [{ type: 'run.queued', at: 1_000, data: queued }, ...told];
  const events = all.map(({ data = {}, ...rest }, index) => {
    const envelope = { tenant: 't', user: 'u', run: 'r', userSeq: index + 1, seq: index + 1, v: 1 };
    return { ...envelope, ...rest, data } as JournalEvent;
  });
  const run = foldRun(events);
  assert.ok(run !== undefined);
  return { run, events };
}

const started = { type: 'run.started', at: 1_100, data: { node: 'n' } } as const;

it('draws the time in the queue apart from the time of work', () => {
  const { run, events } = runOf(started, { type: 'run.completed', at: 1_500, data: { output: null } });
  const [row] = timelineOf(run, events, 9_000).rows;
  assert.deepEqual(
    row?.stretches.map(({ kind, from, to, open }) => [kind, from, to, open]),
    [
      ['queue', 1_000, 1_100, false],
      ['work', 1_100, 1_500, false],
    ],
  );
});

it('gives each failed attempt a stretch of its own, and draws the pause before the next apart (TL2)', () => {
  const { run, events } = runOf(
    started,
    { type: 'tool.executing', at: 1_200, path: 'call', data: tool },
    { type: 'tool.failed', at: 1_300, path: 'call', data: { error, retryInMs: 50 } },
    { type: 'tool.executing', at: 1_350, path: 'call', attempt: 2, data: tool },
    { type: 'tool.completed', at: 1_400, path: 'call', attempt: 2, data: { output: 1 } },
  );
  const row = timelineOf(run, events, 1_600).rows.find(({ path }) => path === 'call');
  assert.deepEqual(
    row?.stretches.map(({ kind, from, to, attempt }) => [kind, from, to, attempt]),
    [
      ['failed', 1_200, 1_300, 1],
      ['queue', 1_300, 1_350, 2],
      ['work', 1_350, 1_400, 2],
    ],
  );
});

it('lets what is open grow to now, and what has ended stand still (TL3)', () => {
  const { run, events } = runOf(started, { type: 'tool.executing', at: 1_200, path: 'call', data: tool });
  const [whole, call] = timelineOf(run, events, 1_700).rows;
  assert.equal(call?.stretches.at(-1)?.to, 1_700);
  assert.equal(call?.stretches.at(-1)?.open, true);
  assert.equal(whole?.stretches.at(-1)?.to, 1_700);
  // A clock that is behind the journal must not draw it backwards.
  const behind = timelineOf(run, events, 500);
  assert.equal(behind.to, 1_200);
  for (const stretch of behind.rows.flatMap(({ stretches }) => stretches)) assert.ok(stretch.to >= stretch.from);
});

it('keeps each stretch within the span (TL1)', () => {
  const { run, events } = runOf(started, { type: 'tool.executing', at: 1_200, path: 'call', data: tool });
  const timeline = timelineOf(run, events, 2_000);
  for (const stretch of timeline.rows.flatMap(({ stretches }) => stretches)) {
    const { left, width } = percentOf(stretch, timeline);
    assert.ok(left >= 0 && width >= 0 && left + width <= 100.000_1, `${left} ${width}`);
  }
  const [queue] = timeline.rows[0]!.stretches;
  assert.deepEqual(percentOf(queue!, timeline), { left: 0, width: 10 });
  assert.deepEqual(percentOf({ from: 0, to: 9_999 }, timeline), { left: 0, width: 100 });
});

it('hatches waits, for a signal and for a word on a call in doubt', () => {
  const { run, events } = runOf(
    started,
    { type: 'wait.started', at: 1_200, path: 'ok', data: { for: { kind: 'signal', signal: 'go' }, until: 9_000 } },
    { type: 'tool.executing', at: 1_200, path: 'pay', data: { ...tool, effect: 'once' } },
    { type: 'tool.indoubt', at: 1_250, path: 'pay', data: { tool: 'call', error } },
  );
  const { rows } = timelineOf(run, events, 1_400);
  const kindsOf = (at: string) => rows.find(({ path }) => path === at)?.stretches.map(({ kind }) => kind);
  assert.deepEqual(kindsOf('ok'), ['wait']);
  assert.deepEqual(kindsOf('pay'), ['work', 'wait']);
});

it('nests steps, and leaves out what is in a folded one', () => {
  const agent = { agent: 'a', input: 'x' };
  const { run, events } = runOf(
    started,
    { type: 'agent.started', at: 1_200, path: 'a', data: agent },
    { type: 'tool.executing', at: 1_250, path: 'a/call:1-0', data: tool },
  );
  const told = (folded: ReadonlySet<string>) =>
    timelineOf(run, events, 1_400, folded).rows.map(({ depth, label }) => [depth, label]);
  assert.deepEqual(told(new Set()), [
    [0, 'w'],
    [1, 'agent a'],
    [2, 'tool call'],
  ]);
  assert.deepEqual(told(new Set(['a'])), [
    [0, 'w'],
    [1, 'agent a'],
  ]);
});

it('marks the scale at round times, a handful of them', () => {
  const { run, events } = runOf(started);
  for (const span of [3, 40, 999, 61_000, 3_700_000, 9e9]) {
    const { ticks, from, to } = timelineOf(run, events, 1_100 + span);
    assert.ok(ticks.length >= 2 && ticks.length <= 7, `${span}: ${ticks.length}`);
    assert.ok(ticks.every(({ at, offsetMs }) => at <= to && at === from + offsetMs));
  }
});
