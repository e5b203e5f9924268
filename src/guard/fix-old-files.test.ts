import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MoveCase, moveTree } from './fix.fixture.ts';

const script = (name: string): string => `/** Runs. */\nexport class ${name} {\n  run(): void {}\n}\n`;
const python = (name: string): string => `class ${name}:\n    def run(self):\n        return 1\n`;
const scripts = { 'src/engine.ts': script('Engine'), 'src/old.ts': script('OldEngine') };
const concept = { canonical: 'src/engine.ts#Engine', match: ['*Engine'] };
const use = { 'src/use.ts': "import { OldEngine } from './old.ts';\nnew OldEngine().run();\n" };
const move = (wish: MoveCase['wish'], files: MoveCase['files'], own: MoveCase['concept'] = concept) =>
  moveTree({ files, concept: own, ...(wish === undefined ? {} : { wish }) });

describe('the file of a rival, when its users have moved', () => {
  it('becomes a pointer, marked as deprecated (VO1)', async () => {
    const end = await move('stubs', { ...scripts, ...use });
    assert.equal(
      end.after['src/old.ts'],
      "/** @deprecated Use Engine of ./engine.ts. */\nexport { Engine as OldEngine } from './engine.ts';\n",
    );
    assert.deepEqual([end.again.files, end.again.refused], [[], []]);
    const js = await move(
      'stubs',
      {
        'src/engine.js': `${script('Engine').replace('export ', '')}exports.Engine = Engine;\n`,
        'src/old.js': `${script('OldEngine').replace('export ', '')}exports.OldEngine = OldEngine;\n`,
      },
      { ...concept, canonical: 'src/engine.js#Engine' },
    );
    assert.equal(
      js.after['src/old.js'],
      "/** @deprecated Use Engine of ./engine. */\nmodule.exports = { OldEngine: require('./engine').Engine };\n",
    );
    const py = await move(
      'stubs',
      {
        'app/__init__.py': '',
        'app/engine.py': python('Engine'),
        'app/old.py': python('OldEngine'),
        'use.py': 'from app.old import OldEngine\n',
      },
      { ...concept, canonical: 'app/engine.py#Engine' },
    );
    assert.equal(
      py.after['app/old.py'],
      '"""Deprecated: use Engine of app.engine."""\n\nfrom app.engine import Engine as OldEngine\n\n__all__ = ["OldEngine"]\n',
    );
    assert.deepEqual([py.again.files, py.again.refused], [[], []]);
  });

  it('stays where it has something else for others, or a user was left behind (VO1)', async () => {
    const other = await move('stubs', {
      ...scripts,
      'src/old.ts': `${script('OldEngine')}export const limit = 1;\n`,
      ...use,
    });
    assert.deepEqual(
      other.plan.refused.map(({ path, why }) => [path, why]),
      [['src/old.ts', 'limit of it stays: move that first, or take the rival out with --remove']],
    );
    const left = await move('stubs', {
      ...scripts,
      'src/sub.ts': "import { OldEngine } from './old.ts';\nexport class Sub extends OldEngine {}\n",
    });
    assert.deepEqual(
      left.plan.refused.map(({ path, why }) => [path, why]),
      [
        ['src/sub.ts', 'a class here extends OldEngine'],
        ['src/old.ts', 'it is still used'],
      ],
    );
    assert.deepEqual(left.plan.files, []);
    const used = await move('remove', {
      ...scripts,
      'src/sub.ts': "import { OldEngine } from './old.ts';\nexport class Sub extends OldEngine {}\n",
    });
    assert.deepEqual(used.plan.files, []);
  });

  it('is taken out with its comment and its export, and the file goes when nothing is left (VO2)', async () => {
    const gone = await move('remove', { ...scripts, ...use });
    assert.deepEqual(Object.keys(gone.after), ['src/engine.ts', 'src/use.ts']);
    assert.match(gone.plan.files.find(({ path }) => path === 'src/old.ts')?.diff ?? '', /deleted file mode/);
    const future = await move(
      'remove',
      {
        'app/__init__.py': 'from .old import OldEngine as Engine\n',
        'app/engine.py': python('Engine'),
        'app/old.py': `from __future__ import annotations\n\nimport json\n\n\n${python('OldEngine')}`,
      },
      { ...concept, canonical: 'app/engine.py#Engine' },
    );
    assert.deepEqual(Object.keys(future.after), ['app/__init__.py', 'app/engine.py']);
    assert.equal(future.after['app/__init__.py'], 'from .engine import Engine as Engine\n');
    const kept = `import { x } from './x.ts';\n\n/** Kept. */\nexport const limit = x;\n\n${script('OldEngine')}\nexport function last(): void {}\n`;
    const part = await move('remove', { ...scripts, 'src/x.ts': 'export const x = 1;\n', 'src/old.ts': kept, ...use });
    assert.equal(
      part.after['src/old.ts'],
      "import { x } from './x.ts';\n\n/** Kept. */\nexport const limit = x;\n\nexport function last(): void {}\n",
    );
    const py = await move(
      'remove',
      {
        'app/__init__.py': '',
        'app/engine.py': python('Engine'),
        'app/old.py': `__all__ = ["OldEngine", "LIMIT"]\nLIMIT = 3\n\n\n# The old one.\n@final\n${python('OldEngine')}\n\ndef last():\n    return 1\n`,
      },
      { ...concept, canonical: 'app/engine.py#Engine' },
    );
    assert.equal(py.after['app/old.py'], '__all__ = ["LIMIT"]\nLIMIT = 3\n\n\ndef last():\n    return 1\n');
  });

  it('keeps a rival that its own file uses (VO2)', async () => {
    const own = await move('remove', {
      ...scripts,
      'src/old.ts': `${script('OldEngine')}export const one = new OldEngine();\n`,
    });
    assert.match(own.plan.refused[0]?.why ?? '', /OldEngine is used in its own file, in line 5: take that out first/);
  });

  const pythonConcept = { ...concept, canonical: 'app/engine.py#Engine' };
  const pythons = { 'app/__init__.py': '', 'app/engine.py': python('Engine'), 'app/old.py': python('OldEngine') };
  const refusalsOf = async (wish: MoveCase['wish'], files: MoveCase['files']): Promise<readonly string[]> => {
    const isPython = Object.keys(files).some((path) => path.endsWith('.py'));
    const { plan } = await move(wish, files, isPython ? pythonConcept : concept);
    return plan.refused.map(({ path, why }) => `${path}: ${why}`);
  };

  it('becomes a pointer only where it does nothing but define, and gives what others take of it (VO1)', async () => {
    const main = `${python('OldEngine')}\n\nif __name__ == "__main__":\n    print(1)\n`;
    assert.deepEqual(await refusalsOf('stubs', { ...pythons, 'app/old.py': main }), [
      'app/old.py: line 6 does more than define something, and would be lost',
    ]);
    assert.deepEqual(
      await refusalsOf('stubs', { ...scripts, 'src/old.ts': `${script('OldEngine')}globalThis.on = true;\n` }),
      ['src/old.ts: line 5 does more than define something, and would be lost'],
    );
    assert.deepEqual(
      await refusalsOf('stubs', {
        ...pythons,
        'app/old.py': `${python('OldEngine')}\n\ndef _help():\n    return 1\n`,
        'app/use.py': 'from app.old import _help\n',
      }),
      ['app/old.py: _help of it stays: move that first, or take the rival out with --remove'],
    );
    assert.deepEqual(
      await refusalsOf('stubs', { ...scripts, 'src/old.ts': 'class OldEngine {\n  run(): void {}\n}\n' }),
      ['src/old.ts: it exports nothing of it: take the rival out with --remove'],
    );
    const hidden = await move(
      'stubs',
      { ...pythons, 'app/old.py': python('_OldEngine'), 'app/use.py': 'from app.old import _OldEngine\n' },
      pythonConcept,
    );
    assert.match(hidden.after['app/old.py'] ?? '', /import Engine as _OldEngine\n\n__all__ = \[\]\n$/);
    const types = await move('stubs', {
      'src/engine.ts': 'export interface Engine {\n  run(): void;\n}\n',
      'src/old.ts': 'export interface OldEngine {\n  run(): void;\n}\n',
    });
    assert.match(types.after['src/old.ts'] ?? '', /^export type \{ Engine as OldEngine \} from/m);
  });

  it('loses with the rival its decorators, and nothing that belongs to the file (VO2)', async () => {
    const decorated = `#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# What it is.\n@make.thing(\n    a=(1, 2),\n)\n@other\n${python('OldEngine')}\n\nLIMIT = 1\n`;
    const py = await move('remove', { ...pythons, 'app/old.py': decorated }, pythonConcept);
    assert.equal(py.after['app/old.py'], '#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\n\nLIMIT = 1\n');
    const ts = await move('remove', {
      ...scripts,
      'src/old.ts': `// Copyright of somebody\n@Thing({\n  a: [1],\n})\n${script('OldEngine').replace('/** Runs. */\n', '')}export const limit = 1;\n`,
    });
    assert.equal(ts.after['src/old.ts'], '// Copyright of somebody\nexport const limit = 1;\n');
    const js = await move(
      'remove',
      {
        'lib/engine.js': `${script('Engine').replace('export ', '')}exports.Engine = Engine;\n`,
        'lib/one.js': `${script('OneEngine').replace('export ', '')}module.exports = OneEngine;\n`,
        'lib/two.js': `${script('TwoEngine').replace('export ', '')}exports.TwoEngine = TwoEngine;\nexports.x = 1;\n`,
      },
      { ...concept, canonical: 'lib/engine.js#Engine' },
    );
    assert.deepEqual(Object.keys(js.after), ['lib/engine.js', 'lib/two.js']);
    assert.equal(js.after['lib/two.js'], 'exports.x = 1;\n');
  });

  it('stays where it makes its folder a package, or the manifest gives it to others (VO2, VO3)', async () => {
    const kept = await move(
      'remove',
      { ...pythons, 'app/sub/__init__.py': python('OtherEngine'), 'app/sub/x.py': 'X = 1\n' },
      pythonConcept,
    );
    assert.equal(kept.after['app/sub/__init__.py'], '');
    const manifest = JSON.stringify({ name: 'x', exports: { './old': { import: './dist/old.js' } } });
    assert.deepEqual(await refusalsOf('remove', { ...scripts, 'package.json': manifest }), [
      'src/old.ts: package.json gives it to others: take it out there first',
    ]);
  });
});
