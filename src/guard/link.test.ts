import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScanReport } from './concept.ts';
import { scanTree } from './scan.fixture.ts';

/** What a file's imports come to: local name and unit. */
function meant(report: ScanReport, path: string): readonly string[] {
  return (report.tree.files.get(path)?.imports ?? []).map((one) => `${one.local} ${one.unit ?? one.file ?? 'outside'}`);
}

const engineFile = { 'src/core/engine.ts': 'export class Engine { run() {} }\nexport default class Main { go() {} }' };

describe('what a name means', () => {
  it('is followed behind re-exports, aliases and export * to where it is defined (GL1)', async () => {
    const report = await scanTree({
      ...engineFile,
      'src/core/index.ts': `export * from './engine.ts';\nexport { default as Main } from './engine.ts';`,
      'src/index.ts': `export { Engine as PublicEngine, Main } from './core/index.js';`,
      'src/old.ts': `import { PublicEngine } from './index';\nexport const OldEngine = PublicEngine;`,
      'src/use.ts': `import { OldEngine } from './old';\nimport { Main } from '.';\nimport m from './core/engine';\nimport { gone } from 'elsewhere';`,
    });
    assert.deepEqual(meant(report, 'src/use.ts'), [
      'OldEngine src/core/engine.ts#Engine',
      'Main src/core/engine.ts#Main',
      'm src/core/engine.ts#Main',
      'gone outside',
    ]);
  });

  it('is found through path maps, package names and package exports', async () => {
    const report = await scanTree({
      'packages/core/package.json':
        '{ "name": "@app/core", "exports": { ".": "./dist/index.js", "./deep/*": { "types": "./dist/deep/*.d.ts", "default": "./dist/deep/*.js" } } }',
      'packages/core/src/index.ts': `export { Engine } from './engine.ts';`,
      'packages/core/src/engine.ts': 'export class Engine { run() {} }',
      'packages/core/src/deep/inner.ts': 'export class Inner { run() {} }',
      'packages/web/package.json': '{ "name": "@app/web", "imports": { "#lib/*": "./src/lib/*.ts" } }',
      'packages/web/tsconfig.json':
        '{ // maps\n "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["src/*"], } } }',
      'packages/web/src/lib/a.ts': 'export class A { run() {} }',
      'packages/web/src/use.ts': `import { Engine } from '@app/core';\nimport { Inner } from '@app/core/deep/inner';\nimport { A } from '@/lib/a';\nimport { A as B } from '#lib/a';`,
    });
    assert.deepEqual(meant(report, 'packages/web/src/use.ts'), [
      'Engine packages/core/src/engine.ts#Engine',
      'Inner packages/core/src/deep/inner.ts#Inner',
      'A packages/web/src/lib/a.ts#A',
      'B packages/web/src/lib/a.ts#A',
    ]);
  });

  it('is told alike to each file of a folder, also where the first to ask has that name itself (GK3)', async () => {
    const report = await scanTree({
      'app/queue.py': 'from queue import Empty\n',
      'app/run.py': 'from queue import Empty\nimport queue\n',
    });
    assert.deepEqual(meant(report, 'app/queue.py'), ['Empty outside']);
    assert.deepEqual(meant(report, 'app/run.py'), ['Empty app/queue.py', 'queue app/queue.py']);
  });

  it('is found in Python: relative, absolute, through __init__, star imports and modules', async () => {
    const report = await scanTree({
      'pyproject.toml': '[project]\nname = "app"\n',
      'src/app/__init__.py': 'from .core import *\n',
      'src/app/core/__init__.py': 'from .engine import Engine\nLegacyEngine = Engine\n',
      'src/app/core/engine.py': 'class Engine:\n    def run(self):\n        return 1\n',
      'src/app/use.py': `
from app import Engine
from app.core import LegacyEngine as L, engine
from .core.engine import Engine as E
import app.core.engine as eng

def later():
    return eng.Engine()

class Faster(engine.Engine):
    pass
`,
    });
    assert.deepEqual(meant(report, 'src/app/use.py').slice(0, 4), [
      'Engine src/app/core/engine.py#Engine',
      'L src/app/core/engine.py#Engine',
      'engine src/app/core/engine.py',
      'E src/app/core/engine.py#Engine',
    ]);
    const file = report.tree.files.get('src/app/use.py');
    assert.equal(file?.names.get('eng.Engine'), 'src/app/core/engine.py#Engine');
    assert.deepEqual(report.tree.units.get('src/app/use.py#Faster')?.ancestors, ['src/app/core/engine.py#Engine']);
  });

  it('is found in CommonJS: what a module is by itself, what is a member of it, and what it passes on', async () => {
    const report = await scanTree({
      'lib/engine.js': 'module.exports = class Engine { run() {} };\nmodule.exports.Part = class { go() {} };',
      'lib/both.js': 'class A { run() {} }\nclass B { go() {} }\nmodule.exports = { A, Bee: B };',
      'index.js': "module.exports = require('./lib/engine');",
      'passed.js': "const Engine = require('./lib/engine');\nmodule.exports = { Engine };",
      'use.js': `const Engine = require('./');
const { A, Bee } = require('./lib/both');
const both = require('./lib/both');
const { Engine: Again } = require('./passed');
const { Part } = require('./');
new both.Bee();`,
    });
    assert.deepEqual(meant(report, 'use.js'), [
      'Engine lib/engine.js#Engine',
      'A lib/both.js#A',
      'Bee lib/both.js#B',
      'both lib/both.js',
      'Again lib/engine.js#Engine',
      'Part lib/engine.js#Part',
    ]);
    assert.equal(report.tree.files.get('use.js')?.names.get('both.Bee'), 'lib/both.js#B');
  });

  it('of a default export without one is that of the file, or of the folder of an index (GL3)', async () => {
    const report = await scanTree({
      'src/user-engine.ts': 'export default class {\n  run() { return new Map(); }\n}',
      'src/open.ts': 'export default function () { return 1; }',
      'src/make/index.ts': 'export default config => new Engine(config);',
      'src/taken.ts': 'const taken = 1;\nconst taken2 = [];\nexport default () => taken;\nfunction taken() {}',
      'lib/close.js': 'module.exports = class { run() {} };',
      'src/[id].ts': 'export default () => 1;',
      'src/use.ts': `import Engine from './user-engine';\nimport open from './open';\nimport make from './make';`,
    });
    assert.deepEqual(
      [...report.tree.units.keys()],
      [
        'lib/close.js#Close',
        'src/[id].ts#default',
        'src/make/index.ts#make',
        'src/open.ts#open',
        'src/taken.ts#default',
        'src/taken.ts#taken',
        'src/user-engine.ts#UserEngine',
      ],
    );
    assert.deepEqual(meant(report, 'src/use.ts'), [
      'Engine src/user-engine.ts#UserEngine',
      'open src/open.ts#open',
      'make src/make/index.ts#make',
    ]);
    const made = report.tree.files.get('src/user-engine.ts')?.facts.constructions;
    assert.deepEqual(
      made?.map(({ within }) => within),
      ['UserEngine.run'],
    );
  });

  it('does not hang on a circle of re-exports (GL2)', async () => {
    const report = await scanTree({
      'a.ts': `export * from './b.ts';\nexport { Lost } from './b.ts';`,
      'b.ts': `export * from './a.ts';\nexport { Lost } from './a.ts';\nexport class Here { run() {} }`,
      'use.ts': `import { Lost, Here } from './a.ts';`,
    });
    assert.deepEqual(meant(report, 'use.ts'), ['Lost a.ts', 'Here b.ts#Here']);
  });

  it('tells two units of one name in one file apart', async () => {
    const report = await scanTree({
      'a.py': 'try:\n    class A:\n        x = 1\nexcept ImportError:\n    class A:\n        x = 2\n',
    });
    assert.deepEqual([...report.tree.units.keys()], ['a.py#A', 'a.py#A~2']);
  });
});
