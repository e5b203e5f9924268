/** Mistakes planted in `src/scripts/`. */
import type { Fault } from '../fault.ts';

export const scriptsFaults: readonly Fault[] = [
  {
    name: 'guard score calls mixed findings right',
    file: 'scripts/guard-grade.ts',
    find: "return most === finding.units.length ? 'right' : 'mixed';",
    replace: "return 'right';",
    test: {
      file: 'scripts/guard-grade.test.ts',
      name: 'calls a finding mixed if a stranger is among them, and sees the alarm (GG1)',
    },
  },
  {
    name: 'guard score counts possible findings as found',
    file: 'scripts/guard-grade.ts',
    find: 'isFound: isTold(best), isWhole',
    replace: 'isFound: true, isWhole',
    test: {
      file: 'scripts/guard-grade.test.ts',
      name: 'counts a group as missed if only a possible finding has it (GG2)',
    },
  },
  {
    name: 'guard score asks for possible labels',
    file: 'scripts/guard-grade.ts',
    find: "const asked = groups.filter((group) => group.tier !== 'possible');",
    replace: 'const asked = groups;',
    test: {
      file: 'scripts/guard-grade.test.ts',
      name: 'leaves a possible label out of recall, and out of the false alarms (GG3)',
    },
  },
  {
    name: 'guard score takes unlabelled findings for right',
    file: 'scripts/guard-grade.ts',
    find: "if (most < 2) return 'false';",
    replace: "if (most < 0) return 'false';",
    test: { file: 'scripts/guard-grade.test.ts', name: 'calls what no label speaks of false (GG1)' },
  },
  {
    name: 'guard corpus accepts parts of names',
    file: 'scripts/guard-corpus.ts',
    find: 'words.has(part)',
    replace: 'text.includes(part)',
    test: {
      file: 'scripts/guard-corpus.test.ts',
      name: 'are wrong if the file has not that name, also as a part of a longer one (LQ1)',
    },
  },
  {
    name: 'guard corpus reads the judging half first',
    file: 'scripts/guard-corpus.ts',
    find: "(['tune', 'judge'] as const).flatMap",
    replace: "(['judge', 'tune'] as const).flatMap",
    test: { file: 'scripts/guard-corpus.test.ts', name: 'come from both halves, the one to tune with first (LQ2)' },
  },
];
