/** Faults that the histories of the simulation must show, whatever tests of their own they have. */
import type { Fault } from '../fault.ts';

const test = {
  file: 'test/simulation/simulation.test.ts',
  name: 'keeps its promises in a few histories, which show most faults',
} as const;

export const simulationFaults: readonly Fault[] = [
  {
    name: 'the store of the simulation has no fence',
    promise: 'P5',
    file: 'src/stores/memory-user.ts',
    find: ' && batch.epoch === this.epoch && batch.expectedUserSeq === this.head;',
    replace: ';',
    test,
  },
  {
    name: 'what was fenced is delivered in the simulation',
    promise: 'P1',
    file: 'src/stores/memory.ts',
    find: 'for (const { batch } of accepted) this.#tell(batch);',
    replace: 'for (const batch of batches) this.#tell(batch);',
    test,
  },
  {
    name: 'the simulation is told of what is not durable',
    promise: 'P1',
    file: 'src/engine/user-stream.ts',
    find: '    this.#handedOver = last;\n',
    replace: '    this.#handedOver = last;\n    this.committed(last);\n',
    test,
  },
  {
    name: 'the simulation does completed steps again',
    promise: 'P3',
    file: 'src/engine/recorded.ts',
    find: '    if (step === undefined) return undefined;\n    this.#reached.add(path);',
    replace: "    if (step === undefined || kind === 'step') return undefined;\n    this.#reached.add(path);",
    test,
  },
  {
    name: 'suspended runs keep their slots in the simulation',
    file: 'src/engine/run.ts',
    find: "    this.#halt('suspended');\n    this.node.scheduler.release(this);",
    replace: "    this.#halt('suspended');",
    test,
  },
  {
    name: 'runs of the simulation tell their end twice',
    promise: 'P4',
    file: 'src/engine/run.ts',
    find: '    tellEnd(this, outcome);\n',
    replace: '    tellEnd(this, outcome);\n    tellEnd(this, outcome);\n',
    test,
  },
  {
    name: 'no input is compared in the simulation',
    promise: 'P3',
    file: 'src/engine/recorded.ts',
    find: 'digest !== undefined && step.digest !== undefined && digest !== step.digest',
    replace: 'digest !== undefined && step.digest === undefined',
    test,
  },
  {
    name: 'answered commands stay in the inboxes of the simulation',
    file: 'src/engine/user-stream.ts',
    find: '    this.#taken.push({ userSeq: this.#stamped + 1, id });\n',
    replace: '',
    test,
  },
  {
    name: 'the simulation swallows what an append failed with',
    file: 'src/engine/writer.ts',
    find: "        if (error.code === 'bug') return this.#appendEach(open, error);\n",
    replace: '        return this.#settle(open, []);\n',
    test,
  },
  {
    name: 'paths are used twice in the simulation',
    promise: 'P3',
    file: 'src/engine/scope.ts',
    find: 'if (this.#used.has(path)) {',
    replace: 'if (path === "") {',
    test,
  },
  {
    name: '`once` tools run again in the simulation',
    promise: 'P3',
    file: 'src/engine/attempts.ts',
    find: '    if (this.#spec.once !== undefined) return this.#doubt(this.#spec.once, error);\n',
    replace: '',
    test,
  },
];
