/** Backups beside a process that writes, and processes that are killed while they make or restore one: DB1 to DB5. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '../core/clock.ts';
import type { Page } from '../journal/store.ts';
import { note, StoreAuthor } from '../testing/store-author.ts';
import { startChild } from './child-process.fixture.ts';
import { checkBackup, makeBackup, restoreBackup } from './sqlite-backup.ts';
import { sqlite } from './sqlite.ts';

const root = mkdtempSync(join(tmpdir(), 'cantus-backup-crash-'));
after(() => rmSync(root, { recursive: true }));

let places = 0;
function newPlace(): string {
  const place = join(root, `${++places}`);
  mkdirSync(place);
  return place;
}

async function pageOf(folder: string, user: string): Promise<Page> {
  const store = sqlite(folder);
  await store.open();
  try {
    return await store.read('main', user, { after: 0, limit: 1_000_000 });
  } finally {
    await store.close();
  }
}

/** A folder that takes some time to copy; of `bytes` in the journal. */
async function largeFolder(place: string, bytes: number): Promise<string> {
  const folder = join(place, 'data');
  const store = sqlite(folder);
  await store.open();
  const author = await StoreAuthor.own(store, 'node', { tenant: 'main', user: 'ada' });
  for (let left = bytes; left > 0; left -= 1_000_000)
    await author.write(Array.from({ length: 10 }, () => note('x'.repeat(100_000))));
  await store.close();
  return folder;
}

/** Runs the child and kills it `ms` after it began; gives whether it had ended by then. */
async function killed(ms: number, ...args: readonly string[]): Promise<boolean> {
  const child = startChild(args);
  await child.said('begin');
  await new Promise<void>((resolve) => void systemClock.after(ms, resolve));
  child.process.kill('SIGKILL');
  await child.ended();
  return child.lines.includes('end');
}

const killsAfterMs = [0, 20, 100];

describe('a backup', () => {
  it('made while a process writes is a prefix of each stream, at least as far as was acknowledged (DB1)', async () => {
    const place = newPlace();
    const folder = join(place, 'data');
    const child = startChild(['load', folder]);
    for (let round = 1; round <= 2; round++) {
      await child.spoke(round * 150);
      const acknowledged = child.lines.slice(0, round * 150);
      const [target, elsewhere] = [join(place, `copy ${round}`), join(place, `restored ${round}`)];
      makeBackup({ folder, target, now: 0 });
      restoreBackup({ backup: target, folder: elsewhere, origin: 'restored', now: 0, replace: false });
      for (const user of ['ada', 'bob', 'cleo']) {
        const { events, skipped, head } = await pageOf(elsewhere, user);
        const known = Number(acknowledged.findLast((line) => line.startsWith(`${user} `))?.split(' ')[1] ?? 0);
        assert.ok(head.userSeq >= known, `${user}: ${head.userSeq} of ${known}`);
        assert.equal(head.userSeq % 2, 0, 'a commit is whole');
        assert.deepEqual([events.length, skipped], [head.userSeq, []]);
      }
    }
    child.process.kill('SIGKILL');
    assert.equal(await child.ended(), 'SIGKILL');
  });

  it('that is killed is not there, or whole; nothing half opens, and the next one is made (DB3)', async () => {
    const place = newPlace();
    const folder = await largeFolder(place, 4_000_000);
    const target = join(place, 'copy');
    let cutOff = 0;
    for (const ms of killsAfterMs) {
      const ended = await killed(ms, 'backup', folder, target);
      assert.ok(existsSync(target) || !ended);
      if (existsSync(target)) checkBackup(target);
      else cutOff++;
      const half = `${target}.unfinished`;
      if (existsSync(half) && !readdirSync(half).includes('manifest.json'))
        assert.throws(
          () => restoreBackup({ backup: half, folder: join(place, 'half'), origin: 'x', now: 0, replace: false }),
          { code: 'invalid_input', message: /is not a backup/ },
        );
      assert.ok(!existsSync(join(place, 'half')));
      rmSync(target, { recursive: true, force: true });
    }
    assert.ok(cutOff > 0, 'it was killed in the middle at least once');
    makeBackup({ folder, target, now: 0 });
    assert.deepEqual(readdirSync(place).toSorted(), ['copy', 'data']);
  });
});

describe('a restore', () => {
  it('that is killed leaves the folder as it was, or as the backup has it (DB4)', async () => {
    const place = newPlace();
    const folder = await largeFolder(place, 4_000_000);
    const target = join(place, 'copy');
    makeBackup({ folder, target, now: 0 });
    let cutOff = 0;
    for (const ms of killsAfterMs) {
      const here = join(place, `here ${ms}`);
      cpSync(folder, here, { recursive: true });
      const before = await pageOf(here, 'ada');
      const ended = await killed(ms, 'restore', here, target);
      if (!existsSync(here)) {
        // Killed between two renamings: both folders stand beside the place, and the command can be given again.
        assert.ok(readdirSync(place).some((name) => name.startsWith(`here ${ms}.before-`)));
        restoreBackup({ backup: target, folder: here, origin: 'restored', now: 0, replace: false });
      }
      const { head, events } = await pageOf(here, 'ada');
      assert.equal(events.length, before.events.length);
      const isRestored = head.generation === 'restored.0';
      assert.ok(isRestored || head.generation === before.head.generation);
      assert.ok(isRestored || !ended);
      if (!isRestored) cutOff++;
    }
    assert.ok(cutOff > 0, 'it was killed in the middle at least once');
  });
});
