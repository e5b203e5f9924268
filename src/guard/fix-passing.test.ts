import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MoveEnd, moveTree } from './fix.fixture.ts';

const script = (name: string, more = ''): string => `export class ${name} {\n  run(): void {}\n${more}}\n`;
const scripts = { 'src/engine.ts': script('Engine'), 'src/old.ts': script('OldEngine', '  pause(): void {}\n') };
const python = (name: string, more = ''): string => `class ${name}:\n    def run(self):\n        return 1\n${more}`;
const move = (files: Readonly<Record<string, string>>): Promise<MoveEnd> =>
  moveTree({ files: { ...scripts, ...files }, concept: { canonical: 'src/engine.ts#Engine', match: ['*Engine'] } });
const told = ({ plan }: MoveEnd): readonly string[] => plan.refused.map(({ path, why }) => `${path}: ${why}`);
const paths = ({ plan }: MoveEnd): readonly string[] => plan.files.map(({ path }) => path);

const pass = "export { OldEngine } from './old.ts';\n";
const good = "import { OldEngine } from './index.ts';\nnew OldEngine().run();\n";
const bad = "import { OldEngine } from './index.ts';\nnew OldEngine().pause();\n";

describe('a file that passes a rival on', () => {
  it('moves for all who take it there, or for none (VX7)', async () => {
    const all = await move({ 'src/index.ts': pass, 'src/good.ts': good });
    assert.deepEqual(told(all), []);
    assert.deepEqual(paths(all), ['src/good.ts', 'src/index.ts']);
    const none = await move({ 'src/index.ts': pass, 'src/good.ts': good, 'src/bad.ts': bad });
    assert.deepEqual(told(none), [
      'src/bad.ts: Engine has no pause',
      'src/index.ts: src/bad.ts takes it from here, and is left alone',
    ]);
    assert.deepEqual(paths(none), ['src/good.ts']);
    assert.deepEqual(none.again.files, []);
  });

  it('is held by who takes it from one that takes it from there (VX7)', async () => {
    const chain = await move({
      'src/index.ts': pass,
      'src/outer.ts': "export { OldEngine } from './index.ts';\n",
      'src/bad.ts': bad.replace('index', 'outer'),
    });
    assert.deepEqual(told(chain), [
      'src/bad.ts: Engine has no pause',
      'src/index.ts: src/outer.ts takes it from here, and is left alone',
      'src/outer.ts: src/bad.ts takes it from here, and is left alone',
    ]);
    assert.deepEqual(paths(chain), []);
    const py = await moveTree({
      files: {
        'app/__init__.py': 'from .old import OldEngine\n',
        'app/engine.py': python('Engine'),
        'app/old.py': python('OldEngine', '\n    def pause(self):\n        return 1\n'),
        'bad.py': 'from app import OldEngine\n\nOldEngine().pause()\n',
      },
      concept: { canonical: 'app/engine.py#Engine', match: ['*Engine'] },
    });
    assert.deepEqual(told(py), [
      'app/__init__.py: bad.py takes it from here, and is left alone',
      'bad.py: Engine has no pause',
    ]);
  });

  it('leaves nothing to do in a package that takes it there, and imports nothing that the other one does not give', async () => {
    const manifest = (name: string, more: object): string => JSON.stringify({ name, ...more });
    const files = {
      'packages/core/package.json': manifest('@x/core', { exports: { './all': './src/all.ts' } }),
      'packages/core/src/engine.ts': script('Engine'),
      'packages/core/src/old.ts': script('OldEngine'),
      'packages/core/src/all.ts': pass,
      'packages/app/package.json': manifest('@x/app', { dependencies: { '@x/core': '*' } }),
      'packages/app/src/use.ts': "import { OldEngine } from '@x/core/all';\nnew OldEngine().run();\n",
      'tsconfig.json': JSON.stringify({ compilerOptions: { paths: { '@x/core/*': ['./packages/core/src/*'] } } }),
    };
    const concept = { canonical: 'packages/core/src/engine.ts#Engine', match: ['*Engine'] };
    const end = await moveTree({ files, concept });
    assert.deepEqual([told(end), paths(end)], [[], ['packages/core/src/all.ts']]);
    assert.deepEqual(end.again, { files: [], refused: [] });
    const given = await moveTree({
      files: {
        ...files,
        'packages/core/package.json': manifest('@x/core', { exports: { './*': './src/*.ts' } }),
      },
      concept,
    });
    assert.equal(
      given.after['packages/app/src/use.ts'],
      "import { Engine as OldEngine } from '@x/core/engine';\nnew OldEngine().run();\n",
    );
  });
});
