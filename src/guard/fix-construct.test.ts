import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MoveCase, moveTree } from './fix.fixture.ts';

const files = {
  'src/engine.ts': 'export class Engine {\n  constructor(store: string, clock = 1) {}\n  run(): void {}\n}\n',
  'src/old.ts': 'export class OldEngine {\n  constructor(store: string) {}\n  run(): void {}\n}\n',
  'src/factory.ts':
    "import { Engine } from './engine.ts';\nexport function createEngine(store: string): Engine {\n  return new Engine(store);\n}\nexport class Makers {\n  static async make(store: string) {}\n  of(store: string) {}\n}\n",
};
const concept = {
  canonical: 'src/engine.ts#Engine',
  match: ['*Engine'],
  constructOnlyIn: ['src/factory.ts'],
  construct: 'src/factory.ts#createEngine',
};
const move = (more: MoveCase['files'], change: Partial<MoveCase['concept']> = {}) =>
  moveTree({ files: { ...files, ...more }, concept: { ...concept, ...change } });

describe('construction through the factory (VC1)', () => {
  it('calls the factory with the arguments that the constructor had, and imports what is needed', async () => {
    const cases = [
      [
        "import { OldEngine } from './old.ts';\nnew OldEngine('s').run();\n",
        "import { createEngine } from './factory.ts';\ncreateEngine('s').run();\n",
      ],
      [
        "import { OldEngine } from './old.ts';\nconst e: OldEngine = new OldEngine('s');\n",
        "import { Engine as OldEngine } from './engine.ts';\nimport { createEngine } from './factory.ts';\nconst e: OldEngine = createEngine('s');\n",
      ],
      [
        "import * as old from './old.ts';\nnew old.OldEngine('s');\nold.x;\n",
        "import * as old from './old.ts';\nimport { createEngine } from './factory.ts';\ncreateEngine('s');\nold.x;\n",
      ],
    ] as const;
    for (const [before, after] of cases) {
      const end = await move({ 'src/use.ts': before });
      assert.deepEqual(end.plan.refused, []);
      assert.equal(end.after['src/use.ts'], after);
      assert.deepEqual(end.again.files, []);
    }
  });

  it('constructs where it may', async () => {
    const use = "import { OldEngine } from './old.ts';\nnew OldEngine('s');\n";
    const end = await move({ 'test/use.test.ts': use.replace('./', '../src/') });
    assert.equal(
      end.after['test/use.test.ts'],
      "import { Engine as OldEngine } from '../src/engine.ts';\nnew OldEngine('s');\n",
    );
  });

  it('goes by a static method, in Python too', async () => {
    const python = {
      'app/__init__.py': '',
      'app/engine.py':
        'class Engine:\n    def __init__(self, store, *, clock=None):\n        self.store = store\n\n    def run(self):\n        return 1\n',
      'app/old.py':
        'class OldEngine:\n    def __init__(self, store):\n        self.store = store\n\n    def run(self):\n        return 1\n',
      'app/factory.py':
        'from app.engine import Engine\n\n\nclass Factory:\n    @classmethod\n    def create(cls, store, clock=None):\n        return Engine(store, clock=clock)\n',
      'app/use.py': 'from app.old import OldEngine\n\n\ndef go(store):\n    return OldEngine(store=store).run()\n',
    };
    const own = { canonical: 'app/engine.py#Engine', match: ['*Engine'], construct: 'app/factory.py#Factory.create' };
    const end = await moveTree({ files: python, concept: own });
    assert.deepEqual(end.plan.refused, []);
    assert.equal(
      end.after['app/use.py'],
      'from app.factory import Factory\n\n\ndef go(store):\n    return Factory.create(store=store).run()\n',
    );
  });

  it('refuses where the arguments do not suit it, where none is named, and a factory that can not be called', async () => {
    const use = { 'src/use.ts': "import { OldEngine } from './old.ts';\nnew OldEngine('s', 2);\n" };
    assert.match((await move(use)).plan.refused[0]?.why ?? '', /constructed here: createEngine: it takes \(store\)/);
    const { construct: _, ...without } = concept;
    const none = await moveTree({ files: { ...files, ...use }, concept: without });
    assert.match(none.plan.refused[0]?.why ?? '', /only src\/factory\.ts may construct Engine/);
    assert.match(none.plan.refused[0]?.hint ?? '', /"construct"/);
    const awaited = await move(use, { construct: 'src/factory.ts#Makers.make' });
    assert.match(awaited.plan.refused[0]?.why ?? '', /Makers\.make has to be awaited/);
    await assert.rejects(move(use, { construct: 'src/factory.ts#Makers.of' }), /it needs an object to be called on/);
    await assert.rejects(move(use, { construct: 'src/factory.ts#create' }), /there is no such thing/);
  });
});
