/** Mistakes planted in `src/orchestrator/`. */
import type { Fault } from '../fault.ts';

export const orchestratorFaults: readonly Fault[] = [
  {
    name: 'what waits for settled is left out after a failure',
    file: 'src/orchestrator/decide.ts',
    find: "if (step.after !== 'settled') {",
    replace: 'if (step.needs !== undefined) {',
    test: {
      file: 'src/orchestrator/decide.test.ts',
      name: 'starts what only waits for the others to be settled, however they ended',
    },
  },
  {
    name: 'a condition may have any test',
    file: 'src/orchestrator/plan-shape.ts',
    find: "?? conditionFault(step['when'])",
    replace: '',
    test: {
      file: 'src/orchestrator/plan.test.ts',
      name: 'with a test that is none is refused in words that name the place (Q1, Q2)',
    },
  },
];
