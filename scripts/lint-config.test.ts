/**
 * A rule that does not fire is worse than none: here each one that matters is broken on purpose in a copy of the tree,
 * and oxlint must name it at that place. One run of oxlint sees all of them.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { floors } from './floors.ts';
import { strangers } from './lint-config.ts';

type Plant = { readonly file: string; readonly text: string; readonly rule: string; readonly says?: string };

/** A file of this floor; `index` is a file, all others are folders. */
const fileOn = (floor: string, name: string): string =>
  floor === 'index' ? 'src/index.ts' : `src/${floor}/${name}.ts`;

/** Every arrow that the table does not allow, one file each. */
const arrows: readonly Plant[] = floors.flatMap((floor) =>
  floors
    .filter(({ name }) => name !== floor.name && name !== 'index' && !floor.may.includes(name))
    .map(({ name: other }) => ({
      file: floor.name === 'index' ? 'src/index.ts' : `src/${floor.name}/to-${other}.ts`,
      text: `import { it } from '${floor.name === 'index' ? './' : '../'}${other}/it.ts';\nexport const to${other} = it;\n`,
      rule: 'eslint(no-restricted-imports)',
      says: `${floor.name} may ${floor.mayTypes?.includes(other) === true ? 'only import types of' : 'not import'} ${other}: arrows point down`,
    }))
    .filter(({ file }) => file !== 'src/index.ts'),
);

const withoutNode = floors.filter(({ node, name }) => !node && name !== 'index').map(({ name }) => name);

const plants: readonly Plant[] = [
  ...arrows,
  ...withoutNode.map((floor) => ({
    file: `src/${floor}/reads-files.ts`,
    text: "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
    rule: 'eslint(no-restricted-imports)',
    says: `${floor} may not import node:*`,
  })),
  {
    file: 'src/index.ts',
    text: "export { it } from './server/it.ts';\n",
    rule: 'eslint(no-restricted-imports)',
    says: 'index may not import server',
  },
  {
    file: 'src/engine/late-arrow.ts',
    text: "export const late = async (): Promise<unknown> => await import('../server/it.ts');\n",
    rule: 'eslint(no-restricted-imports)',
    says: 'engine may not import server',
  },
  {
    file: 'src/engine/hidden-arrow.ts',
    text: "export type Hidden = import('../server/it.ts').It;\n",
    rule: 'house(no-inline-import-type)',
  },
  {
    file: 'src/stores/first/a.ts',
    text: "export { b } from '../second/b.ts';\n",
    rule: 'eslint(no-restricted-imports)',
    says: 'stores are siblings',
  },
  {
    file: 'src/engine/by-name.ts',
    text: "export { it } from 'cantus';\n",
    rule: 'eslint(no-restricted-imports)',
    says: 'import the file',
  },
  {
    file: 'src/engine/sleeps.ts',
    text: "export { setTimeout } from 'node:timers/promises';\n",
    rule: 'eslint(no-restricted-imports)',
    says: 'use Clock',
  },
  { file: 'src/engine/now.ts', text: 'export const now = Date.now();\n', rule: 'eslint(no-restricted-properties)' },
  { file: 'src/engine/chance.ts', text: 'export const n = Math.random();\n', rule: 'eslint(no-restricted-properties)' },
  ...['setTimeout', 'setInterval', 'setImmediate'].map((timer) => ({
    file: `src/engine/${timer.toLowerCase()}.ts`,
    text: `export const timer = ${timer}(() => undefined, 1);\n`,
    rule: 'eslint(no-restricted-globals)',
    says: 'use Clock',
  })),
  { file: 'src/engine/wall.ts', text: 'export const wall = new Date();\n', rule: 'house(no-wall-clock)' },
  {
    file: 'src/engine/floating.ts',
    text: 'const work = async (): Promise<void> => Promise.resolve();\nwork();\nexport const done = 1;\n',
    rule: 'typescript(no-floating-promises)',
  },
  {
    file: 'src/engine/inexhaustive.ts',
    text: "export const say = (x: 'a' | 'b'): string => {\n  switch (x) {\n    case 'a':\n      return x;\n  }\n  return '';\n};\n",
    rule: 'typescript(switch-exhaustiveness-check)',
  },
  {
    file: 'src/engine/round-a.ts',
    text: "import { b } from './round-b.ts';\nexport const a = (): unknown => b;\n",
    rule: 'import(no-cycle)',
  },
  {
    file: 'src/engine/round-b.ts',
    text: "import { a } from './round-a.ts';\nexport const b = a;\n",
    rule: 'import(no-cycle)',
  },
  { file: 'src/engine/by-default.ts', text: 'export default 1;\n', rule: 'import(no-default-export)' },
  { file: 'src/engine/everything.ts', text: "export * from './by-default.ts';\n", rule: 'house(no-export-all)' },
  {
    file: 'src/engine/loose.ts',
    text: 'export const f = (x: any): unknown => x;\n',
    rule: 'typescript(no-explicit-any)',
  },
  { file: 'src/engine/loud.ts', text: "console.log('x');\nexport const x = 1;\n", rule: 'eslint(no-console)' },
  { file: 'src/engine/CamelCase.ts', text: 'export const x = 1;\n', rule: 'unicorn(filename-case)' },
  {
    file: 'src/engine/long.ts',
    text: Array.from({ length: 401 }, (_, line) => `export const x${line} = ${line};\n`).join(''),
    rule: 'eslint(max-lines)',
  },
  {
    file: 'src/engine/long-function.ts',
    text: `export function f(x: unknown[]): void {\n${'  x.push(1);\n'.repeat(70)}}\n`,
    rule: 'eslint(max-lines-per-function)',
  },
  {
    file: 'src/engine/many-params.ts',
    text: 'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1): unknown => [a, b, c, d, e];\n',
    rule: 'eslint(max-params)',
  },
  {
    file: 'src/engine/tangled.ts',
    text: `export const f = (x: number): number => ${Array.from({ length: 12 }, (_, n) => `x === ${n} ? ${n + 1} : `).join('')}0;\n`,
    rule: 'eslint(complexity)',
  },
  {
    file: 'src/engine/deep.ts',
    text: `export const f = (x: unknown): unknown => {\n${'if (x) {\n'.repeat(5)}return 1;\n${'}\n'.repeat(5)}return 2;\n};\n`,
    rule: 'eslint(max-depth)',
  },
  {
    file: 'examples/reaches-in.ts',
    text: "export { it } from '../src/engine/it.ts';\n",
    rule: 'eslint(no-restricted-imports)',
    says: 'An example imports what a user has',
  },
  {
    file: 'examples/brings-more.ts',
    text: "export { Command } from 'commander';\n",
    rule: 'eslint(no-restricted-imports)',
    says: 'An example may import only cantus',
  },
];

/** What must stay silent: the same things where they are allowed. */
const allowed: Readonly<Record<string, string>> = {
  'src/core/clock.ts':
    'export const now = (): number => Date.now() + Math.random();\nexport const later = setTimeout;\n',
  'src/protocol/types.ts': "import type { It } from '../agents/it.ts';\nexport type Other = It;\n",
  'src/engine/down.ts': "import { it } from '../core/it.ts';\nexport const down = it;\n",
  'src/engine/waits.ts': 'export const waits = (): unknown => new Date(0);\n',
  'src/stores/first/below.ts': "export { c } from '../shared.ts';\n",
  'src/cli/prints.ts': "console.log('hello');\nexport const printed = true;\n",
  'src/engine/tests.test.ts':
    "import { it } from 'node:test';\nimport { b } from '../stores/second/b.ts';\nit('works', async () => Promise.resolve(void b));\n",
  'examples/allowed.ts':
    "import { z } from 'zod';\nimport { readFileSync } from 'node:fs';\nexport { z, readFileSync };\n",
};

const scaffold: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    floors
      .filter(({ name }) => name !== 'index')
      .map(({ name }) => [fileOn(name, 'it'), 'export const it = 1;\nexport type It = 1;\n']),
  ),
  'src/stores/second/b.ts': 'export const b = 1;\n',
  'src/stores/shared.ts': 'export const c = 1;\n',
};

type Finding = { readonly code: string; readonly filename: string; readonly help?: string; readonly message: string };

const root = new URL('../', import.meta.url).pathname;

describe('the lint configuration', () => {
  let copy = '';
  let findings: readonly Finding[] = [];
  const of = (file: string): readonly Finding[] => findings.filter(({ filename }) => filename === file);

  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'cantus-lint-'));
    const write = (file: string, text: string): void => {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), text);
    };
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'scripts/lint-plugin.js']) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      copyFileSync(join(root, file), join(copy, file));
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const [file, text] of Object.entries({ ...scaffold, ...allowed })) write(file, text);
    for (const { file, text } of plants) write(file, text);
    const oxlint = join(root, 'node_modules/.bin/oxlint');
    const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '-f', 'json', 'src', 'examples'], {
      cwd: copy,
      encoding: 'utf8',
      maxBuffer: 64_000_000,
    });
    assert.match(stdout, /^\s*\{/, stderr);
    findings = (JSON.parse(stdout) as { diagnostics: Finding[] }).diagnostics;
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  for (const { file, rule, says } of plants) {
    it(`finds ${rule} in ${file}`, () => {
      const found = of(file).filter(({ code }) => code === rule);
      assert.notEqual(found.length, 0, `silent; found there: ${JSON.stringify(of(file))}`);
      if (says !== undefined)
        assert.ok(
          found.some((one) => `${one.help} ${one.message}`.includes(says)),
          JSON.stringify(found),
        );
    });
  }

  for (const file of Object.keys(allowed)) {
    it(`is silent about ${file}`, () => assert.deepEqual(of(file), []));
  }

  it('knows every folder of src', () => assert.deepEqual(strangers(new URL('../', import.meta.url)), []));
});
