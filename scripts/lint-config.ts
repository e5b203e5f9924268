/**
 * Writes `.oxlintrc.json` from the table of floors (floors.ts) and the rules of the house (lint-rules.ts).
 *
 *     node scripts/lint-config.ts            writes it
 *     node scripts/lint-config.ts --check    fails when the file is not what the tables give
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { examplePackages, floors, type Floor } from './floors.ts';
import { exceptions, houseRules, type Rules } from './lint-rules.ts';

/** A pattern of the rule `no-restricted-imports`. */
type Pattern = ({ readonly regex: string } | { readonly group: readonly string[] }) & {
  readonly message: string;
  readonly allowTypeImports?: true;
};

type Override = { readonly files: readonly string[]; readonly rules: Rules };

const down = 'arrows point down (ARCHITECTURE.md, floors)';

/** How files on floor `from` write an import of floor `to`. */
function importOf(from: string, to: string): string {
  if (to === 'index') return '^(\\.\\./)+index\\.ts$';
  return from === 'index' ? `^\\./${to}/` : `^(\\.\\./)+${to}/`;
}

function floorPatterns(floor: Floor): readonly Pattern[] {
  const others = floors.filter(({ name }) => name !== floor.name && !floor.may.includes(name));
  const patterns: Pattern[] = others.map(({ name }) => {
    const typesOnly = floor.mayTypes?.includes(name) === true;
    return {
      regex: importOf(floor.name, name),
      message: `${floor.name} may ${typesOnly ? 'only import types of' : 'not import'} ${name}: ${down}.`,
      ...(typesOnly ? { allowTypeImports: true as const } : {}),
    };
  });
  patterns.push({
    regex: '^cantus(/|$)',
    message: `${floor.name} may not import the package by name: import the file.`,
  });
  if (!floor.node) {
    patterns.push({
      regex: '^node:',
      message: `${floor.name} may not import node:*: it has no effects, or runs in a browser.`,
    });
  } else {
    patterns.push({ regex: '^node:timers', message: 'use Clock (src/core/clock.ts), so that tests can hold time.' });
  }
  return patterns;
}

function restricted(patterns: readonly Pattern[]): Rules {
  return { 'no-restricted-imports': ['error', { patterns }] };
}

function floorOverrides(): readonly Override[] {
  const overrides: Override[] = [];
  for (const floor of floors) {
    const patterns = floorPatterns(floor);
    overrides.push({
      files: [floor.name === 'index' ? 'src/index.ts' : `src/${floor.name}/**`],
      rules: restricted(patterns),
    });
    if (floor.siblings !== true) continue;
    const message = `${floor.name} are siblings: an adapter may not import another one (ARCHITECTURE.md, floors).`;
    const sibling: Pattern = { regex: '^\\.\\./[a-z][^/]*/', message };
    overrides.push({ files: [`src/${floor.name}/*/**`], rules: restricted([...patterns, sibling]) });
  }
  return overrides;
}

function exampleOverride(): Override {
  return {
    files: ['examples/**'],
    rules: restricted([
      {
        regex: '^(\\.\\./)+(src|scripts|test|bench|dist|bin)/',
        message: 'An example imports what a user has: "cantus".',
      },
      {
        group: ['*', '!./**', '!../**', '!node:*', ...examplePackages.map((name) => `!${name}`)],
        message: `An example may import only ${examplePackages.join(', ')} and node:* (scripts/floors.ts).`,
      },
    ]),
  };
}

/** The configuration as an object. */
export function lintConfig(): object {
  return {
    $schema: './node_modules/oxlint/configuration_schema.json',
    plugins: ['typescript', 'import', 'unicorn', 'promise', 'node', 'oxc'],
    jsPlugins: ['./scripts/lint-plugin.js'],
    categories: { correctness: 'error', suspicious: 'error' },
    options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
    ignorePatterns: ['dist/**', 'node_modules/**', 'test-output/**', 'test/fixtures/**'],
    rules: houseRules,
    overrides: [
      ...floorOverrides(),
      exampleOverride(),
      ...exceptions,
      // A test may use any floor: it is outside the product, and nothing imports it.
      { files: ['**/*.test.ts'], rules: { 'no-restricted-imports': 'off' } },
    ],
  };
}

/** The file's text. */
export function lintConfigText(): string {
  const head = '// Generated: change scripts/floors.ts or scripts/lint-rules.ts, then run `npm run lint-config`.\n';
  return `${head}${JSON.stringify(lintConfig(), null, 2)}\n`;
}

/** Folders and root files of `src/` that are on no floor. */
export function strangers(root: URL): readonly string[] {
  const known = new Set(floors.map(({ name }) => name));
  return readdirSync(new URL('src/', root)).filter((name) => !known.has(name.replace(/\.ts$/, '')));
}

function main(): void {
  const root = new URL('../', import.meta.url);
  const file = fileURLToPath(new URL('.oxlintrc.json', root));
  if (!process.argv.includes('--check')) return writeFileSync(file, lintConfigText());
  const lost = strangers(root);
  if (lost.length > 0) console.error(`src/${lost.join(', src/')}: on no floor. Add it to scripts/floors.ts.`);
  const stale = readFileSync(file, 'utf8') !== lintConfigText();
  if (stale) console.error('.oxlintrc.json is not what the tables give: run `npm run lint-config`.');
  process.exitCode = stale || lost.length > 0 ? 1 : 0;
}

if (import.meta.main) main();
