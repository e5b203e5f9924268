import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { RunRow } from '../journal/run-row.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import { loadLabels, runLabel } from './run-label.ts';

const row = (run: string, firstUserSeq: number, thread?: string) =>
  ({ run, firstUserSeq, ...(thread === undefined ? {} : { thread }) }) as RunRow;
const thread = (id: string, activeUserSeq: number) => ({ thread: id, title: `On ${id}`, activeUserSeq }) as ThreadRow;

/** A store whose threads come one a page, and whose runs say what they were asked once they are loaded. */
function pagedStore(pages: readonly ThreadRow[]) {
  const threads: ThreadRow[] = [];
  const asked = new Map<string, string>();
  const state = {
    threads,
    thread: (id: string) => threads.find((one) => one.thread === id),
    run: (id: string) => (asked.has(id) ? { state: { input: { question: asked.get(id) } }, events: [] } : undefined),
  };
  const store = {
    state,
    loadThreads: async () => {
      const next = pages[threads.length];
      if (next !== undefined) threads.push(next);
      return threads.length < pages.length;
    },
    loadRun: async (run: string) => void asked.set(run, `What of ${run}?`),
  };
  return { threads, asked, store: store as unknown as Parameters<typeof loadLabels>[0] };
}

it('tells a run by its question, else by the name of its conversation', () => {
  const { store, threads, asked } = pagedStore([]);
  assert.equal(runLabel(store.state, row('r1', 1, 't1')), '');
  threads.push(thread('t1', 5));
  assert.equal(runLabel(store.state, row('r1', 1, 't1')), 'On t1');
  asked.set('r1', 'Why?');
  assert.equal(runLabel(store.state, row('r1', 1, 't1')), 'Why?');
});

it('loads conversations until each run has its name, and runs that are in none', async () => {
  const { store, threads } = pagedStore([thread('t3', 30), thread('t2', 20), thread('t1', 10), thread('t0', 5)]);
  const rows = [row('r2', 19, 't2'), row('alone', 9)];
  await loadLabels(store, rows);
  assert.deepEqual(
    rows.map((one) => runLabel(store.state, one)),
    ['On t2', 'What of alone?'],
  );
  assert.equal(threads.length, 2);
});
