import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { EventData, EventType, JournalEvent } from '../journal/event.ts';
import { evolve, type RunState } from '../journal/run-state.ts';
import { testHost } from './host.fixture.ts';
import { openScreen } from './screen.ts';
import { openWatch } from './watch.ts';

type Told = readonly [EventType, EventData[EventType], path?: string];

function eventsOf(run: string, told: readonly Told[]): readonly JournalEvent[] {
  return told.map(([type, data, path], index) => {
    const place = { tenant: 't', user: 'u', run, userSeq: index + 1, seq: index + 1, at: 100 * index, v: 1 };
    return { ...place, type, data, ...(path === undefined ? {} : { path }) } as JournalEvent;
  });
}

const queued = { workflow: 'w', version: 1, input: null, digest: 'd', deadlineMs: 1_000, roles: [] };

it('leaves on a terminal what a run did when it goes on as another, and shows that one below (FW4)', () => {
  const { host, err } = testHost({ tty: true });
  const watch = openWatch(host, openScreen(host, { color: false }), { jsonl: false });
  const runs = [
    eventsOf('aaaaaaaa-1', [
      ['run.queued', queued],
      ['run.started', { node: 'n' }],
      ['step.started', {}, 'pack'],
      ['step.completed', { output: 1 }, 'pack'],
      ['run.completed', { output: null, continuedAs: 'bbbbbbbb-2' }],
    ]),
    eventsOf('bbbbbbbb-2', [
      ['run.queued', { ...queued, continues: 'aaaaaaaa-1' }],
      ['run.started', { node: 'n' }],
      ['step.started', {}, 'send'],
      ['step.completed', { output: 2 }, 'send'],
      ['run.completed', { output: 'done' }],
    ]),
  ];
  for (const events of runs) {
    let state: RunState | undefined;
    for (const event of events) {
      state = evolve(state, event);
      watch.event(event, state, false);
    }
  }
  watch.end();
  assert.deepEqual(
    err()
      .split('\n')
      .map((line) => line.replace(/ {2,}[\d.]+ s$/u, '').trim()),
    ['✓ pack', 'run aaaaaaaa goes on as run bbbbbbbb', '✓ send', ''],
  );
});
