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

  it('finds base classes wherever a class stands, and takes a type parameter for none', async () => {
    const why = 'a class here extends OldEngine';
    assert.equal(await whyOf(`${take}export const mix = () => class extends OldEngine {};\n`), `1: ${why}`);
    assert.equal(await whyOf(`${take}function f() {\n  return class Own<T> extends OldEngine {};\n}\n`), `1: ${why}`);
    assert.equal(await whyOf(`${take}const x = { y: class implements Other, OldEngine {} };\n`), `1: ${why}`);
    const param = await moveTree({
      concept,
      files: { ...files, 'src/use.ts': `${take}export function f<T extends OldEngine>(e: T): void {}\n` },
    });
    assert.deepEqual(param.plan.refused, []);
  });

  it('breaks no line in two that something else stands on, and declares nothing where nothing is declared', async () => {
    const two = 'something stands before it on its line, and it becomes several';
    const several = { files: { ...files, 'src/old.ts': `${old}export const other = 1;\n` } };
    assert.equal(await whyOf("export const { OldEngine, other } = require('./old.ts');\n", several), `1: ${two}`);
    assert.equal(await whyOf("if (x) var { OldEngine, other } = require('./old.ts');\n", several), `1: ${two}`);
    const passed = 'the whole module is passed on as old';
    assert.equal(
      await whyOf("function f(old = require('./old.ts')) {\n  new old.OldEngine('s');\n}\n"),
      `1: ${passed}`,
    );
    assert.equal(
      await whyOf("class A {\n  old = require('./old.ts');\n  e = new this.old.OldEngine('s');\n}\n"),
      `2: ${passed}`,
    );
    assert.match(await whyOf("let old;\nold = require('./old.ts');\nnew old.OldEngine('s');\n"), /passed on as old/);
    assert.match(
      await whyOf("import old = require('./old.ts');\nnew old.OldEngine('s');\n"),
      /written in a way that is not rewritten/,
    );
    const python = {
      files: {
        'app/engine.py': 'class Engine:\n    def run(self):\n        return 1\n',
        'app/old.py': 'class OldEngine:\n    def run(self):\n        return 1\n\n\nLIMIT = 1\n',
      },
      concept: { canonical: 'app/engine.py#Engine', match: ['*Engine'] },
    };
    const one = 'if DEBUG: from app.old import LIMIT, OldEngine\nOldEngine()\n';
    assert.equal(await whyOf(one, python, 'app/use.py'), `1: ${two}`);
    const fallback =
      'try:\n    from app.engine import Engine\nexcept ImportError:\n    from app.old import OldEngine as Engine\n';
    assert.equal(await whyOf(fallback, python, 'app/use.py'), '4: Engine comes from another place too, in line 2');
  });

  const withMembers = (...members: readonly string[]): string =>
    `:\n    def run(self, job):\n        return job\n${members.map((member) => `\n    ${member}\n        return 1\n`).join('')}`;
  const whyOfMembers = (use: string, was: string, is: string): Promise<string> =>
    whyOf(
      `from app.old import OldEngine\n${use}\n`,
      {
        files: {
          'app/__init__.py': '',
          'app/engine.py': `class Engine${withMembers(is)}`,
          'app/old.py': `class OldEngine${withMembers(was)}`,
        },
        concept: { canonical: 'app/engine.py#Engine', match: ['*Engine'] },
      },
      'app/use.py',
    );

  it('tells a property from a method, and what is asked of the class from what is asked of an object', async () => {
    const [property, method] = ['@property\n    def status(self):', 'def status(self):'];
    const read = 'print(OldEngine().status)';
    assert.equal(
      await whyOfMembers(read, property, method),
      '2: Engine.status: there it is a method, and has to be called',
    );
    assert.equal(
      await whyOfMembers('OldEngine().status()', method, property),
      '2: Engine.status: there it is no method',
    );
    const made = '@classmethod\n    def create(cls):';
    assert.equal(
      await whyOfMembers('OldEngine.create()', made, 'def create(self):'),
      '2: Engine.create: there it needs an object',
    );
    const scripts = {
      'src/engine.ts':
        'export class Engine {\n  static make(): number {\n    return 1;\n  }\n  size(): number {\n    return 1;\n  }\n}\n',
      'src/old.ts':
        'export class OldEngine {\n  make(): number {\n    return 1;\n  }\n  get size(): number {\n    return 1;\n  }\n}\n',
    };
    assert.equal(
      await whyOf(`${take}new OldEngine().make();\n`, { files: scripts }),
      '2: Engine.make: there it is asked of the class itself',
    );
    assert.equal(
      await whyOf(`${take}new OldEngine().size;\n`, { files: scripts }),
      '2: Engine.size: there it is a method, and has to be called',
    );
  });

  it('holds what is passed on as a value against what its callers give (VN1)', async () => {
    const functions = (to: string): Partial<MoveCase> => ({
      files: {
        'src/read.ts': `export function readList(${to}) {\n  return path;\n}\n`,
        'src/util.ts': 'export function readListV2(path: string, head = 1) {\n  return path;\n}\n',
      },
      concept: { canonical: 'src/read.ts#readList', match: ['readList*'] },
    });
    const use = "import { readListV2 } from './util.ts';\npaths.map(readListV2);\n";
    assert.equal(
      await whyOf(use, functions('path: string, all: boolean')),
      '2: it is passed on here: readList: "all" is not given, and it takes (path, all)',
    );
    assert.equal(
      await whyOf(use.replace('paths.map(readListV2)', "readListV2('x')"), functions('node: Node')),
      '2: it is called here: readList: "path" is something else of another type there, and it takes (node)',
    );
    const same = await moveTree({
      concept,
      ...functions('path: string, head = 1'),
      files: { ...functions('path: string, head = 1').files, 'src/use.ts': use },
    });
    assert.deepEqual(same.plan.refused, []);
  });

  it('reads what a class of Python takes from __new__ and from its fields, and holds calls against it', async () => {
    const whyOfClasses = (was: string, is: string, call: string): Promise<string> =>
      whyOf(
        `from app.old import OldEngine\n${call}\n`,
        {
          files: { 'app/engine.py': is, 'app/old.py': was },
          concept: { canonical: 'app/engine.py#Engine', match: ['*Engine'] },
        },
        'app/use.py',
      );
    const made = (name: string, field: string): string =>
      `from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass ${name}:\n    kind: ClassVar[int]\n    ${field}\n    b: int = 1\n`;
    const model = (name: string, field: string): string =>
      `from pydantic import BaseModel\n\n\nclass ${name}(BaseModel):\n    ${field}\n    b: int = 1\n`;
    assert.equal(
      await whyOfClasses(made('OldEngine', 'a: int'), made('Engine', 'c: int'), 'OldEngine(a=1)'),
      '2: it is constructed here: Engine: there is no "a": it takes (c, b)',
    );
    assert.equal(
      await whyOfClasses(model('OldEngine', 'a: int'), model('Engine', 'c: int'), 'OldEngine(a=1)'),
      '2: it is constructed here: Engine has no field "a"',
    );
    assert.equal(
      await whyOfClasses(model('OldEngine', 'b: str'), model('Engine', 'c: int'), 'OldEngine(b=1)'),
      '2: it is constructed here: the field "c" of Engine is not given',
    );
    const built = (name: string, params: string): string =>
      `class ${name}:\n    def __new__(cls, ${params}):\n        return object.__new__(cls)\n`;
    assert.match(
      await whyOfClasses(built('OldEngine', 'a'), built('Engine', 'a, b'), 'OldEngine(1)'),
      /"b" is not given, and it takes \(a, b\)/,
    );
    for (const [was, is, call] of [
      [made('OldEngine', 'a: int'), made('Engine', 'a: int'), 'OldEngine(1, b=2)'],
      [model('OldEngine', 'a: int'), model('Engine', 'a: int'), 'OldEngine(a=1)'],
      [built('OldEngine', 'a'), built('Engine', 'a'), 'OldEngine(1)'],
    ] as const) {
      const { plan } = await moveTree({
        files: { 'app/engine.py': is, 'app/old.py': was, 'app/use.py': `from app.old import OldEngine\n${call}\n` },
        concept: { canonical: 'app/engine.py#Engine', match: ['*Engine'] },
      });
      assert.deepEqual(plan.refused, []);
    }
  });

  it('takes apart no text that is put together, and no name that means something else too', async () => {
    const python = (name: string): string => `class ${name}:\n    def run(self):\n        return 1\n`;
    assert.equal(
      await whyOf(
        'from app import old\nold.OldEngine()\nprint(f"{old.limit}")\n',
        {
          files: { 'app/engine.py': python('Engine'), 'app/old.py': python('OldEngine') },
          concept: { canonical: 'app/engine.py#Engine', match: ['*Engine'] },
        },
        'app/use.py',
      ),
      '3: old is used here inside of a text',
    );
    const factory: Partial<MoveCase> = {
      files: {
        'src/make.ts':
          "import { Engine } from './engine.ts';\nexport function makeEngine(store: string) {\n  return new Engine(store);\n}\n",
      },
      concept: { ...concept, construct: 'src/make.ts#makeEngine', constructOnlyIn: ['src/make.ts'] },
    };
    assert.equal(
      await whyOf(`${take}new OldEngine('s');\nconst f = (OldEngine) => new OldEngine('t');\n`, {
        ...factory,
        files: { ...files, ...factory.files },
      }),
      '3: OldEngine is declared here a second time',
    );
  });

  it('takes nothing that a module keeps for itself for a use of it', async () => {
    const { plan } = await moveTree({
      concept,
      files: {
        ...files,
        'src/rule.ts': 'class OwnEngine {\n  run(): void {}\n}\nexport const rule = () => new OwnEngine();\n',
        'src/use.ts': "const rule = require('./rule.ts');\ncheck(rule);\n",
      },
    });
    assert.deepEqual(plan.refused, []);
  });
});
