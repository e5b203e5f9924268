import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventData, EventType, JournalEvent } from './event.ts';
import { threadAfter, titleHas, type ThreadRow } from './thread-row.ts';

const queued = { workflow: 'w', version: 1, input: null, digest: '', deadlineMs: 1, roles: [] };

/** The row after each of the events, which are 10 ms apart. */
function rowsAfter(...events: readonly (readonly [EventType, EventData[EventType], run?: string])[]) {
  let row: ThreadRow | undefined;
  return events.map(([type, data, run], index) => {
    const place = { tenant: 't', user: 'u', thread: 'th', userSeq: index + 1, at: 10 * index, v: 1 };
    row = threadAfter(row, { ...place, type, data, ...(run === undefined ? {} : { run }) } as JournalEvent);
    return row;
  });
}

function titleAfter(text: string): string | undefined {
  return rowsAfter(['run.queued', queued, 'a'], ['message.received', { text }, 'a']).at(-1)?.title;
}

describe('the row of a thread', () => {
  it('begins with its first run, and is named after the first message until somebody names it (TH1)', () => {
    const rows = rowsAfter(
      ['run.queued', queued, 'a'],
      ['message.received', { text: 'first' }, 'a'],
      ['run.queued', queued, 'b'],
      ['message.received', { text: 'second' }, 'b'],
      ['thread.renamed', { title: 'named' }],
      ['message.received', { text: 'third' }, 'b'],
    );
    assert.deepEqual(
      rows.map((row) => [row?.title, row?.named, row?.runs]),
      [
        ['', false, 1],
        ['first', false, 1],
        ['first', false, 2],
        ['first', false, 2],
        ['named', true, 2],
        ['named', true, 2],
      ],
    );
    assert.deepEqual([rows.at(-1)?.startedAt, rows.at(-1)?.activeAt, rows.at(-1)?.activeUserSeq], [0, 20, 3]);
  });

  it('stands as its newest run does; an older one that ends later only says that there was something', () => {
    const rows = rowsAfter(
      ['run.queued', queued, 'a'],
      ['run.started', { node: 'n' }, 'a'],
      ['run.queued', queued, 'b'],
      ['run.suspended', { activeLeftMs: 1, waits: [], wakeAt: null }, 'b'],
      ['run.cancelled', { reason: '' }, 'a'],
      ['run.resumed', { node: 'n', reason: 'woken' }, 'b'],
      ['run.failed', { error: { code: 'thrown', message: '', retryable: false } }, 'b'],
    );
    assert.deepEqual(
      rows.map((row) => `${row?.lastRun} ${row?.status} ${row?.activeUserSeq}`),
      ['a queued 1', 'a running 1', 'b queued 3', 'b suspended 3', 'b suspended 5', 'b running 5', 'b failed 7'],
    );
  });

  it('is gone after the deletion, and begins anew (TH2)', () => {
    const rows = rowsAfter(
      ['run.queued', queued, 'a'],
      ['thread.renamed', { title: 'named' }],
      ['thread.deleted', { runs: ['a'] }],
      ['message.received', { text: 'late' }, 'a'],
      ['run.queued', queued, 'b'],
    );
    assert.deepEqual(rows.slice(2, 4), [undefined, undefined]);
    assert.deepEqual([rows[4]?.title, rows[4]?.named, rows[4]?.runs, rows[4]?.startedAt], ['', false, 1, 40]);
  });

  it('takes one short line of a message, whole characters of it, and nothing that moves a cursor', () => {
    assert.equal(titleAfter('  a\n\t b \u001b[2J\u0000c '), 'a b [2J c');
    assert.equal(titleAfter(''), '');
    assert.equal(titleAfter(`${'x'.repeat(79)}😀`), `${'x'.repeat(79)}…`);
    assert.equal(titleAfter('x'.repeat(80)), 'x'.repeat(80));
    assert.equal(titleAfter(' '.repeat(5_000) + 'y'.repeat(5_000)), `${'y'.repeat(80)}…`);
  });

  it('is found by any part of its title, in whatever case and however a letter is written', () => {
    assert.ok(titleHas('Größe ÄNDERN', 'äNd') && titleHas('e\u0301t\u00e9', '\u00c9TE\u0301') && titleHas('x', ''));
    assert.ok(!titleHas('abc', 'a.c') && !titleHas('abc', 'ac'));
  });
});
