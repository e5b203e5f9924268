import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ScanReport } from './concept.ts';
import { type KeptTree, keepTree } from './kept-tree.ts';
import { scan } from './scan.ts';
import { engine, withTree } from './scan.fixture.ts';

const options = { cache: false, workers: 0, git: false } as const;

/** What depends on the tree alone. */
function plain({ tree, cached: _cached, ms: _ms, ...rest }: ScanReport): unknown {
  const files = [...tree.files.values()].map(({ names, ...file }) => ({ ...file, names: [...names] }));
  return { ...rest, files, units: [...tree.units.values()] };
}

async function assertAsScanned(kept: KeptTree, root: string, changed: readonly string[]): Promise<ScanReport> {
  const report = await kept.changed(changed);
  assert.deepEqual(plain(report), plain(await scan({ ...options, root })));
  return report;
}

const paths = ['src/a.ts', 'src/b.ts', 'lib/index.ts', 'lib/c.py', 'lib/inner/d.js'] as const;
const texts = [
  engine('ExecutionEngine'),
  engine('EnhancedExecutionEngine'),
  `export * from './a.ts'; export { ExecutionEngine as Engine } from '../src/b.ts';`,
  `import { ExecutionEngine } from '../src/a.ts'; const engine = new ExecutionEngine(); engine.cancelPlan('x', 'y');`,
  'class Dispatcher:\n    def dispatch_tool(self, name):\n        return self.tools[name]\n',
  'export class {{{',
  new Uint8Array([0xff, 0xfe, 0x61, 0x00]),
  new Uint8Array([0x2f, 0x2f, 0xe9, 0x0a]),
] as const;

const edit = fc.oneof(
  fc.record({ path: fc.constantFrom(...paths), text: fc.constantFrom(...texts) }),
  fc.record({ path: fc.constantFrom(...paths), text: fc.constant(undefined) }),
  fc.record({ path: fc.constant('.gitignore'), text: fc.constantFrom('lib/\n', '*.py\n', '') }),
  fc.record({ path: fc.constant('lib/package.json'), text: fc.constantFrom('{ "name": "lib" }', '{') }),
);

describe('a kept tree', () => {
  it('reports after any edits what a scan of the tree would (GY1)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { maxLength: 5 }), (steps) =>
        withTree({ 'src/a.ts': engine('ExecutionEngine'), 'package.json': '{ "name": "app" }' }, async (root) => {
          const kept = await keepTree({ ...options, root });
          try {
            await assertAsScanned(kept, root, []);
            for (const edits of steps) {
              for (const { path, text } of edits) {
                mkdirSync(dirname(join(root, path)), { recursive: true });
                if (text === undefined) rmSync(join(root, path), { force: true });
                else writeFileSync(join(root, path), text);
              }
              await assertAsScanned(
                kept,
                root,
                edits.map(({ path }) => path),
              );
            }
          } finally {
            kept.close();
          }
        }),
      ),
      { numRuns: 25 },
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
});
