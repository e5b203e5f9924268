import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { todoText } from './report/todo-text.ts';
import { scan } from './scan.ts';
import { withTree } from './scan.fixture.ts';
import { todoOf, type Todo } from './todo.ts';
import type { GuardConfig } from './config.ts';

const files: Readonly<Record<string, string>> = {
  'src/engine.ts': 'export class Engine {\n  run(): void {}\n}\n',
  'src/old.ts': 'export class OldEngine {\n  run(): void {}\n  pause(): void {}\n}\n',
  'src/older.ts': 'export class OlderEngine {\n  go(): void {}\n}\n',
  'src/app.ts': "import { OldEngine } from './old.ts';\nconst e = new OldEngine();\ne.run();\ne.run();\ne.pause();\n",
  'src/ok.ts': "import { OldEngine } from './old.ts';\nnew OldEngine().run();\n",
  'src/index.ts': "export { OldEngine } from './old.ts';\n",
  'src/sub.ts': "import { OldEngine } from './old.ts';\nexport class SubThing extends OldEngine {}\n",
  'src/whole.ts': "import * as old from './old.ts';\nnew old.OldEngine().run();\n",
  'src/passed.ts': "import * as old from './old.ts';\nexport const all = [old];\n",
  'test/app.test.ts': "import { OldEngine } from '../src/index.ts';\nlet e: OldEngine;\n",
};
const config: GuardConfig = { concepts: { engine: { canonical: 'src/engine.ts#Engine', match: ['*Engine'] } } };

function todoFor(tree: typeof files, own = config, concept = 'engine'): Promise<Todo | undefined> {
  return withTree(tree, async (root) => {
    const { tree: scanned, edges } = await scan({ root, cache: false, workers: 0, git: false });
    return todoOf({ config: own, tree: scanned, edges, paths: [], today: '2026-11-22' }, concept);
  });
}

const screen = { columns: undefined, paint: (_: unknown, words: string) => words, program: 'cantus' };

describe('guard todo', () => {
  it('lists each place that still uses another one, with the methods that have no counterpart (GH1)', async () => {
    const todo = await todoFor(files);
    assert.deepEqual(
      todo?.items.map(({ path, how, isReady, calls }) => [
        path,
        how,
        isReady,
        calls.map(({ name, isThere }) => `${name} ${isThere}`),
      ]),
      [
        ['src/app.ts', 'import', false, ['run true', 'pause false']],
        ['src/index.ts', 're-export', true, []],
        ['src/ok.ts', 'import', true, ['run true']],
        ['src/passed.ts', 'import', false, []],
        ['src/sub.ts', 'base class', false, []],
        ['src/whole.ts', 'import', true, ['run true']],
        ['test/app.test.ts', 'import', true, []],
      ],
    );
  });

  it('says which of them nothing uses any more', async () => {
    const todo = await todoFor(files);
    assert.deepEqual(
      todo?.rivals.map(({ unit, isUnused }) => [unit.name, isUnused]),
      [
        ['OldEngine', false],
        ['OlderEngine', true],
      ],
    );
    assert.equal(await todoFor(files, config, 'other'), undefined);
  });

  it('tells it to a person', async () => {
    const text = todoText((await todoFor(files))!, screen);
    assert.match(
      text,
      /^engine {2}2 others to go · used in 6 places and 1 test file\n {2}the one that stays: Engine {2}src\/engine\.ts:1\n/,
    );
    assert.match(text, /src\/app\.ts:1 {2}OldEngine {2}run ✓ {2}pause ✗ \(line 5\)\n.*no counterpart of pause/);
    assert.match(text, /src\/older\.ts:1 {2}nothing uses OlderEngine: take it out/);
    assert.match(text, /src\/passed\.ts:2 {2}OldEngine {2}old is used here as a whole/);
    const one = await todoFor({ 'src/engine.ts': files['src/engine.ts']! });
    assert.match(todoText(one!, screen), /there is one/);
  });

  it('leads to the end of what the pointers say, and tells a circle (GH2)', async () => {
    const pointed = { ...config, deprecated: [{ from: 'src/engine.ts#Engine', to: 'src/older.ts#OlderEngine' }] };
    const todo = await todoFor(files, pointed);
    assert.equal(todo?.canonical.name, 'OlderEngine');
    assert.deepEqual(
      todo?.rivals.map(({ unit }) => unit.name),
      ['Engine', 'OldEngine'],
    );
    const deprecated = [...pointed.deprecated, { from: 'src/older.ts#OlderEngine', to: 'src/engine.ts#Engine' }];
    await assert.rejects(todoFor(files, { ...config, deprecated }), {
      message:
        'What is deprecated points in a circle: src/engine.ts#Engine → src/older.ts#OlderEngine → src/engine.ts#Engine.',
    });
  });
});
