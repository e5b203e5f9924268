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
    find: 'wholeText(tree.root, path) === undefined ? mover.stay() : mover.move();',
    replace: 'mover.move();',
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
];
