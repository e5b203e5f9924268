import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { moveTree } from './fix.fixture.ts';

const scripts = {
  'src/engine.ts': 'export class Engine {\n  run(): void {}\n}\n',
  'src/old.ts': 'export class OldEngine {\n  run(): void {}\n}\n',
  'src/app.ts': "import { OldEngine } from './old.ts';\nexport const go = (): void => new OldEngine().run();\n",
};
const pythons = {
  'app/__init__.py': '',
  'app/engine.py': 'class Engine:\n    def run(self):\n        return 1\n',
  'app/old.py': 'class OldEngine:\n    def run(self):\n        return 1\n\n\nLIMIT = 1\n',
  'app/main.py': 'from app.old import OldEngine\n\n\ndef go():\n    return OldEngine().run()\n',
};
const scriptConcept = { canonical: 'src/engine.ts#Engine', match: ['*Engine'] };
const pythonConcept = { canonical: 'app/engine.py#Engine', match: ['*Engine'] };

/** The lines of the test that are told, and the paths that change. */
async function toldOf(path: string, text: string): Promise<{ readonly told: string[]; readonly moved: string[] }> {
  const isPython = path.endsWith('.py');
  const { plan, after, again } = await moveTree({
    files: { ...(isPython ? pythons : scripts), [path]: text },
    concept: isPython ? pythonConcept : scriptConcept,
  });
  assert.equal(after[path], text, 'no text is rewritten');
  assert.deepEqual(again.files, []);
  assert.deepEqual(again.refused, plan.refused);
  const lines = text.split('\n');
  const told = plan.refused.filter((one) => one.path === path).map(({ line }) => lines[line - 1]?.trim() ?? '');
  return { told, moved: plan.files.map((file) => file.path) };
}

describe('a test that replaces the old one by its name', () => {
  it('is told when its users move, in the words of each runner (VG1)', async () => {
    const about = [
      "vi.mock('./old.ts');",
      'vi.doMock("./old", () => ({ OldEngine: class {} }));',
      "jest.mock('./old.ts', () => ({}), { virtual: true });",
      "jest.requireActual('./old.ts');",
      "jest.unstable_mockModule('./old.ts', () => ({}));",
      "mock.module('./old.ts', { namedExports: {} });",
    ];
    const others = [
      "vi.mock('./app.ts');",
      "vi.mock('./engine.ts');",
      "vi.mock('old');",
      "console.log('./old.ts');",
      "// vi.mock('./old.ts');",
      'vi.mock(name);',
    ];
    const { told, moved } = await toldOf('src/app.test.ts', `${[...about, ...others].join('\n')}\n`);
    assert.deepEqual(told, about);
    assert.deepEqual(moved, ['src/app.ts']);
  });

  it('is told in Python where the dotted name is that of the old one or of something in it (VG1)', async () => {
    const about = [
      'with mock.patch("app.old.OldEngine") as engine:',
      "mocker.patch('app.old.OldEngine.run', return_value=2)",
      "monkeypatch.setattr('app.old.OldEngine.run', lambda self: 2)",
      "patch.multiple('app.old', OldEngine=DEFAULT)",
    ];
    const others = [
      "patch('app.main.OldEngine')",
      "patch('app.old.LIMIT', 2)",
      "patch('app.engine.Engine')",
      'patch("elsewhere.old.OldEngine")',
      'print("app.old.OldEngine")',
      "# patch('app.old.OldEngine')",
    ];
    const text = `def test_it(mocker, monkeypatch):\n${[...about.slice(1), ...others].map((line) => `    ${line}\n`).join('')}    ${about[0]}\n        pass\n`;
    const { told, moved } = await toldOf('tests/test_main.py', text);
    assert.deepEqual(told, [...about.slice(1), about[0]]);
    assert.deepEqual(moved, ['app/main.py']);
  });

  it('keeps what it names from being taken out', async () => {
    const files = { ...scripts, 'src/app.test.ts': "vi.mock('./old.ts');\n" };
    const { plan, after } = await moveTree({ files, concept: scriptConcept, wish: 'remove' });
    assert.ok('src/old.ts' in after);
    assert.deepEqual(
      plan.refused.map(({ path, why }) => `${path}: ${why}`),
      [
        'src/app.test.ts: it replaces src/old.ts by its name, which replaces nothing of what has moved',
        'src/old.ts: it is still used',
      ],
    );
  });
});
