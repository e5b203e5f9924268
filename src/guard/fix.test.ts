import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MoveEnd, moveTree } from './fix.fixture.ts';

const script = (name: string, more = ''): string =>
  `export class ${name} {\n  run(job: string): string {\n    return job;\n  }\n${more}}\n`;
const python = (name: string, more = ''): string =>
  `class ${name}:\n    def run(self, job):\n        return job\n${more}`;

const scripts = { 'src/engine.ts': script('Engine'), 'src/old.ts': script('OldEngine') + 'export const other = 1;\n' };
const concept = { canonical: 'src/engine.ts#Engine', match: ['*Engine'] };
const pythons = {
  'app/__init__.py': '',
  'app/engine.py': python('Engine'),
  'app/old.py': `${python('OldEngine')}\n\nOTHER = 1\n`,
};
const pythonConcept = { canonical: 'app/engine.py#Engine', match: ['*Engine'] };

async function moveOne(path: string, text: string, more: Readonly<Record<string, string>> = {}): Promise<MoveEnd> {
  const isPython = path.endsWith('.py');
  const end = await moveTree({
    files: { ...(isPython ? pythons : scripts), ...more, [path]: text },
    concept: isPython ? pythonConcept : concept,
  });
  assert.deepEqual(end.again.files, [], 'twice is once');
  return end;
}

type Case = {
  readonly before: string;
  readonly after: string;
  readonly path?: string;
  readonly more?: Readonly<Record<string, string>>;
};

async function holds(cases: readonly Case[], standard: string): Promise<void> {
  for (const { before, after, path = standard, more } of cases) {
    const end = await moveOne(path, before, more);
    assert.deepEqual(end.plan.refused, [], before);
    assert.equal(end.after[path], after);
  }
}

describe('the plan of a move', () => {
  it('rewrites named, default and whole imports, and what is exported again (VX3, VX5)', async () => {
    await holds(
      [
        {
          before: "import { OldEngine } from './old.ts';\nnew OldEngine().run('x');\n",
          after: "import { Engine as OldEngine } from './engine.ts';\nnew OldEngine().run('x');\n",
        },
        {
          before: 'import type {OldEngine as E} from "./old.ts"\r\nlet e: E;\r\n',
          after: 'import type {Engine as E} from "./engine.ts"\r\nlet e: E;\r\n',
        },
        {
          before: "import { OldEngine as Engine } from './old';\nnew Engine();\n",
          after: "import { Engine } from './engine';\nnew Engine();\n",
        },
        {
          before: "import { other, /* why */ OldEngine } from './old.js'; // both\nnew OldEngine();\nother;\n",
          after:
            "import { other /* why */  } from './old.js'; // both\nimport { Engine as OldEngine } from './engine.js';\nnew OldEngine();\nother;\n",
        },
        {
          before: "export { OldEngine } from './old.ts';\nexport * from './old.ts';\n",
          after: "export { Engine as OldEngine } from './engine.ts';\nexport * from './old.ts';\n",
        },
        {
          before: "export { OldEngine as default } from './old.ts';\n",
          after: "export { Engine as default } from './engine.ts';\n",
        },
        {
          before: "import * as old from './old.ts';\nconst e: old.OldEngine = new old.OldEngine();\ne.run('x');\n",
          after: "import { Engine } from './engine.ts';\nconst e: Engine = new Engine();\ne.run('x');\n",
        },
        {
          before: "import * as old from './old.ts';\nnew old.OldEngine();\nold.other;\n",
          after: "import * as old from './old.ts';\nimport { Engine } from './engine.ts';\nnew Engine();\nold.other;\n",
        },
        {
          before: "import Old from './default.ts';\nnew Old();\n",
          after: "import { Engine as Old } from './engine.ts';\nnew Old();\n",
          more: { 'src/default.ts': script('DefaultEngine').replace('export', 'export default') },
        },
        {
          before: "import Old, { x } from './default.ts';\nnew Old();\nx;\n",
          after: "import { x } from './default.ts';\nimport { Engine as Old } from './engine.ts';\nnew Old();\nx;\n",
          more: {
            'src/default.ts': `${script('DefaultEngine').replace('export', 'export default')}export const x = 1;\n`,
          },
        },
      ],
      'src/use.ts',
    );
  });

  it('rewrites what is loaded by a call', async () => {
    await holds(
      [
        {
          before: "const { OldEngine } = require('./old');\nnew OldEngine();\n",
          after: "const { Engine: OldEngine } = require('./engine');\nnew OldEngine();\n",
        },
        {
          before: "const { OldEngine: Engine, other } = require('./old');\nnew Engine();\n",
          after: "const { other } = require('./old');\nconst { Engine } = require('./engine');\nnew Engine();\n",
        },
        {
          before: "const Old = require('./old').OldEngine;\nnew Old();\n",
          after: "const Old = require('./engine').Engine;\nnew Old();\n",
        },
        {
          before: "const old = require('./old');\nnew old.OldEngine();\n",
          after: "const { Engine } = require('./engine');\nnew Engine();\n",
        },
        {
          before:
            "export async function go() {\n  const { OldEngine } = await import('./old.ts');\n  return new OldEngine();\n}\n",
          after:
            "export async function go() {\n  const { Engine: OldEngine } = await import('./engine.ts');\n  return new OldEngine();\n}\n",
        },
        {
          before: "export const load = () => import('./old.ts').then((m) => m.OldEngine);\n",
          after: "export const load = () => import('./engine.ts').then((m) => m.Engine);\n",
        },
        {
          before: "export const load = async () => (await import('./old.ts')).OldEngine;\n",
          after: "export const load = async () => (await import('./engine.ts')).Engine;\n",
        },
      ],
      'src/use.ts',
    );
    const whole = await moveTree({
      files: {
        'lib/engine.js': 'class Engine {\n  run() {\n    return 1;\n  }\n}\nmodule.exports = Engine;\n',
        'lib/old.js': 'class OldEngine {\n  run() {\n    return 1;\n  }\n}\nmodule.exports = OldEngine;\n',
        'lib/use.js': "'use strict'\nconst Old = require('./old')\nmodule.exports = new Old().run()\n",
      },
      concept: { canonical: 'lib/engine.js#Engine', match: ['*Engine'] },
    });
    assert.deepEqual(whole.plan.refused, []);
    assert.equal(
      whole.after['lib/use.js'],
      "'use strict'\nconst Old = require('./engine')\nmodule.exports = new Old().run()\n",
    );
  });

  it('writes an alias or a package as its neighbours do, and only where it leads there (VF1, VF2)', async () => {
    const tsconfig = '{ "compilerOptions": { "paths": { "@app/*": ["./src/*"] } } }';
    await holds(
      [
        {
          before: "import { OldEngine } from '@app/old';\nnew OldEngine();\n",
          after: "import { Engine as OldEngine } from '@app/engine';\nnew OldEngine();\n",
          more: { 'tsconfig.json': tsconfig },
        },
      ],
      'src/deep/use.ts',
    );
    const packages = {
      'packages/core/package.json': '{ "name": "@x/core", "main": "src/index.ts" }',
      'packages/core/src/index.ts': "export { Engine } from './engine.ts';\n",
      'packages/core/src/engine.ts': script('Engine'),
      'packages/old/package.json': '{ "name": "@x/old", "main": "src/index.ts" }',
      'packages/old/src/index.ts': script('OldEngine'),
      'packages/app/src/use.ts': "import { OldEngine } from '@x/old';\nnew OldEngine();\n",
    };
    const canonical = { canonical: 'packages/core/src/engine.ts#Engine', match: ['*Engine'] };
    const manifest = (...names: readonly string[]): string =>
      JSON.stringify({ name: '@x/app', dependencies: Object.fromEntries(names.map((name) => [name, '*'])) });
    const known = await moveTree({
      files: { ...packages, 'packages/app/package.json': manifest('@x/old', '@x/core') },
      concept: canonical,
    });
    assert.equal(
      known.after['packages/app/src/use.ts'],
      "import { Engine as OldEngine } from '@x/core';\nnew OldEngine();\n",
    );
    const unknown = await moveTree({
      files: { ...packages, 'packages/app/package.json': manifest('@x/old') },
      concept: canonical,
    });
    assert.deepEqual(unknown.plan.files, []);
    assert.match(
      unknown.plan.refused[0]?.why ?? '',
      /packages\/app\/package\.json does not depend on @x\/core: add it first/,
    );
  });

  it('rewrites every way in which Python imports', async () => {
    await holds(
      [
        {
          before: 'from app.old import OldEngine\nOldEngine().run(1)\n',
          after: 'from app.engine import Engine as OldEngine\nOldEngine().run(1)\n',
        },
        {
          before: 'from .old import (\n    OldEngine,  # kept\n    OTHER,\n)\nOldEngine()\n',
          after:
            'from .old import (\n      # kept\n    OTHER,\n)\nfrom .engine import Engine as OldEngine\nOldEngine()\n',
        },
        {
          before: 'from . import old\ne = old.OldEngine()\ne.run(1)\n',
          after: 'from .engine import Engine\ne = Engine()\ne.run(1)\n',
        },
        {
          before: 'from app import old, engine\nold.OldEngine()\nengine.Engine()\n',
          after: 'from app import engine\nfrom app.engine import Engine\nEngine()\nengine.Engine()\n'.replace(
            'from app.engine',
            'from app.engine',
          ),
        },
        {
          before: 'import app.old\nprint(app.old.OldEngine().run(1))\n',
          after: 'from app.engine import Engine\nprint(Engine().run(1))\n',
        },
        {
          before: 'import app.old as o, json\no.OldEngine()\no.OTHER\n',
          after: 'import app.old as o, json\nfrom app.engine import Engine\nEngine()\no.OTHER\n',
        },
        {
          before: 'def go():\n    from app.old import OldEngine\n    return OldEngine()\n',
          after: 'def go():\n    from app.engine import Engine as OldEngine\n    return OldEngine()\n',
        },
      ],
      'app/use.py',
    );
  });

  it('leaves a type a type, and an import with attributes with them (VX3)', async () => {
    await holds(
      [
        {
          before: "import { type OldEngine, other } from './old.ts';\nlet e: OldEngine;\nother;\n",
          after:
            "import { other } from './old.ts';\nimport { type Engine as OldEngine } from './engine.ts';\nlet e: OldEngine;\nother;\n",
        },
        {
          before: "export type { OldEngine, other } from './old.ts';\n",
          after: "export type { other } from './old.ts';\nexport type { Engine as OldEngine } from './engine.ts';\n",
        },
        {
          before: "import { OldEngine } from './old.ts' with { kind: 'x' };\nnew OldEngine();\n",
          after: "import { Engine as OldEngine } from './engine.ts' with { kind: 'x' };\nnew OldEngine();\n",
        },
      ],
      'src/use.ts',
    );
  });

  it('goes on passing on what it passes on, under the same name as an import of its own', async () => {
    await holds(
      [
        {
          before:
            "import { Engine } from './engine.ts';\nexport { OldEngine as Engine } from './old.ts';\nnew Engine();\n",
          after: "import { Engine } from './engine.ts';\nexport { Engine } from './engine.ts';\nnew Engine();\n",
        },
        {
          before:
            "import { Engine } from './engine.ts';\nimport * as old from './old.ts';\nnew old.OldEngine();\nEngine;\n",
          after: "import { Engine } from './engine.ts';\nnew Engine();\nEngine;\n",
        },
      ],
      'src/use.ts',
    );
    await holds(
      [
        {
          before: 'from app import old\n\n__all__ = ["old"]\nold.OldEngine()\n',
          after: 'from app import old\nfrom app.engine import Engine\n\n__all__ = ["old"]\nEngine()\n',
        },
        {
          before: 'from app import old\n\nold.OldEngine()\n',
          after: 'from app import old\nfrom app.engine import Engine\n\nEngine()\n',
          more: { 'app/other.py': 'from app.use import old\n\nprint(old.OTHER)\n' },
        },
        {
          before:
            'from app.engine import Engine\n\nif True:\n    import app.old\nprint(app.old.OldEngine(), Engine())\n',
          after: 'from app.engine import Engine\n\nif True:\n    pass\nprint(Engine(), Engine())\n',
        },
        {
          before: 'import app.old as old\nimport app.engine\nfrom app.engine import Engine\nprint(old.OldEngine())\n',
          after: 'import app.engine\nfrom app.engine import Engine\nprint(Engine())\n',
        },
      ],
      'app/use.py',
    );
  });

  it('names a module of Python as it can be found: no dots out of a package, no folder around it (VF1)', async () => {
    const layout = (use: string): Promise<MoveEnd> =>
      moveTree({
        files: {
          'src/app/__init__.py': '',
          'src/app/old.py': python('OldEngine'),
          'src/app/use.py': use,
          'src/lib/__init__.py': '',
          'src/lib/engine.py': python('Engine'),
        },
        concept: { canonical: 'src/lib/engine.py#Engine', match: ['*Engine'] },
      });
    const beyond = await layout('from .old import OldEngine\n');
    assert.equal(beyond.after['src/app/use.py'], 'from lib.engine import Engine as OldEngine\n');
    const absolute = await layout('from app.old import OldEngine\n');
    assert.equal(absolute.after['src/app/use.py'], 'from lib.engine import Engine as OldEngine\n');
  });

  it('reads no circle from what is imported for types or inside a function', async () => {
    const more = { 'app/engine.py': `from app.use import f\n\n\n${python('Engine')}` };
    await holds(
      [
        {
          before:
            'from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from app.old import OldEngine\n\n\ndef f(e: "OldEngine"):\n    e.run(1)\n',
          after:
            'from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from app.engine import Engine as OldEngine\n\n\ndef f(e: "OldEngine"):\n    e.run(1)\n',
          more,
        },
        {
          before: 'def f():\n    from app.old import OldEngine\n\n    OldEngine().run(1)\n',
          after: 'def f():\n    from app.engine import Engine as OldEngine\n\n    OldEngine().run(1)\n',
          more,
        },
      ],
      'app/use.py',
    );
  });

  it('leaves a file alone whose bytes could not be kept, and does not take away what it uses (VX6)', async () => {
    const end = await moveTree({
      files: {
        ...pythons,
        'app/use.py': Buffer.from('from app.old import OldEngine\n# caf\xe9\nOldEngine()\n', 'latin1'),
      },
      concept: pythonConcept,
      wish: 'remove',
    });
    assert.deepEqual(
      end.plan.refused.map(({ path, why }) => `${path}: ${why}`),
      ['app/use.py: it is no UTF-8', 'app/old.py: it is still used'],
    );
    assert.deepEqual(end.plan.files, []);
  });

  it('lets JavaScript load TypeScript only where some of it does (VF1)', async () => {
    const before = "import { OldEngine } from './old.js';\nnew OldEngine();\n";
    const alone = await moveOne('src/use.js', before, { 'src/old.ts': '', 'src/old.js': script('OldEngine') });
    assert.deepEqual(
      alone.plan.refused.map(({ why }) => why),
      ['src/engine.ts is TypeScript, and no JavaScript here loads any: is it built together?'],
    );
    assert.deepEqual(alone.plan.files, []);
    const built = await moveOne('src/use.js', before, {
      'src/old.ts': '',
      'src/old.js': script('OldEngine'),
      'src/other.js': "import { Engine } from './engine.js';\nnew Engine();\n",
    });
    assert.equal(built.after['src/use.js'], "import { Engine as OldEngine } from './engine.js';\nnew OldEngine();\n");
  });
});
