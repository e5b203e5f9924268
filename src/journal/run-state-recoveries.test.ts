import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JournalEvent } from './event.ts';
import { foldRun } from './run-state.ts';

const queued = { workflow: 'w', version: 1, input: null, digest: 'd', deadlineMs: 1_000, roles: [] };
const begun: readonly (readonly [string, unknown])[] = [
  ['run.queued', queued],
  ['run.started', { node: 'a' }],
];
const suspended = ['run.suspended', { activeLeftMs: 900, waits: ['approval'], wakeAt: null }] as const;
const recovered = ['run.resumed', { node: 'b', reason: 'recovered' }] as const;

function recoveries(told: readonly (readonly [string, unknown])[]): number | undefined {
  const events = told.map(
    ([type, data], index) =>
      ({ tenant: 't', user: 'u', run: 'r', userSeq: index + 1, seq: index + 1, at: index, v: 1, type, data }) as never,
  );
  return foldRun(events as JournalEvent[])?.recoveriesWithoutProgress;
}

describe('recoveries without progress', () => {
  it('counts a recovery from the middle of the work', () => {
    assert.equal(recoveries([...begun, recovered, recovered]), 2);
  });

  it('does not count one of a run that only waited: it may wait through any number of restarts', () => {
    assert.equal(recoveries([...begun, suspended, recovered, suspended, recovered, suspended, recovered]), 0);
  });

  it('counts the recovery after one that did not come to waiting again', () => {
    assert.equal(recoveries([...begun, suspended, recovered, recovered]), 1);
  });
});
