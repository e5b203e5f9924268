/** Mistakes planted in how `src/guard/` reads a tree. */
import type { Fault } from '../fault.ts';

export const guardReadingFaults: readonly Fault[] = [
  {
    name: 'a kept tree does not see a new file',
    file: 'src/guard/kept-tree.ts',
    find: 'if (paths.some((path) => !this.#isPlain(path))) this.#walkAgain();',
    replace: 'if (paths.some((path) => !this.#isPlain(path))) this.#births.clear();',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'sees a rival appear and go, and reads nothing that was not named (GY2)',
    },
  },
  {
    name: 'a kept tree keeps the facts of a file that can be read no more',
    file: 'src/guard/kept-tree.ts',
    find: `  #read(path: string): void {
    this.#forget(path);`,
    replace: '  #read(path: string): void {',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'forgets what a file said when it can be read no more (GY1)',
    },
  },
];
