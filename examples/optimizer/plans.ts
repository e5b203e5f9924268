/**
 * Which steps a question takes, by what the data can carry. Reporting is always last, and begins when all before it
 * have ended, however they ended.
 */
import type { Plan, PlanStep } from 'cantus';
import type { Sufficiency } from './analysis/sufficiency.ts';
import type { Report } from './report.ts';

export type Level = Sufficiency['level'];

type Flow = { readonly kind: Report['kind']; readonly steps: readonly PlanStep[]; readonly why: string };

const flows: { readonly [L in Level]: Flow } = {
  sufficient: {
    kind: 'full_report',
    steps: [{ name: 'data' }, { name: 'optimization', needs: ['data'] }, { name: 'actions', needs: ['optimization'] }],
    why: 'The data can carry the analysis that the question needs.',
  },
  partial: {
    kind: 'partial_report',
    steps: [{ name: 'data_helper' }, { name: 'data' }],
    why: 'The data can carry a part of the analysis; the rest is told with what would be needed.',
  },
  insufficient: {
    kind: 'guidance_report',
    steps: [{ name: 'data_helper' }],
    why: 'The data can carry too little of the analysis; what to collect is told instead.',
  },
  unknown: {
    kind: 'fallback_report',
    steps: [{ name: 'data_helper' }],
    why: 'It is not known what the data can carry, because looking at them failed.',
  },
};

/** The plan for a level, and why. */
export function planFor(level: Level): { readonly plan: Plan; readonly why: string; readonly kind: Report['kind'] } {
  const { steps, why, kind } = flows[level];
  return { plan: withReporting(steps), why, kind };
}

function withReporting(steps: readonly PlanStep[]): Plan {
  const reporting: PlanStep = { name: 'reporting', needs: steps.map(({ name }) => name), after: 'settled' };
  return { steps: [...steps, reporting], answer: 'reporting' };
}

/** When the analysis fails, somebody should at least say what to collect: the plan with that step before reporting. */
export function planWithHelp(plan: Plan): Plan | undefined {
  if (plan.steps.some(({ name }) => name === 'data_helper')) return undefined;
  const others = plan.steps.filter(({ name }) => name !== 'reporting');
  return withReporting([...others, { name: 'data_helper' }]);
}
