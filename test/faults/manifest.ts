/**
 * Planted faults: each is a mistake that one named test must see. `test/faults/run.ts` makes it while the file is
 * loaded, never in the file, and fails when the test does not.
 *
 * To add one: pick what must never break, write the line as a tired person would get it wrong, and name the test.
 */

export type Fault = {
  readonly name: string;
  /** The promise of ARCHITECTURE.md it would break. */
  readonly promise?: `P${number}`;
  /** The file it is in, and the text (found there exactly once) that becomes another. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The test that must fail: its file, and its name without those of the suites it is in. */
  readonly test: { readonly file: string; readonly name: string };
};

export const faults: readonly Fault[] = [
  {
    name: 'a journaled value is not frozen',
    file: 'src/core/json.ts',
    find: 'return Object.freeze(out);\n  }\n\n  #object',
    replace: 'return out;\n  }\n\n  #object',
    test: {
      file: 'src/core/json.test.ts',
      name: 'copies and freezes at every depth, so that the caller cannot change the journal (J1)',
    },
  },
  {
    name: 'a class instance is journaled as a plain object',
    file: 'src/core/json.ts',
    find: 'prototype !== Object.prototype && prototype !== null',
    replace: 'prototype === Map.prototype',
    test: { file: 'src/core/json.test.ts', name: 'refuses what JSON cannot say and names its place (J2)' },
  },
  {
    name: 'minus zero is live what it is not on a re-run',
    promise: 'P3',
    file: 'src/core/json.ts',
    find: 'return value === 0 ? 0 : value;',
    replace: 'return value;',
    test: { file: 'src/core/json.test.ts', name: 'has one zero, as JSON has, so that a re-run gives the same (J2)' },
  },
  {
    name: 'a member named __proto__ sets the prototype',
    file: 'src/core/json.ts',
    find: "if (key === '__proto__')",
    replace: 'if (false)',
    test: { file: 'src/core/json.test.ts', name: 'keeps a member named __proto__ as data' },
  },
  {
    name: 'a lost value passes for a user',
    promise: 'P8',
    file: 'src/core/principal.ts',
    find: 'lostValues.has(value.toLowerCase())',
    replace: 'lostValues.has(value)',
    test: { file: 'src/core/principal.test.ts', name: 'refuses what a lost value looks like, in any case (P8)' },
  },
  {
    name: 'no identity falls back to a default user',
    promise: 'P8',
    file: 'src/core/principal.ts',
    find: '{ tenant = soleTenant, user, roles',
    replace: "{ tenant = soleTenant, user = 'local', roles",
    test: { file: 'src/core/principal.test.ts', name: 'refuses no identity at all (P8)' },
  },
  {
    name: 'two users share one key',
    promise: 'P2',
    file: 'src/core/principal.ts',
    find: '`${tenant.length}:${tenant}:${user}`',
    replace: '`${tenant}:${user}`',
    test: {
      file: 'src/core/principal.test.ts',
      name: 'keeps apart what a plain join would merge',
    },
  },
  {
    name: 'a tool with an empty list of roles is open to all',
    file: 'src/agents/tool.ts',
    find: 'tool.roles === undefined ||',
    replace: 'tool.roles === undefined || tool.roles.length === 0 ||',
    test: { file: 'src/agents/tool.test.ts', name: 'lets nobody use a tool with an empty list of roles' },
  },
  {
    name: 'a degraded run stays open',
    promise: 'P4',
    file: 'src/journal/run-row.ts',
    find: "    case 'run.degraded':\n",
    replace: '',
    test: {
      file: 'src/journal/run-row.test.ts',
      name: 'ends with each of the terminal events, and with no other (P4)',
    },
  },
  {
    name: 'the first try is not counted among the attempts',
    file: 'src/agents/retry.ts',
    find: 'attempt >= policy.attempts',
    replace: 'attempt > policy.attempts',
    test: { file: 'src/agents/retry.test.ts', name: 'counts the first try among the attempts' },
  },
  {
    name: 'a step may be named with a separator in it',
    promise: 'P3',
    file: 'src/core/names.ts',
    find: '[A-Za-z0-9_.-]*$',
    replace: '[A-Za-z0-9_./-]*$',
    test: { file: 'src/core/names.test.ts', name: 'refuses what would make two paths one, or none' },
  },
];
