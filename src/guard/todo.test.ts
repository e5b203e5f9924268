import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MethodFacts } from './facts.ts';
import { todoText } from './report/todo-text.ts';
import { ruleInput, type TestFile } from './rules/tree.fixture.ts';
import { todoOf } from './todo.ts';

const method = (name: string): MethodFacts => ({
  name,
  line: 1,
  params: 0,
  isAsync: false,
  isPrivate: false,
  isStub: false,
});
const rival = 'src/old.ts#OldEngine';
const imported = {
  specifier: './old.ts',
  imported: 'OldEngine',
  local: 'OldEngine',
  unit: rival,
  through: 'src/old.ts',
};

const files: Readonly<Record<string, TestFile>> = {
  'src/engine.ts': { units: [{ name: 'Engine', methods: [method('run')] }] },
  'src/old.ts': { units: ['OldEngine'] },
  'src/older.ts': { units: ['OlderEngine'] },
  'src/app.ts': { imports: [imported], uses: [{ name: 'OldEngine', calls: ['run', 'run', 'pause'] }] },
  'src/ok.ts': { imports: [imported], uses: [{ name: 'OldEngine', calls: ['run'] }] },
  'src/index.ts': { imports: [{ ...imported, kind: 'reexport' }] },
  'src/sub.ts': { imports: [imported], units: [{ name: 'SubThing', bases: ['OldEngine'] }] },
  'src/app.test.ts': { zone: 'test', imports: [imported] },
};
const config = { concepts: { engine: { canonical: 'src/engine.ts#Engine', match: ['*Engine'] } } };

describe('guard todo', () => {
  const todo = todoOf(ruleInput(files, config), 'engine');

  it('lists each place that still uses another one, with the methods that have no counterpart (GH1)', () => {
    assert.deepEqual(
      todo?.items.map(({ path, how, isReady, calls }) => [
        path,
        how,
        isReady,
        calls.map(({ name, isThere }) => `${name} ${isThere}`),
      ]),
      [
        ['src/app.ts', 'import', false, ['run true', 'pause false']],
        ['src/ok.ts', 'import', true, ['run true']],
        ['src/index.ts', 're-export', true, []],
        ['src/sub.ts', 'base class', false, []],
        ['src/app.test.ts', 'import', true, []],
      ],
    );
  });

  it('says which of them nothing uses any more', () => {
    assert.deepEqual(
      todo?.rivals.map(({ unit, isUnused }) => [unit.name, isUnused]),
      [
        ['OldEngine', false],
        ['OlderEngine', true],
      ],
    );
    assert.equal(todoOf(ruleInput(files, config), 'other'), undefined);
  });

  it('tells it to a person', () => {
    const text = todoText(todo!, { columns: undefined, paint: (_, words) => words, program: 'cantus' });
    assert.match(text, /engine: 2 to go, 4 places use them, and 1 in tests/);
    assert.match(text, /src\/app\.ts:1 {2}OldEngine {2}run ✓ {2}pause ✗ \(line 1\)\n.*no counterpart of pause/);
    assert.match(text, /src\/older\.ts:1 {2}nothing uses OlderEngine: take it out/);
    const done = { 'src/engine.ts': files['src/engine.ts']! };
    const one = todoOf(ruleInput(done, config), 'engine');
    assert.match(todoText(one!, { columns: undefined, paint: (_, words) => words, program: 'cantus' }), /there is one/);
  });
});
