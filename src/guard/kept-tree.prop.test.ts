import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ScanReport } from './concept.ts';
import { crowdMin } from './crowd.ts';
import { type KeptTree, keepTree } from './kept-tree.ts';
import { scan } from './scan.ts';
import { engine, withTree } from './scan.fixture.ts';
import { type Edit, edit, make, pathsTo, plain } from './tree-edits.fixture.ts';

const options = { cache: false, workers: 0, git: false } as const;

async function assertAsScanned(kept: KeptTree, root: string, changed: readonly string[]): Promise<ScanReport> {
  const report = await kept.changed(changed);
  assert.deepEqual(plain(report), plain(await scan({ ...options, root })));
  return report;
}

describe('a kept tree', () => {
  it('reports after any edits what a scan of the tree would (GY1)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { maxLength: 5 }), (steps) =>
        withTree({ 'src/a.ts': engine('ExecutionEngine'), 'package.json': '{ "name": "app" }' }, async (root) => {
          const kept = await keepTree({ ...options, root });
          try {
            await assertAsScanned(kept, root, []);
            for (const edits of steps) {
              await assertAsScanned(
                kept,
                root,
                edits.flatMap((one) => make(root, one)),
              );
            }
          } finally {
            kept.close();
          }
        }),
      ),
      { numRuns: 60 },
    );
  });

  it('forgets what a file said when it can be read no more (GY1)', async () => {
    await withTree(
      { 'src/a.ts': engine('ExecutionEngine'), 'src/b.ts': engine('NewExecutionEngine') },
      async (root) => {
        const kept = await keepTree({ ...options, root });
        try {
          assert.equal((await kept.report()).concepts.length, 1);
          writeFileSync(join(root, 'src/b.ts'), new Uint8Array(64));
          const report = await assertAsScanned(kept, root, ['src/b.ts']);
          assert.deepEqual(report.concepts, []);
          assert.deepEqual(report.skipped, [{ path: 'src/b.ts', why: 'binary' }]);
        } finally {
          kept.close();
        }
      },
    );
  });

  it('sees a rival appear and go, and reads nothing that was not named (GY2)', async () => {
    await withTree({ 'src/a.ts': engine('ExecutionEngine') }, async (root) => {
      const kept = await keepTree({ ...options, root });
      try {
        writeFileSync(join(root, 'src/b.ts'), engine('EnhancedExecutionEngine'));
        assert.deepEqual((await kept.changed([])).concepts, []);
        const came = await assertAsScanned(kept, root, ['src/b.ts']);
        assert.deepEqual(
          came.concepts.map(({ id }) => id),
          ['execution-engine'],
        );
        rmSync(join(root, 'src/b.ts'));
        assert.deepEqual((await assertAsScanned(kept, root, ['src/b.ts'])).concepts, []);
      } finally {
        kept.close();
      }
    });
  });

  /** Makes one edit of a tree that was reported before. */
  async function after(files: Readonly<Record<string, string>>, change: Edit): Promise<ScanReport> {
    return withTree(files, async (root) => {
      const kept = await keepTree({ ...options, root });
      try {
        await kept.report();
        return await assertAsScanned(kept, root, make(root, change));
      } finally {
        kept.close();
      }
    });
  }

  const user = `import { Engine } from '../lib'; export class OldEngine extends Engine {}`;

  it('links anew who imports from a file that passes on what is there only now (GL4)', async () => {
    const files = { 'lib/engine.ts': '', 'lib/index.ts': `export * from './engine.ts';`, 'src/user.ts': user };
    const report = await after(files, { path: 'lib/engine.ts', text: 'export class Engine {}' });
    assert.deepEqual(report.tree.units.get('src/user.ts#OldEngine')?.ancestors, ['lib/engine.ts#Engine']);
  });

  it('sees what a unit has come to, though its name stayed (GY3)', async () => {
    const files = { 'src/a.ts': engine('ExecutionEngine'), 'src/b.ts': engine('NewExecutionEngine') };
    const report = await after(files, { path: 'src/b.ts', text: 'export class NewExecutionEngine {}' });
    assert.deepEqual(report.concepts, []);
  });

  it('sees that what a file extends has another ancestor, though the file stayed (GY3)', async () => {
    const files = {
      'lib/index.ts': 'class Motor {} export class Engine extends Motor {}',
      'src/user.ts': user,
    };
    const report = await after(files, { path: 'lib/index.ts', text: 'class Motor {} export class Engine {}' });
    assert.deepEqual(report.tree.units.get('src/user.ts#OldEngine')?.ancestors, ['lib/index.ts#Engine']);
  });

  const twoEngines = { 'src/a.ts': engine('BaseExecutionEngine'), 'src/b.ts': engine('ExecutionEngine') };

  function verdicts({ edges }: ScanReport): readonly string[] {
    return edges.map(({ a, b, verdict }) => `${a} ${b} ${verdict}`);
  }

  it('judges two units anew when a third one came to extend one of them (GI2)', async () => {
    const files = { ...twoEngines, 'src/c.ts': 'export const nothing = 1;' };
    const text = `import { BaseExecutionEngine } from './a'; export class Late extends BaseExecutionEngine {}`;
    const report = await after(files, { path: 'src/c.ts', text });
    assert.deepEqual(verdicts(report), ['src/a.ts#BaseExecutionEngine src/b.ts#ExecutionEngine strategy']);
  });

  it('judges all pairs anew where a crowd of names comes or goes', async () => {
    const names = Array.from({ length: crowdMin }, (_, at) => `export const scale${at}by = (x: number) => x * ${at};`);
    const report = await after(
      {
        'src/a.ts':
          'export function formatSize(bytes: number) { const step = 1024; return bytes > step ? (bytes / step).toFixed(1) + "kB" : bytes + "B"; }',
        'src/scales.ts': 'export const scale = (x: number) => x;',
        'lib/b.ts':
          'export function formatSize(bytes: number) { let unit = "B"; while (bytes > 1000) { bytes /= 1000; unit = "kB"; } return [bytes, unit].join(" "); }',
      },
      { path: 'src/scales.ts', text: names.join('\n') },
    );
    assert.deepEqual(
      report.concepts.map(({ tier }) => tier),
      ['possible'],
    );
  });

  it('measures two units anew when another file calls both by one name (GI2)', async () => {
    const use = (name: string, file: string): string =>
      `import { ${name} } from './${file}'; export function go${file}(motor: ${name}) { motor.runStep(); motor.cancelPlan(); }`;
    const files = { ...twoEngines, 'src/c.ts': use('BaseExecutionEngine', 'a'), 'src/d.ts': 'export const x = 1;' };
    const report = await after(files, { path: 'src/d.ts', text: use('ExecutionEngine', 'b') });
    assert.deepEqual(report.edges[0]?.evidence.boundAs, ['motor']);
  });

  it('finds a pair again when its name is no longer on everything, and loses it when it is (GI1)', async () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, index) => `export class ExecutionEngine { run${index}() {} }`).join('\n');
    const files = {
      'src/a.ts': engine('ExecutionEngine'),
      'src/b.ts': many(60),
      'src/c.ts': engine('ExecutionEngine'),
    };
    const fewer = await after(files, { path: 'src/b.ts', text: many(1) });
    assert.ok(verdicts(fewer).includes('src/a.ts#ExecutionEngine src/c.ts#ExecutionEngine rival'));
    await after({ ...files, 'src/b.ts': many(1) }, { path: 'src/b.ts', text: many(60) });
  });

  it('follows imports by what a manifest says now (GY3)', async () => {
    const files = {
      'tsconfig.json': pathsTo('src'),
      'src/b.ts': 'export class Engine {}',
      'lib/b.ts': 'export class Engine {}',
      'app/user.ts': `import { Engine } from '@/b'; export class OldEngine extends Engine {}`,
    };
    const report = await after(files, { path: 'tsconfig.json', text: pathsTo('lib') });
    assert.deepEqual(report.tree.units.get('app/user.ts#OldEngine')?.ancestors, ['lib/b.ts#Engine']);
  });
});
