/** Mistakes planted in what moves a code base: `fix` and what it writes. */
import type { Fault } from '../fault.ts';

export const guardMovingFaults: readonly Fault[] = [
  {
    name: 'a change of many files stops half-way',
    promise: 'P9',
    file: 'src/guard/file-changes.ts',
    find: 'for (const one of made) putBack(one);',
    replace: '',
    test: { file: 'src/guard/file-changes.test.ts', name: 'are put back where one fails after others were made (VJ1)' },
  },
  {
    name: 'a fix goes over what somebody else wrote',
    promise: 'P9',
    file: 'src/guard/file-changes.ts',
    find: 'if (stats === undefined || !isSame(file, stats, before)) {',
    replace: 'if (stats === undefined || before.length === 0) {',
    test: {
      file: 'src/guard/file-changes.test.ts',
      name: 'go over nothing that was changed, removed, locked or replaced by a link since (VJ2)',
    },
  },
  {
    name: 'a type becomes a value when its import is split',
    file: 'src/guard/fix-script.ts',
    find: 'const isTyped = (need: Need): boolean => need.isType && !isType;',
    replace: "const isTyped = (need: Need): boolean => need.name === '';",
    test: {
      file: 'src/guard/fix.test.ts',
      name: 'leaves a type a type, and an import with attributes with them (VX3)',
    },
  },
  {
    name: 'what a file that stays uses is taken out',
    promise: 'P9',
    file: 'src/guard/fix.ts',
    find: 'isKept ? mover.move() : mover.stay()',
    replace: 'isKept ? mover.move() : mover.move()',
    test: {
      file: 'src/guard/fix.test.ts',
      name: 'leaves a file alone whose bytes could not be kept, and does not take away what it uses (VX6)',
    },
  },
  {
    name: 'a fallback is moved onto what it falls back from',
    file: 'src/guard/fix-objections.ts',
    find: 'if (other !== undefined) {',
    replace: "if (other?.local === '') {",
    test: {
      file: 'src/guard/fix-objections.test.ts',
      name: 'breaks no line in two that something else stands on, and declares nothing where nothing is declared',
    },
  },
  {
    name: 'dots lead out of the outermost package',
    file: 'src/guard/fix-target.ts',
    find: 'const dotted = common >= outermostPackage(tree, folder) ? [relative] : [];',
    replace: 'const dotted = outermostPackage(tree, folder) >= 0 ? [relative] : [];',
    test: {
      file: 'src/guard/fix.test.ts',
      name: 'names a module of Python as it can be found: no dots out of a package, no folder around it (VF1)',
    },
  },
  {
    name: 'what a module does is lost when it becomes a pointer',
    promise: 'P9',
    file: 'src/guard/fix-old-files.ts',
    find: 'if (!isAssigned && !isForTypes) return words.line(start);',
    replace: '',
    test: {
      file: 'src/guard/fix-old-files.test.ts',
      name: 'becomes a pointer only where it does nothing but define, and gives what others take of it (VO1)',
    },
  },
  {
    name: 'a decorator stays behind without its class',
    file: 'src/guard/fix-old-files.ts',
    find: "if (!words.isName(name) || !words.isSign(name - 1, '@')) return at;",
    replace: "if (!words.isName(name) || words.isSign(name - 1, '@')) return at;",
    test: {
      file: 'src/guard/fix-old-files.test.ts',
      name: 'loses with the rival its decorators, and nothing that belongs to the file (VO2)',
    },
  },
  {
    name: 'what makes a folder a package is removed',
    file: 'src/guard/fix-old-files.ts',
    find: "if (!isLoaded && !path.endsWith('__init__.py')) {",
    replace: 'if (!isLoaded) {',
    test: {
      file: 'src/guard/fix-old-files.test.ts',
      name: 'stays where it makes its folder a package, or the manifest gives it to others (VO2, VO3)',
    },
  },
  {
    name: 'a property is read where there is a method',
    promise: 'P9',
    file: 'src/guard/fix-objections.ts',
    find: "if (was === 'property' && is === 'method') return",
    replace: "if (was === 'property' && is === undefined) return",
    test: {
      file: 'src/guard/fix-objections.test.ts',
      name: 'tells a property from a method, and what is asked of the class from what is asked of an object',
    },
  },
  {
    name: 'a function is passed on to callers that it does not suit',
    promise: 'P9',
    file: 'src/guard/fix-objections.ts',
    find: 'if (passed !== undefined) return passed;',
    replace: '',
    test: {
      file: 'src/guard/fix-objections.test.ts',
      name: 'holds what is passed on as a value against what its callers give (VN1)',
    },
  },
  {
    name: 'what a class is made of is not asked',
    promise: 'P9',
    file: 'src/guard/fix-construct.ts',
    find: 'if (gone !== undefined) return',
    replace: 'if (gone === null) return',
    test: {
      file: 'src/guard/fix-objections.test.ts',
      name: 'reads what a class of Python takes from __new__ and from its fields, and holds calls against it',
    },
  },
  {
    name: 'a name inside of a text is lost with its import',
    promise: 'P9',
    file: 'src/guard/references.ts',
    find: '&& isNamed.test(text)) return words.line(words.start(at));',
    replace: '&& false) return 0;',
    test: {
      file: 'src/guard/fix-objections.test.ts',
      name: 'takes apart no text that is put together, and no name that means something else too',
    },
  },
  {
    name: 'what a module keeps for itself counts as used',
    promise: 'P9',
    file: 'src/guard/references.ts',
    find: '? exportName(tree, unit.path, unit) !== undefined',
    replace: '? unit.path === linked.file',
    test: {
      file: 'src/guard/fix-objections.test.ts',
      name: 'takes nothing that a module keeps for itself for a use of it',
    },
  },
  {
    name: 'what a file passes on moves although a user of it can not',
    promise: 'P9',
    file: 'src/guard/fix-passing.ts',
    find: 'this.#heldBy.set(keyOf(through, unit), path);',
    replace: '',
    test: {
      file: 'src/guard/fix-passing.test.ts',
      name: 'moves for all who take it there, or for none (VX7)',
    },
  },
  {
    name: 'a package is asked for what it does not give',
    promise: 'P9',
    file: 'src/guard/fix-target.ts',
    find: 'return [...alias.filter((one) => isGiven(other, one)), ...packageSpecifiers(other)];',
    replace: 'return [...alias, ...packageSpecifiers(other)];',
    test: {
      file: 'src/guard/fix-passing.test.ts',
      name: 'leaves nothing to do in a package that takes it there, and imports nothing that the other one does not give',
    },
  },
];
