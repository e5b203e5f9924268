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
});
