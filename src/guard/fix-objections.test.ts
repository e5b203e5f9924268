import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MoveCase, moveTree } from './fix.fixture.ts';

const engine =
  'export class Engine {\n  constructor(store: string, clock = 1) {}\n  run(job: string): string {\n    return job;\n  }\n  async stop(): Promise<void> {}\n}\n';
const old =
  'export class OldEngine {\n  readonly jobs = 1;\n  constructor(store: string) {}\n  run(job: string): string {\n    return job;\n  }\n  pause(): void {}\n  stop(): void {}\n}\n';
const files = { 'src/engine.ts': engine, 'src/old.ts': old };
const concept = { canonical: 'src/engine.ts#Engine', match: ['*Engine'] };
const take = "import { OldEngine } from './old.ts';\n";

async function whyOf(text: string, more: Partial<MoveCase> = {}, path = 'src/use.ts'): Promise<string> {
  const end = await moveTree({ concept, ...more, files: { ...files, ...more.files, [path]: text } });
  assert.ok(
    end.plan.files.every((file) => file.path !== path),
    'nothing of the file changes',
  );
  assert.ok(end.plan.refused.every(({ hint }) => hint !== ''));
  return end.plan.refused.map(({ line, why }) => `${line}: ${why}`).join('\n');
}

describe('what is left alone, and why (VX2)', () => {
  it('misses a method, however it is called, and a field that is read', async () => {
    const missing = 'Engine has no pause';
    assert.equal(await whyOf(`${take}const e = new OldEngine('s');\ne.pause();\n`), `3: ${missing}`);
    assert.equal(await whyOf(`${take}new OldEngine('s').pause();\n`), `2: ${missing}`);
    assert.equal(await whyOf(`${take}function f(e: OldEngine | null) {\n  e?.pause();\n}\n`), `3: ${missing}`);
    assert.equal(
      await whyOf(
        "import * as m from './old.ts';\nclass A {\n  e = new m.OldEngine('s');\n  f() {\n    this.e.pause();\n  }\n}\n",
      ),
      `5: ${missing}`,
    );
    assert.equal(await whyOf(`${take}const e = new OldEngine('s');\nprint(e.jobs);\n`), '3: Engine has no jobs');
  });

  it('holds arguments against what is taken (VN1)', async () => {
    assert.match(
      await whyOf(`${take}new OldEngine();\n`),
      /constructed here: Engine: "store" is not given, and it takes \(store, clock\)/,
    );
    assert.match(await whyOf(`${take}new OldEngine('s').run('a', 'b');\n`), /Engine\.run: it takes \(job\)/);
    assert.match(
      await whyOf(`${take}const e = new OldEngine('s');\ne.stop();\n`),
      /Engine\.stop: there it has to be awaited/,
    );
    assert.equal(
      await whyOf(`${take}new OldEngine(...all);\n`),
      '2: it is constructed here: Engine: arguments are spread, and it takes (store, clock)',
    );
  });

  it('holds calls of functions against what the other one takes (VN1)', async () => {
    const functions = {
      'src/read.ts': 'export async function readList(path: string, head: boolean) {\n  return [path, head];\n}\n',
      'src/util.ts': 'export function readListV2(path: string) {\n  return [path];\n}\n',
    };
    const own = { canonical: 'src/read.ts#readList', match: ['readList*'] };
    const of = (text: string, more: Readonly<Record<string, string>> = {}): Promise<string> =>
      whyOf(text, { files: { ...functions, ...more }, concept: own });
    const call = "import { readListV2 } from './util.ts';\nreadListV2('x');\n";
    assert.equal(await of(call), '2: it is called here: readList has to be awaited');
    const read = { 'src/read.ts': functions['src/read.ts'].replace('async ', '') };
    assert.match(await of(call, read), /it is called here: readList: "head" is not given, and it takes \(path, head\)/);
  });

  it('decides nothing about base classes, whole modules and the file of the canonical one', async () => {
    assert.equal(await whyOf(`${take}export class Mine extends OldEngine {}\n`), '1: a class here extends OldEngine');
    assert.equal(
      await whyOf("import * as m from './old.ts';\nexport const all = { m };\n"),
      '2: m is used here as a whole, and OldEngine is in it',
    );
    assert.equal(await whyOf("export * as m from './old.ts';\n"), '1: the whole module is passed on as m');
    assert.equal(await whyOf("export const m = import('./old.ts');\n"), '1: the whole module is passed on as m');
    assert.equal(
      await whyOf("export default import('./old.ts');\n"),
      '1: the whole module is loaded here, and what is taken of it can not be told',
    );
    assert.equal(await whyOf("module.exports = require('./old.ts');\n"), '1: the whole module is passed on as exports');
    assert.equal(
      await whyOf("const E = new (require('./old.ts').OldEngine)('s');\n"),
      '1: it is loaded and constructed at once',
    );
    assert.match(await whyOf(take + engine, {}, 'src/engine.ts'), /^1: this is the file of Engine itself$/);
  });

  it('writes no name that means something else', async () => {
    const named = "import * as m from './old.ts';\nconst Engine = 1;\nconst OldEngine = 2;\nnew m.OldEngine('s');\n";
    assert.match(await whyOf(named), /Engine means something else here/);
    const hidden = { files: { 'src/engine.ts': engine.replace('export ', '') } };
    assert.match(
      await whyOf(`${take}new OldEngine('s');\n`, hidden),
      /src\/engine\.ts does not export Engine: export it first/,
    );
  });

  it('makes no circle of Python modules that load each other', async () => {
    const python = {
      'app/__init__.py': '',
      'app/engine.py': 'from app.use import LIMIT\n\n\nclass Engine:\n    def run(self):\n        return LIMIT\n',
      'app/old.py': 'class OldEngine:\n    def run(self):\n        return 1\n',
    };
    const use = 'from app.old import OldEngine\n\nLIMIT = 3\nOldEngine().run()\n';
    const more = { files: python, concept: { canonical: 'app/engine.py#Engine', match: ['*Engine'] } };
    assert.equal(
      await whyOf(use, more, 'app/use.py'),
      '1: app/engine.py loads this file itself (app/engine.py → app/use.py)',
    );
    assert.equal(
      await whyOf(
        'from app.old import *\n\nOldEngine().run()\n',
        { ...more, files: { ...python, 'app/engine.py': python['app/old.py'].replace('Old', '') } },
        'app/use.py',
      ),
      '1: OldEngine may come from this "import *"',
    );
  });
});
