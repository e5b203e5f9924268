/** Mistakes planted in `src/protocol/`. */
import type { Fault } from '../fault.ts';

export const protocolFaults: readonly Fault[] = [
  {
    name: 'agui keeps discarded text',
    file: 'src/protocol/agui.ts',
    find: 'const discarded = isTakenBack ? this.#takeBack(path) : [];',
    replace: "const discarded: string[] = isTakenBack && path === '' ? [...this.#takeBack(path)] : [];",
    test: { file: 'src/protocol/agui.test.ts', name: 'takes back what a try said that failed in the middle (AGU3)' },
  },
  {
    name: 'agui tells a cancel as a success',
    promise: 'P4',
    file: 'src/protocol/agui.ts',
    find: "else this.#told.finish({ type: 'cancelled' }, {}, { reason });",
    replace: "else this.#told.finish({ type: 'success' }, {}, { reason });",
    test: {
      file: 'src/protocol/agui.test.ts',
      name: 'that was cancelled in the middle is cancelled, and never a success',
    },
  },
  {
    name: 'agui leaves calls unanswered',
    file: 'src/protocol/agui.ts',
    find: "for (const path of this.#calls.keys()) this.#result(path, 'It has no result: the run ended before.');",
    replace: '',
    test: {
      file: 'src/protocol/agui.test.ts',
      name: 'answers the calls that have no result when it is cancelled (AGU4)',
    },
  },
  {
    name: 'agui hides the agent in a subagent',
    file: 'src/protocol/agui.ts',
    find: "if (parentPath(path) === '' && this.#workflow === agentPrefix + agent) this.#hasOwnAgent = true;",
    replace: 'if (this.#workflow === agent) this.#hasOwnAgent = true;',
    test: { file: 'src/protocol/agui.test.ts', name: 'is a message of the run itself, with its usage (AGU5)' },
  },
  {
    name: 'agui asks what is over',
    file: 'src/protocol/agui.ts',
    find: 'isOpen(path) ? this.#interruptOf(path, waiting) : [],',
    replace: "isOpen(path) || path !== '' ? this.#interruptOf(path, waiting) : [],",
    test: { file: 'src/protocol/agui.test.ts', name: 'asks nothing of a doubt that nobody waits for any more' },
  },
  {
    name: 'agui attempts share a message',
    file: 'src/protocol/agui.ts',
    find: 'const id = this.#told.id(path, event.attempt);\n',
    replace: 'const id = this.#told.id(path);\n',
    test: { file: 'src/protocol/agui.test.ts', name: 'takes back what a try said that failed in the middle (AGU3)' },
  },
  {
    name: 'agui gives up by a signal',
    file: 'src/protocol/agui-resume.ts',
    find: "if (entry.status === 'cancelled') return { path, kind: 'cancel' };",
    replace: '',
    test: {
      file: 'src/protocol/agui-resume.test.ts',
      name: 'that was given up cancels a wait for a signal, and gives up a doubt (AGR2)',
    },
  },
];
