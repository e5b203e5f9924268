/** A journal with an event that only a newer Cantus knows: what depends on it is told so, by name, and nothing else. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { createEngine, defineWorkflow, sqlite, type Engine } from '../../src/index.ts';

const ask = defineWorkflow({
  name: 'ask',
  version: 1,
  input: z.object({}),
  run: async (ctx) => {
    await ctx.step('draft', () => 'a draft');
    return ctx.wait('go', { signal: 'go' });
  },
});

async function open(test: TestContext, folder: string): Promise<Engine> {
  const engine = await createEngine({ store: sqlite(folder), workflows: [ask] });
  test.after(() => engine.close());
  return engine;
}

/** Ada and Bob have a run each that waits; one event of Ada's then becomes one of a newer Cantus. */
async function folderWithNewer(test: TestContext): Promise<{ folder: string; ada: string; bob: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-newer-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  const engine = await open(test, folder);
  const [ada = '', bob = ''] = await Promise.all(
    ['ada', 'bob'].map(async (user) => {
      const run = await engine.as({ user }).start('ask', {});
      for await (const event of run.events()) if (event.type === 'run.suspended') return run.id;
      return '';
    }),
  );
  await engine.close();
  const db = new DatabaseSync(join(folder, 'journal.db'));
  const changed = db
    .prepare("UPDATE event SET data = replace(data, 'step.completed', 'step.dreamt') WHERE data ->> '$.run' = ?")
    .run(ada);
  assert.ok(Number(changed.changes) > 0);
  db.close();
  return { folder, ada, bob };
}

const named = { code: 'store_corrupt', message: /"step\.dreamt" version 1 .*newer Cantus/ };

describe('a journal with an event of a newer Cantus', () => {
  it('names it to who reads it or goes on behind it, and holds up no other user', async (test) => {
    const { folder, ada, bob } = await folderWithNewer(test);
    const engine = await open(test, folder);
    const bobs = await engine.as({ user: 'bob' }).run(bob);
    await bobs.signal('go', 'yes');
    assert.deepEqual(await bobs.result(), { status: 'completed', output: { expired: false, value: 'yes' } });
    const door = engine.as({ user: 'ada' });
    const [row] = await door.runs();
    assert.deepEqual([row?.run, row?.status], [ada, 'suspended'], 'lists are there');
    const run = await door.run(ada);
    await assert.rejects(run.state(), named);
    await assert.rejects(run.signal('go', 'yes'), named);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of run.events()) seen.push(event.type);
    })();
    await assert.rejects(reading, named);
    assert.ok(!seen.includes('run.suspended'), 'nothing behind it is shown as if it were not there');
  });
});
