import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { EngineError } from '../core/errors.ts';
import type { ScanReport } from './concept.ts';
import { explain } from './explain.ts';
import { scan } from './scan.ts';
import { edgeBetween, engine, scanTree, withTree } from './scan.fixture.ts';

const rivals = {
  'package.json': '{ "name": "app" }',
  'src/core/engine.ts': engine('ExecutionEngine'),
  'src/agents/engine-v2.ts': `
/** Runs what was planned. */
export class EnhancedExecutionEngine {
  #items = new Map();
  async executePlan(work) {
    const results = [];
    for (let i = 0; i < work.steps.length; i++) results.push(await this.runStep(work.steps[i]));
    return results;
  }
  async runStep(one) { this.#items.set(one.id, true); }
  cancelPlan(id) { this.#items.delete(id); }
}
`,
  'src/server.ts': `
import { ExecutionEngine } from './core/engine.ts';
export function serve(engine: ExecutionEngine) { return engine.executePlan({ steps: [] }); }
`,
  'test/server.test.ts': `import { ExecutionEngine } from '../src/core/engine.ts'; new ExecutionEngine();`,
};

const tell = ({ concepts }: ScanReport): readonly string[] =>
  concepts.map(({ id, tier, units }) => `${tier} ${id}: ${units.join(' ')}`);

describe('scan', () => {
  it('finds two implementations of one concept though one was written anew', async () => {
    const report = await scanTree(rivals);
    assert.deepEqual(tell(report), [
      'certain execution-engine: src/core/engine.ts#ExecutionEngine src/agents/engine-v2.ts#EnhancedExecutionEngine',
    ]);
    const [concept] = report.concepts;
    assert.equal(concept?.name, 'ExecutionEngine');
    assert.deepEqual(concept.candidates[0]?.importers, ['src/server.ts']);
    assert.deepEqual(concept.candidates[0]?.testImporters, ['test/server.test.ts']);
  });

  it('finds them in Python', async () => {
    const report = await scanTree({
      'app/tools/dispatcher.py': `
class ToolDispatcher:
    def __init__(self, registry):
        self.registry = registry

    def dispatch_tool(self, name, payload):
        return self.registry[name](payload)

    def register_tool(self, name, tool):
        self.registry[name] = tool
`,
      'app/agents/unified_dispatcher.py': `
class UnifiedToolDispatcher:
    """The canonical one."""
    _tools: dict

    async def dispatch_tool(self, call):
        for tool in self._tools.values():
            if tool.accepts(call):
                return await tool.run(call)

    def register_tool(self, tool):
        self._tools[tool.name] = tool
`,
    });
    assert.equal(report.concepts[0]?.id, 'tool-dispatcher');
    assert.equal(report.concepts[0].tier, 'certain');
  });

  it('says "homonym" of a shared name without shared work, and does not report it (GT2)', async () => {
    const report = await scanTree({
      'src/terminal.ts':
        'export class SessionManager { openShell(tty: Tty) { return tty.open(); } resize(rows: number) { this.rows = rows; } }',
      'src/billing.ts':
        'export class SessionManager { charge(card: Card) { return card.take(1); } refund(id: string) { this.log(id); } }',
    });
    assert.deepEqual(report.concepts, []);
    assert.equal(edgeBetween(report, 'SessionManager', 'SessionManager')?.verdict, 'homonym');
  });

  it('gives the same report with threads, without them, and from the cache (GV1)', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 80 }, (_, index) => [
        `src/part-${index}/thing.ts`,
        engine(`Part${String.fromCharCode(65 + (index % 26))}${index}Engine`),
      ]),
    );
    const plain = ({ tree, ...rest }: ScanReport): unknown => ({
      ...rest,
      ms: 0,
      cached: 0,
      units: [...tree.units.keys()],
      root: 0,
    });
    await withTree({ ...rivals, ...many }, async (root) => {
      const here = await scan({ root, cache: false, workers: 0, git: false });
      const cache = join(root, 'cache');
      const threads = await scan({ root, cache, workers: 2, git: false });
      const warm = await scan({ root, cache, workers: 0, git: false });
      assert.deepEqual(plain(threads), plain(here));
      assert.deepEqual(plain(warm), plain(here));
      assert.deepEqual([threads.cached, warm.cached], [0, warm.files]);
    });
  });

  it('keeps what it read of a changed file in a tree with duplicates, and does not read it again (GC3)', async () => {
    const copies = { 'a.ts': engine('Copied'), 'b.ts': engine('Copied'), 'c.ts': engine('Other') };
    await withTree(copies, async (root) => {
      const options = { root, cache: join(root, 'cache'), workers: 0, git: false } as const;
      await scan(options);
      writeFileSync(join(root, 'c.ts'), engine('Changed'));
      assert.equal((await scan(options)).cached, 2);
      assert.equal((await scan(options)).cached, 3);
    });
  });

  it('never takes a declaration (`.d.ts`, `.pyi`) for a rival of its module', async () => {
    const methods = ['open', 'load_plan', 'save_plan', 'cancel_plan', 'close'];
    const typed = (name: string) =>
      `export declare class ${name} {\n${methods.map((one) => `  ${one}(id: string): void;`).join('\n')}\n}\n`;
    const made = (name: string) =>
      `export class ${name} {\n${methods.map((one) => `  ${one}(id) { return this.store.${one}(id, 7); }`).join('\n')}\n}\n`;
    const python = (body: string) =>
      `class PlanStore:\n${methods.map((one) => `    def ${one}(self, id: str) -> None: ${body}`).join('\n')}\n`;
    const report = await scanTree({
      'a/plan-engine.js': made('PlanEngine'),
      'types/plan-engine.d.ts': typed('PlanEngine'),
      'types/again.d.mts': typed('PlanEngine'),
      'types/common.d.cts': typed('PlanEngine'),
      'b/store.py': python('self.db.write(id)'),
      'b/store.pyi': python('...'),
      'stubs/store.pyi': python('...'),
    });
    assert.deepEqual(report.concepts, []);
    assert.deepEqual(
      report.edges.filter(({ verdict }) => verdict === 'rival'),
      [],
    );
    assert.ok(report.tree.units.has('b/store.py#PlanStore'));
  });

  it('says what it could not read wholly from the cache as well (GV1)', async () => {
    const odd = { 'a.ts': new Uint8Array([0x2f, 0x2f, 0xe9, 0x0a]), 'b.ts': new Uint8Array(40), 'c.ts': 'let c = 1;' };
    await withTree(odd, async (root) => {
      const options = { root, cache: join(root, 'cache'), workers: 0, git: false };
      const cold = await scan(options);
      // Of a tree that is another, so that only facts are taken from the cache and not what was found.
      writeFileSync(join(root, 'd.ts'), 'let d = 1;');
      const warm = await scan(options);
      assert.deepEqual(cold.skipped, [
        { path: 'a.ts', why: 'encoding' },
        { path: 'b.ts', why: 'binary' },
      ]);
      assert.deepEqual(warm.skipped, cold.skipped);
      assert.deepEqual([cold.cached, warm.cached], [0, 2]);
    });
  });

  it('believes what a file holds, not when it was written, and a broken cache not at all (GC1, GC2)', async () => {
    await withTree(rivals, async (root) => {
      const cache = join(root, 'cache');
      const options = { root, cache, workers: 0, git: false };
      await scan(options);
      writeFileSync(join(root, 'src/agents/engine-v2.ts'), 'export class Other { go() {} }');
      const changed = await scan(options);
      assert.deepEqual(tell(changed), []);
      assert.equal(changed.cached, changed.files - 1);
      for (const file of readdirSync(cache)) writeFileSync(join(cache, file), 'no pack');
      assert.equal((await scan(options)).cached, 0);
    });
  });

  it('reads odd encodings, and says what it does not read', async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('export class Wide { go() {} }', 'utf16le')]);
    const files = {
      'bom.ts': '\uFEFFexport class Bom { go() {} }',
      'wide.ts': utf16,
      'latin.py': Buffer.from('# caf\u00e9\nclass Latin:\n    def go(self):\n        return 1\n', 'latin1'),
      'binary.js': Buffer.from([1, 0, 2, 0]),
      'large.ts': 'const a = 1;\n'.repeat(90_000),
      'minified.js': `var a=${'1+'.repeat(15_000)}1`,
      'notebook.ipynb': '{}',
      'broken.py': 'class Broken(:\n  def go(self)\n',
      'types.d.ts': 'export declare class Declared { go(): void }',
    };
    await withTree(files, async (root) => {
      mkdirSync(join(root, 'loop'));
      symlinkSync(root, join(root, 'loop', 'again'));
      symlinkSync(join(root, 'bom.ts'), join(root, 'link.ts'));
      const report = await scan({ root, cache: false, workers: 0 });
      assert.deepEqual(
        report.skipped.map(({ path, why }) => `${path} ${why}`),
        [
          'binary.js binary',
          'large.ts too-large',
          'latin.py encoding',
          'link.ts link',
          'minified.js minified',
          'notebook.ipynb notebook',
        ],
      );
      const names = [...report.tree.units.values()].map(({ name }) => name);
      for (const name of ['Bom', 'Wide', 'Latin', 'Declared']) assert.ok(names.includes(name), name);
    });
  });

  it('does not see what git ignores, nor packages and builds (GW1)', async () => {
    const report = await scanTree({
      '.gitignore': 'ignored/\n*.gen.ts\n',
      '.git/HEAD': 'ref: refs/heads/main',
      'a.ts': 'export const a = 1;',
      'ignored/b.ts': 'export const b = 1;',
      'c.gen.ts': 'export const c = 1;',
      'node_modules/d/index.js': 'exports.d = 1;',
      'inner/.gitignore': '/only-here.ts\n',
      'inner/only-here.ts': 'export const e = 1;',
      'inner/f.ts': 'export const f = 1;',
      'env/pyvenv.cfg': '',
      'env/g.py': 'g = 1',
    });
    assert.deepEqual([...report.tree.files.keys()], ['a.ts', 'inner/f.ts']);
  });

  it('refuses a folder that is not there', async () => {
    await assert.rejects(
      scan({ root: '/nowhere/at/all' }),
      (error) => EngineError.is(error) && error.code === 'invalid_input',
    );
  });

  it('asks git when files were born, and says so where it cannot', async () => {
    const newest = (report: ScanReport): string | undefined =>
      report.concepts[0]?.candidates[0]?.inputs.find(({ name }) => name === 'newest')?.from;
    assert.equal(newest(await scanTree(rivals, { git: true })), 'not known: git does not say');
    await withTree(rivals, async (root) => {
      const git = (...args: string[]): void => {
        execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { stdio: 'ignore' });
      };
      git('init', '-q');
      git('add', '.');
      git('commit', '-q', '-m', 'a');
      assert.match(newest(await scan({ root, cache: false, workers: 0 })) ?? '', /^its file came on \d{4}-/);
    });
  });
});

describe('explain', () => {
  it('tells every member with its score as a sum of inputs (GS1)', async () => {
    const report = await scanTree(rivals);
    const told = explain(report, 'executionengine');
    assert.deepEqual(
      told.members.map(({ unit }) => unit.name),
      ['ExecutionEngine', 'EnhancedExecutionEngine'],
    );
    for (const { candidate } of told.members) {
      const sum = candidate.inputs.reduce((total, { value, weight }) => total + value * weight, 0);
      assert.ok(Math.abs(sum - candidate.score) < 0.002);
    }
    assert.ok(told.whyTogether.some((sentence) => sentence.includes('executePlan')));
    assert.equal(explain(report, 'EnhancedExecutionEngine').concept.id, 'execution-engine');
  });

  it('says what a concept is near to that there is not', async () => {
    const report = await scanTree(rivals);
    assert.throws(
      () => explain(report, 'execution-engin'),
      (error) => EngineError.is(error) && error.hint?.includes('execution-engine') === true,
    );
  });

  it('tells what was left out, and why', async () => {
    const report = await scanTree({
      ...rivals,
      'src/extended.ts': `import { ExecutionEngine } from './core/engine.ts';\nexport class ExecutionEngineV3 extends ExecutionEngine { executePlan() { return 1; } cancelPlan() { return 2; } }`,
    });
    const { leftOut } = explain(report, 'execution-engine');
    assert.deepEqual(
      leftOut.map(({ unit, verdict }) => [unit.name, verdict]),
      [['ExecutionEngineV3', 'variant']],
    );
  });
});
