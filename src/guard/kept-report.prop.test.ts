import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { historyOf } from './births.ts';
import type { ScanOptions, ScanReport } from './concept.ts';
import { explain } from './explain.ts';
import { takeReport } from './kept-report.ts';
import { listTree } from './read-tree.ts';
import { scanJson } from './report/json.ts';
import { scan } from './scan.ts';
import { engine, withTree } from './scan.fixture.ts';
import { edit, make, pathsTo, plain } from './tree-edits.fixture.ts';
import { textsIn } from './tree-maker.ts';

type Given = Partial<ScanOptions>;

/** Scans with what was kept, and is the same as without. */
async function assertAsWithout(root: string, folder: string, given: Given = {}): Promise<ScanReport> {
  const options = { workers: 0, git: false, ...given, root };
  const report = await scan({ ...options, cache: join(folder, 'kept') });
  assert.deepEqual(plain(report), plain(await scan({ ...options, cache: false })));
  return report;
}

/** Would a scan take what is kept? The tree is made by nobody. */
async function isTaken(root: string, folder: string, given: Given = {}): Promise<boolean> {
  const options = { git: false, ...given, root, cache: join(folder, 'kept') };
  const history = options.git ? await historyOf(root) : '';
  const basis = { list: listTree(options), options, history };
  const taken = takeReport(basis, textsIn(root), () => assert.fail('the tree was made'));
  if (taken === undefined) return false;
  // All that a report tells is known without the tree.
  const report = { ...taken, cached: 0, ms: 0 };
  assert.ok(JSON.stringify(scanJson(report, report.concepts)).length > 0);
  for (const { id } of report.concepts) assert.ok(explain(report, id).members.length > 1);
  return true;
}

const given: fc.Arbitrary<Given> = fc.constantFrom<Given>(
  {},
  { zones: { test: ['lib/**'] } },
  { ignore: ['src/b.ts'] },
  { deployables: { one: 'src', other: 'lib' } },
  { vocabulary: { scope: ['Plan'] } },
);

const rivals = {
  'src/a.ts': engine('ExecutionEngine'),
  'src/b.ts': engine('NewExecutionEngine'),
  'app/user.ts': `import { ExecutionEngine } from '@/a'; new ExecutionEngine().runStep();`,
};

/** Two folders: of the tree, and of what is kept. */
function withBoth(
  files: Readonly<Record<string, string>>,
  see: (root: string, folder: string) => Promise<void>,
): Promise<void> {
  return withTree(files, (root) => withTree({}, (folder) => see(root, folder)));
}

describe('a kept report', () => {
  it('is after any edits and with any options what a scan without it would find (KR1, KR2)', async () => {
    const steps = fc.array(fc.tuple(fc.array(edit, { maxLength: 3 }), given), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(steps, (all) =>
        withBoth(rivals, async (root, folder) => {
          await assertAsWithout(root, folder);
          for (const [edits, options] of all) {
            for (const one of edits) make(root, one);
            await assertAsWithout(root, folder, options);
            await assertAsWithout(root, folder, options);
          }
        }),
      ),
      { numRuns: 40 },
    );
  });

  it('is taken for a tree that is the same, and tells its findings without the tree (KR2)', async () => {
    await withBoth(rivals, async (root, folder) => {
      assert.equal(await isTaken(root, folder), false);
      await assertAsWithout(root, folder);
      assert.equal(await isTaken(root, folder), true);
      const again = await assertAsWithout(root, folder);
      assert.equal(again.cached, 3);
      const [id = ''] = again.concepts[0]?.units ?? [];
      assert.equal(
        again.tree.units.get(id),
        [...again.tree.units.values()].find((unit) => unit.id === id),
      );
    });
  });

  it('is not taken when a file says something else, though its length and its time are the same (KR1)', async () => {
    await withBoth(rivals, async (root, folder) => {
      await assertAsWithout(root, folder);
      const file = join(root, 'src/b.ts');
      const { atime, mtime } = statSync(file);
      writeFileSync(file, readFileSync(file, 'utf8').replace('NewExecutionEngine', 'SetTheTableEngin'));
      utimesSync(file, atime, mtime);
      assert.equal(await isTaken(root, folder), false);
      const changed = await assertAsWithout(root, folder);
      assert.ok(changed.tree.units.has('src/b.ts#SetTheTableEngin'));
    });
  });

  it('is not taken when files hold what they held, but each in the place of the other (KR1)', async () => {
    await withBoth(rivals, async (root, folder) => {
      await assertAsWithout(root, folder);
      writeFileSync(join(root, 'src/a.ts'), rivals['src/b.ts']);
      writeFileSync(join(root, 'src/b.ts'), rivals['src/a.ts']);
      assert.equal(await isTaken(root, folder), false);
      await assertAsWithout(root, folder);
    });
  });

  it('is not taken when a manifest says something else, or one that another leads to (KR1)', async () => {
    const files = { ...rivals, 'tsconfig.json': '{ "extends": "./paths.json" }', 'paths.json': pathsTo('src') };
    await withBoth(files, async (root, folder) => {
      await assertAsWithout(root, folder);
      writeFileSync(join(root, 'paths.json'), pathsTo('lib'));
      assert.equal(await isTaken(root, folder), false);
      await assertAsWithout(root, folder);
      writeFileSync(join(root, 'tsconfig.json'), pathsTo('src'));
      assert.equal(await isTaken(root, folder), false);
    });
  });

  it('is not taken with other options (KR1)', async () => {
    await withBoth(rivals, async (root, folder) => {
      await assertAsWithout(root, folder);
      const other = { zones: { test: ['src/b.ts'] } };
      assert.equal(await isTaken(root, folder, other), false);
      assert.deepEqual((await assertAsWithout(root, folder, other)).concepts, []);
    });
  });

  it('is not taken when git knows of another history (KR1)', async () => {
    await withBoth(rivals, async (root, folder) => {
      const git = (...args: readonly string[]): void => {
        const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.c'];
        execFileSync('git', ['-C', root, ...who, ...args], { stdio: 'ignore' });
      };
      git('init');
      git('add', 'src/a.ts');
      git('commit', '-m', 'one', '--date', '2020-01-01T00:00:00');
      await assertAsWithout(root, folder, { git: true });
      assert.equal(await isTaken(root, folder, { git: true }), true);
      git('add', '.');
      git('commit', '-m', 'two', '--date', '2024-01-01T00:00:00');
      assert.equal(await isTaken(root, folder, { git: true }), false);
      await assertAsWithout(root, folder, { git: true });
    });
  });

  it('is as good as none when it or the facts are broken (KR3)', async () => {
    await withBoth(rivals, async (root, folder) => {
      await assertAsWithout(root, folder);
      const kept = join(folder, 'kept');
      for (const name of readdirSync(kept)) {
        const file = join(kept, name);
        const whole = readFileSync(file);
        assert.equal(await isTaken(root, folder), true);
        // Near the end is a character of some string, so that nothing but a hash can tell.
        const at = whole.length - 8;
        writeFileSync(
          file,
          whole.map((byte, index) => (index === at ? byte ^ 1 : byte)),
        );
        assert.equal(await isTaken(root, folder), false, name);
        writeFileSync(file, whole);
      }
    });
  });
});
