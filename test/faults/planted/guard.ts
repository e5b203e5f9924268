/** Mistakes planted in `src/guard/`. */
import type { Fault } from '../fault.ts';

export const guardFaults: readonly Fault[] = [
  {
    name: 'a waiver of guard.json holds after its end',
    promise: 'P9',
    file: 'src/guard/config.ts',
    find: 'waiver.until === undefined || today <= waiver.until',
    replace: 'true || waiver.until === today',
    test: { file: 'src/guard/config.test.ts', name: 'lets a waiver hold on its last day and not after it (GJ3)' },
  },
  {
    name: 'the copy of a known rival is known too',
    promise: 'P9',
    file: 'src/guard/baseline.ts',
    find: 'baseline.get(concept)?.some((entry) => entry.key === key) === true',
    replace: "(baseline.get(concept)?.length ?? 0) > 0 && key !== ''",
    test: {
      file: 'src/guard/check.test.ts',
      name: 'passes what the baseline knows, and fails on another copy of it (GX2, VB1)',
    },
  },
  {
    name: 'a stale key of the baseline passes',
    file: 'src/guard/check.ts',
    find: 'exitCodeOf(failures.length + stale.length, unread.length)',
    replace: 'exitCodeOf(failures.length, unread.length)',
    test: { file: 'src/guard/check.test.ts', name: 'fails on a stale key until it is taken out (VB3)' },
  },
  {
    name: 'what was merely found fails the check',
    file: 'src/guard/check.ts',
    find: 'exitCodeOf(failures.length + stale.length, unread.length)',
    replace: 'exitCodeOf(failures.length + stale.length + scan.concepts.length, unread.length)',
    test: {
      file: 'src/guard/check.test.ts',
      name: 'fails on a rival of a declared concept, and on nothing that was merely found (GX1)',
    },
  },
  {
    name: "a file that can't be read is clean",
    file: 'src/guard/check.ts',
    find: 'if (unread > 0) return guardExitCodes.unread;',
    replace: 'if (unread > 99) return guardExitCodes.unread;',
    test: {
      file: 'src/guard/check.test.ts',
      name: 'says that it could not read, even beside violations, but not for what it leaves out on purpose (GX3)',
    },
  },
  {
    name: 'a rival of a rival is overlooked',
    promise: 'P9',
    file: 'src/guard/rules/one-implementation.ts',
    find: 'for (const id of found.keys()) follow(id);',
    replace: '',
    test: {
      file: 'src/guard/rules/one-implementation.test.ts',
      name: 'takes a certain rival of another name too, and the copy of a rival (GO2)',
    },
  },
  {
    name: 'a method of the factory may not construct',
    file: 'src/guard/rules/construct-only.ts',
    find: "parts.slice(0, index + 1).join('.')",
    replace: "parts.slice(index).join('.')",
    test: {
      file: 'src/guard/rules/rules.test.ts',
      name: 'lets only the places that are named construct the class, and what is inside of them (VK1)',
    },
  },
  {
    name: 'an import through a barrel is none of its source',
    file: 'src/guard/rules/deprecated-import.ts',
    find: 'const targets = [linked.file, linked.through]',
    replace: 'const targets = [linked.through]',
    test: {
      file: 'src/guard/rules/rules.test.ts',
      name: 'finds it by path, also through a barrel, and not in itself (VD1, VD2)',
    },
  },
  {
    name: 'a table that nobody writes to is state',
    file: 'src/guard/rules/module-state.ts',
    find: 'writers.length > 0 && !isAllowed',
    replace: 'writers.length >= 0 && !isAllowed',
    test: {
      file: 'src/guard/rules/rules.test.ts',
      name: 'finds what a function writes to, in the folders that it is told, and not what is allowed (GM1)',
    },
  },
  {
    name: 'a floor that may import types may import all',
    promise: 'P9',
    file: 'src/guard/rules/floors.ts',
    find: "return kind === 'type' ? undefined :",
    replace: 'return kind !== undefined ? undefined :',
    test: {
      file: 'src/guard/rules/rules.test.ts',
      name: 'lets types alone through where it says so, and no specifier that a floor does without (GF3)',
    },
  },
  {
    name: 'an alert that moved is another alert',
    file: 'src/guard/report/sarif.ts',
    find: '.update(identityOf(finding))',
    replace: '.update(`${identityOf(finding)}${line}`)',
    test: {
      file: 'src/guard/report/report.test.ts',
      name: 'fingerprints a result by who it is about: moved it is the same, copied it is another (VS1)',
    },
  },
  {
    name: 'a dismissal hides the copy that comes later',
    file: 'src/guard/dismissed.ts',
    find: 'units.every((unit)',
    replace: 'units.some((unit)',
    test: {
      file: 'src/guard/decide.test.ts',
      name: 'holds for the units that were looked at, and not for one that joins them',
    },
  },
  {
    name: 'a decision takes in units that nobody looked at',
    file: 'src/guard/decide.ts',
    find: 'return means.every(({ id }) => ids.has(id)) ? [pattern] : names;',
    replace: 'return means.some(({ id }) => ids.has(id)) ? [pattern] : names;',
    test: { file: 'src/guard/decide.test.ts', name: 'names the units where the pattern would mean others too (VP2)' },
  },
  {
    name: 'a new line of an annotation ends it',
    file: 'src/guard/report/github.ts',
    find: ".replaceAll('\\n', '%0A')",
    replace: '',
    test: {
      file: 'src/guard/report/report.test.ts',
      name: 'are a line each, with what would split them written otherwise, and without what is known',
    },
  },
  {
    name: 'a moved class is taken for a rival of itself',
    file: 'src/guard/hook.ts',
    find: '!own.has(unit.id) && stays(unit)',
    replace: '!own.has(unit.id) && (stays(unit) || true)',
    test: {
      file: 'src/cli/guard-verb.test.ts',
      name: 'tells what a change adds that exists already, before and after it is applied (VH1, VH2, VH3)',
    },
  },
  {
    name: 'the engine may be constructed anywhere',
    promise: 'P9',
    file: 'src/guard/rules/construct-only.ts',
    find: 'if (concept === undefined || isIn(',
    replace: "if (concept === undefined || zone === 'prod' || isIn(",
    test: { file: 'test/guard/own-house.test.ts', name: 'fails on a door that is not opened by the engine' },
  },
  {
    name: 'a call without a counterpart is moved all the same',
    file: 'src/guard/fix.ts',
    find: 'if (missing.length > 0) return',
    replace: 'if (missing.length > 99) return',
    test: { file: 'src/cli/guard-verb.test.ts', name: 'leaves alone what it can not be sure of, and says why (VX2)' },
  },
  {
    name: 'moved names are lost from a shared import',
    file: 'src/guard/fix-statement.ts',
    find: "if (moved.left === '') return `${head}{",
    replace: "if (moved.left !== '?') return `${head}{",
    test: { file: 'src/guard/fix-statement.test.ts', name: 'comes from elsewhere with all else as it was' },
  },
  {
    name: 'a method that is missing counts as there',
    file: 'src/guard/todo.ts',
    find: 'isThere: there.has(method)',
    replace: 'isThere: there.size > 0',
    test: {
      file: 'src/guard/todo.test.ts',
      name: 'lists each place that still uses another one, with the methods that have no counterpart (GH1)',
    },
  },
  {
    name: 'the tests of a concept are green while a rival is left',
    promise: 'P9',
    file: 'src/guard/assert-one.ts',
    find: 'if (own.length === 0) return;',
    replace: 'if (own.length <= 1) return;',
    test: {
      file: 'src/guard/emit-tests.test.ts',
      name: 'is red while there is another implementation, and green when it is gone',
    },
  },
  {
    name: 'a diff that is applied is applied again',
    file: 'src/guard/unified-diff.ts',
    find: "fits(lines, hunk.newStart, side(hunk, '+'))",
    replace: "fits(lines, hunk.newStart, side(hunk, '-'))",
    test: {
      file: 'src/guard/unified-diff.test.ts',
      name: 'is applied in memory where it is not applied yet, and taken as it is where it is (VU1)',
    },
  },
];
