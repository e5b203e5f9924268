/**
 * The rules of the house that are not about floors. What is switched off says why here.
 */

/** As oxlint takes it: a severity, or a severity and options. */
export type Rule = 'off' | 'error' | readonly ['error', ...unknown[]];
export type Rules = Readonly<Record<string, Rule>>;

const useClock = 'use Clock (src/core/clock.ts), so that tests and the simulation can hold time';
const useRandom = 'use Random (src/core/random.ts), so that tests and the simulation can repeat chance';

const sizes: Rules = {
  'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
  complexity: ['error', { max: 12 }],
  'max-depth': ['error', { max: 4 }],
  'max-params': ['error', { max: 4 }],
};

const timeAndChance: Rules = {
  'no-restricted-globals': [
    'error',
    ...['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({ name, message: useClock })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: useClock },
    { object: 'performance', property: 'now', message: useClock },
    { object: 'AbortSignal', property: 'timeout', message: useClock },
    { object: 'Math', property: 'random', message: useRandom },
    { object: 'crypto', property: 'randomUUID', message: useRandom },
  ],
  'house/no-wall-clock': 'error',
};

/** Rules of the categories that are on which this house does without. */
const without: Rules = {
  // Narrowing what came over a boundary and was just checked is what `as` is for; `any` is banned, so none hides in it.
  'typescript/no-unsafe-type-assertion': 'off',
  // It does not see that a constructor narrows the types of its parameters (ToolError takes only `tool_*` codes).
  'no-useless-constructor': 'off',
  // `fc.property` and `assert.equal` of a default import are how their documentation writes them.
  'import/no-named-as-default-member': 'off',
  // It takes every `postMessage` for a window's; ours go to worker threads, which have no origin.
  'unicorn/require-post-message-target-origin': 'off',
};

export const houseRules: Rules = {
  ...sizes,
  ...timeAndChance,
  ...without,
  'typescript/no-explicit-any': 'error',
  // `it` and `describe` of node:test return promises that the runner itself waits for.
  'typescript/no-floating-promises': [
    'error',
    { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['it', 'describe', 'test', 'suite'] }] },
  ],
  'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  'import/no-default-export': 'error',
  'import/no-cycle': 'error',
  'unicorn/filename-case': ['error', { case: 'kebabCase' }],
  'unicorn/prefer-node-protocol': 'error',
  'no-console': 'error',
  'house/no-export-all': 'error',
  'house/no-inline-import-type': 'error',
};

const off = (rules: Rules): Rules => Object.fromEntries(Object.keys(rules).map((name) => [name, 'off']));

/** Where a house rule does not hold, and why. */
export const exceptions: readonly { readonly files: readonly string[]; readonly rules: Rules }[] = [
  // core/clock.ts and core/random.ts are the doors that time and chance come in by.
  { files: ['src/core/**'], rules: off(timeAndChance) },
  // What prints for a person prints to the console.
  {
    files: [
      'src/cli/**',
      'scripts/**',
      'bench/**',
      'examples/**',
      'bin/**',
      'test/faults/**',
      'test/chaos/run.ts',
      'test/simulation/run.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  // An old Node, which must be able to read this far, does not know the `node:` prefix.
  { files: ['bin/**'], rules: { 'unicorn/prefer-node-protocol': 'off' } },
  // These measure and drive the real machine.
  { files: ['scripts/**', 'bench/**', 'test/**', '**/*.test.ts'], rules: off(timeAndChance) },
  // A test is as long as what it tells, and what it needs stands beside it rather than at the head of the file.
  { files: ['**/*.test.ts', 'test/**'], rules: { ...off(sizes), 'unicorn/consistent-function-scoping': 'off' } },
];
