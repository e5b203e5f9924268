import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scanTree } from '../scan.fixture.ts';
import { violationsOf } from './all-rules.ts';
import { constructOnly } from './construct-only.ts';
import { deprecatedImport } from './deprecated-import.ts';
import { floors } from './floors.ts';
import { forbiddenFiles } from './forbidden-files.ts';
import { moduleState } from './module-state.ts';
import { ruleInput } from './tree.fixture.ts';

describe('construct-only', () => {
  const config = {
    concepts: {
      engine: { canonical: 'src/engine.ts#Engine', constructOnlyIn: ['src/create.ts#create', 'lib/f.py#Factory'] },
    },
  };
  const names = { Engine: 'src/engine.ts#Engine' };
  const construct = (within: string) => ({ names, constructions: [{ name: 'Engine', within, line: 7 }] });

  it('lets only the places that are named construct the class, and what is inside of them (VK1)', () => {
    const files = {
      'src/engine.ts': { units: ['Engine'] },
      'src/create.ts': construct('create'),
      'lib/f.py': construct('Factory.make'),
      'src/other.ts': construct('open'),
      'src/top.ts': construct(''),
      'lib/g.py': construct('Factory.make'),
    };
    assert.deepEqual(
      constructOnly(ruleInput(files, config)).map(({ key, line }) => [key, line]),
      [
        ['construct-only src/other.ts#open -> Engine', 7],
        ['construct-only src/top.ts -> Engine', 7],
        ['construct-only lib/g.py#Factory.make -> Engine', 7],
      ],
    );
  });

  it('lets tests construct, and does not take another class of that name for it (VK2)', () => {
    const files = {
      'src/engine.ts': { units: ['Engine'] },
      'src/a.test.ts': { ...construct('x'), zone: 'test' as const },
      'src/b.ts': { names: { Engine: 'src/car.ts#Engine' }, constructions: [{ name: 'Engine' }] },
    };
    assert.deepEqual(constructOnly(ruleInput(files, config)), []);
  });
});

describe('deprecated-import', () => {
  const found = (from: string) =>
    deprecatedImport(
      ruleInput(
        {
          'src/old.ts': { imports: [{ specifier: './old.ts', through: 'src/old.ts', imported: 'Engine' }] },
          'src/a.ts': {
            imports: [{ specifier: './old.ts', through: 'src/old.ts', imported: 'Engine', within: 'run' }],
          },
          'src/b.ts': {
            imports: [{ specifier: './index.ts', through: 'src/index.ts', file: 'src/old.ts', imported: 'Engine' }],
          },
          'src/c.ts': { imports: [{ specifier: '@app/legacy/x', imported: 'Wheel' }] },
          'backend/d.py': { imports: [{ specifier: 'backend.old', through: 'backend/old.py', imported: 'Engine' }] },
        },
        { deprecated: [{ from, to: 'src/create.ts#createEngine', say: 'see docs' }] },
      ),
    ).map(({ path }) => path);

  it('finds it by path, also through a barrel, and not in itself (VD1, VD2)', () => {
    assert.deepEqual(found('src/old.ts'), ['src/a.ts', 'src/b.ts']);
  });

  it('finds it by specifier, by dotted module, and by name alone where one is given (VD1)', () => {
    assert.deepEqual(found('@app/legacy/*'), ['src/c.ts']);
    assert.deepEqual(found('backend.old#Engine'), ['backend/d.py']);
    assert.deepEqual(found('backend.old#Wheel'), []);
  });

  it('finds what is taken of a module that is imported whole, where it is taken (VD1)', async () => {
    const { tree, edges } = await scanTree({
      'src/old.ts': 'export class Old { run() {} }\nexport class Kept { run() {} }',
      'src/index.ts': "export * from './old.ts';",
      'src/a.ts': "import * as m from './old.ts';\nnew m.Kept();\nexport function open() {\n  return new m.Old();\n}",
      'src/b.ts': "import * as all from './index.ts';\nexport let old: all.Old;",
      'src/c.cjs': "const m = require('./old.ts');\nm.Old.make();",
      'src/d.ts': "import * as m from './old.ts';\nexport const kept = [new m.Kept(), x.m.Old];",
      'app/old.py': 'class Old:\n    pass\n',
      'app/a.py': 'import app.old as m\n\n\ndef open():\n    return m.Old()\n',
      'app/b.py': 'import app.old\nfrom app.old import Kept\nold = app.old.Old()\n',
      'app/c.py': 'from . import old\nold.Old()\n',
      'app/d.py': 'from app import old as o\nprint(o.Other, old.Old)\n',
    });
    const told = (from: string) =>
      deprecatedImport({ config: { deprecated: [{ from }] }, tree, edges, paths: [], today: '2026-11-22' });
    assert.deepEqual(
      told('src/old.ts#Old').map(({ key, line }) => [key, line]),
      [
        ['deprecated-import src/a.ts#open -> src/old.ts#Old Old', 4],
        ['deprecated-import src/b.ts -> src/old.ts#Old Old', 2],
        ['deprecated-import src/c.cjs -> src/old.ts#Old Old', 2],
      ],
    );
    assert.deepEqual(
      told('app.old#Old').map(({ path, line }) => [path, line]),
      [
        ['app/a.py', 5],
        ['app/b.py', 3],
        ['app/c.py', 2],
      ],
    );
    const whole = told('src/old.ts').map(({ path, line }) => `${path}:${line}`);
    assert.deepEqual(whole, ['src/a.ts:1', 'src/c.cjs:1', 'src/d.ts:1', 'src/index.ts:1'], 'the import itself, once');
  });

  it('warns where it is told to, and says what to use instead', () => {
    const files = {
      'src/a.ts': { imports: [{ specifier: './old.ts', through: 'src/old.ts', imported: 'Engine', within: 'run' }] },
    };
    const [violation] = deprecatedImport(
      ruleInput(files, { deprecated: [{ from: 'src/old.ts#Engine', to: 'src/engine.ts#Motor', mode: 'warn' }] }),
    );
    assert.equal(violation?.mode, 'warn');
    assert.match(violation?.hint ?? '', /Import Motor from src\/engine\.ts/);
    assert.equal(violation?.key, 'deprecated-import src/a.ts#run -> src/old.ts#Engine Engine');
  });

  it('says what the pointers lead to in the end, and tells a circle of them (VD3)', () => {
    const files = { 'src/a.ts': { imports: [{ specifier: './old.ts', through: 'src/old.ts', imported: 'Engine' }] } };
    const deprecated = [
      { from: 'src/old.ts#Engine', to: 'src/newer.ts#Engine' },
      { from: 'src/newer.ts#Engine', to: 'src/last.ts#Motor' },
    ];
    const [violation] = deprecatedImport(ruleInput(files, { deprecated }));
    assert.match(violation?.hint ?? '', /^Import Motor from src\/last\.ts/);
    const circle = [...deprecated, { from: 'src/last.ts#Motor', to: 'src/newer.ts#Engine' }];
    const told = deprecatedImport(ruleInput(files, { deprecated: circle }));
    assert.deepEqual(
      told.map(({ path, message }) => `${path} ${message}`),
      [
        'guard.json What is deprecated points in a circle: src/newer.ts#Engine → src/last.ts#Motor → src/newer.ts#Engine.',
        'src/a.ts Engine of src/old.ts is deprecated.',
      ],
    );
    assert.match(told[1]?.hint ?? '', /src\/newer\.ts#Engine → src\/last\.ts#Motor → src\/newer\.ts#Engine/);
  });
});

describe('module-state', () => {
  const files = {
    'src/cache.ts': {
      state: [
        { name: 'table' },
        { name: 'answers', line: 4, writers: [{ within: 'ask', line: 9 }] },
        { name: 'registry', writers: [{ within: 'add', line: 9 }] },
      ],
    },
    'src/cache.test.ts': { zone: 'test' as const, state: [{ name: 'seen', writers: [{ within: 'x', line: 1 }] }] },
    'tool/x.py': { state: [{ name: 'seen', writers: [{ within: 'x', line: 1 }] }] },
  };

  it('finds what a function writes to, in the folders that it is told, and not what is allowed (GM1)', () => {
    const allow = [{ unit: 'src/**#registry', why: 'metrics of the process' }];
    const found = moduleState(ruleInput(files, { moduleState: { in: ['src'], allow } }));
    assert.deepEqual(
      found.map(({ key, line }) => [key, line]),
      [['module-state src/cache.ts#answers', 4]],
    );
    assert.match(found[0]?.message ?? '', /ask writes to it/);
  });
});

describe('forbidden-files', () => {
  it('finds unwanted names of any file, and not what is allowed', () => {
    const config = {
      files: { forbid: ['**/*.backup*', '**/*_{v2,fixed}.*'], allow: [{ unit: 'old/**', why: 'kept' }] },
    };
    const paths = ['a/engine.backup.py', 'b/engine_v2.ts', 'b/engine.ts', 'old/x.backup'];
    const found = forbiddenFiles(ruleInput({}, config, { paths }));
    assert.deepEqual(
      found.map(({ path }) => path),
      ['a/engine.backup.py', 'b/engine_v2.ts'],
    );
  });
});

describe('floors', () => {
  const table = [
    { name: 'core', files: ['src/core/**'], may: [], mayNot: ['node:*'] },
    { name: 'stores', files: ['src/stores/**'], may: ['core'], siblings: true },
    { name: 'engine', files: ['src/engine/**'], may: ['core'], mayTypes: ['stores'] },
  ];
  const found = (path: string, ...imports: readonly { through?: string; specifier?: string; kind?: 'type' }[]) =>
    floors(ruleInput({ [path]: { imports } }, { floors: { table, except: ['**/*.test.ts'] } })).map(
      ({ message }) => message,
    );

  it('lets a floor import itself and what it may, and nothing else (GF1)', () => {
    assert.deepEqual(found('src/engine/a.ts', { through: 'src/engine/b.ts' }, { through: 'src/core/x.ts' }), []);
    assert.deepEqual(found('src/core/x.ts', { through: 'src/engine/a.ts', specifier: '../engine/a.ts' }), [
      'core may not import engine: ../engine/a.ts.',
    ]);
    assert.deepEqual(found('src/free.ts', { through: 'src/engine/a.ts' }), []);
    assert.deepEqual(found('src/core/x.test.ts', { through: 'src/engine/a.ts' }), []);
  });

  it('lets types alone through where it says so, and no specifier that a floor does without (GF3)', () => {
    assert.deepEqual(found('src/engine/a.ts', { through: 'src/stores/m.ts', kind: 'type' }), []);
    assert.equal(found('src/engine/a.ts', { through: 'src/stores/m.ts' }).length, 1);
    assert.deepEqual(found('src/core/x.ts', { specifier: 'node:fs' }), ['core may not import node:fs: node:fs.']);
    assert.deepEqual(found('src/core/x.ts', { specifier: 'zod' }), []);
  });

  it('keeps siblings apart (GF4)', () => {
    assert.equal(found('src/stores/a/x.ts', { through: 'src/stores/b/y.ts' }).length, 1);
    assert.deepEqual(found('src/stores/a/x.ts', { through: 'src/stores/a/y.ts' }, { through: 'src/stores/z.ts' }), []);
  });
});

describe('all rules', () => {
  it('says each violation once, in the order of the paths (VR1, VR2)', () => {
    const names = { Engine: 'src/engine.ts#Engine' };
    const constructions = [1, 2].map((line) => ({ name: 'Engine', within: 'open', line }));
    const input = ruleInput(
      {
        'src/z.ts': { names, constructions },
        'src/engine.ts': { units: ['Engine'] },
        'src/a.ts': { units: ['Engine'] },
      },
      {
        concepts: {
          engine: { canonical: 'src/engine.ts#Engine', match: ['Engine'], constructOnlyIn: ['src/engine.ts'] },
        },
      },
    );
    assert.deepEqual(
      violationsOf(input).map(({ path, line }) => `${path}:${line}`),
      ['src/a.ts:1', 'src/z.ts:1'],
    );
  });
});
