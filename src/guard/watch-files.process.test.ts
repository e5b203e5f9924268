/** Real folders, heard of by the operating system: in a process of its own, for it waits for what the machine tells. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../core/clock.ts';
import { withTree } from './scan.fixture.ts';
import { listen } from './watch-files.ts';

/** Runs `act` and waits until this path is told of. */
async function heard(root: string, act: () => void, wanted: string, poll = false): Promise<readonly string[]> {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const ears = listen({
    root,
    scan: { root },
    clock: systemClock,
    changed: (paths) => {
      told.push(...paths);
      if (told.includes(wanted)) resolve();
    },
    ...(poll ? { poll } : {}),
  });
  ears.hear(['', 'src']);
  assert.equal(ears.polls, poll);
  act();
  // Who hears nothing by then is deaf, and the test says so.
  const stopTimer = systemClock.after(10_000, resolve);
  await promise;
  stopTimer();
  ears.close();
  return told;
}

const files = { 'package.json': '{}', 'src/a.ts': 'export const a = 1;\n', '.gitignore': 'out\n' };

describe('the files of a code base', () => {
  it('are heard of when they are written, and others are not', async () => {
    await withTree(files, async (root) => {
      const told = await heard(
        root,
        () => {
          writeFileSync(join(root, 'src/notes.txt'), 'x');
          writeFileSync(join(root, 'src/a.ts'), 'export const a = 2;\n');
        },
        'src/a.ts',
      );
      assert.deepEqual([...new Set(told)], ['src/a.ts']);
    });
  });

  it('are heard of in a folder that is new, with what came with it (QZ1)', async () => {
    await withTree(files, async (root) => {
      const act = (): void => {
        mkdirSync(join(root, 'src/deep/er'), { recursive: true });
        writeFileSync(join(root, 'src/deep/er/b.ts'), 'export const b = 1;\n');
      };
      assert.ok((await heard(root, act, 'src/deep/er/b.ts')).includes('src/deep/er/b.ts'));
    });
  });

  it('are looked at where they can not be heard of (QZ2)', async () => {
    await withTree(files, async (root) => {
      const act = (): void => writeFileSync(join(root, 'src/c.ts'), 'export const c = 1;\n');
      assert.deepEqual(await heard(root, act, 'src/c.ts', true), ['src/c.ts']);
    });
  });
});
