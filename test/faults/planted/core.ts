/** Mistakes planted in `src/core/`. */
import type { Fault } from '../fault.ts';

export const coreFaults: readonly Fault[] = [
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
    test: { file: 'src/core/principal.test.ts', name: 'keeps apart what a plain join would merge' },
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
