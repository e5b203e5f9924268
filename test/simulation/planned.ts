/** More workflows over programs: one that works through a plan which is revised on the way, and those that must fail. */
import { z } from 'zod';
import { defineOrchestration, defineWorkflow, type Json, type Plan, type PlanStep, type Workflow } from 'cantus';
import { limits } from '../../src/core/limits.ts';
import { partsOf, work, type Parts, type Program } from './program.ts';
import type { Hand } from './world.ts';

/** What the revision of a plan adds to the sum of its program. */
export const revisionAdds = 1;

const input = z.object({ program: z.unknown() });

/** A hand that also knows how many bodies were begun in its world. */
export type CountingHand = Hand & { begun(): number };

export function moreWorkflowsOf(hand: CountingHand, versions: readonly number[]): readonly Workflow[] {
  const parts = partsOf(hand);
  return versions.flatMap((version) => [
    planned(parts, version),
    stuck(parts, version),
    twice(parts, version),
    strays(parts, version, hand),
  ]);
}

/** Uses a path a second time. */
function twice(parts: Parts, version: number): Workflow {
  return defineWorkflow({
    name: 'twice',
    version,
    input,
    async run(ctx, { program }) {
      const sum = await work(ctx, parts, program as Program, 'top');
      for (let time = 0; time < 2; time++) await ctx.step('same', () => time);
      return sum;
    },
  });
}

/** Gives a step another input each time that it is come to; it waits for so long that this is more than once. */
function strays(parts: Parts, version: number, hand: CountingHand): Workflow {
  return defineWorkflow({
    name: 'strays',
    version,
    input,
    async run(ctx, { program }) {
      const sum = await work(ctx, parts, program as Program, 'top');
      await ctx.step('told', () => null, { input: hand.begun() });
      await ctx.wait('long', { forMs: 2 * limits.evictAfterMs + 1 });
      return sum;
    },
  });
}

/** Does its program, and then something that only a deadline ends. */
function stuck(parts: Parts, version: number): Workflow {
  return defineWorkflow({
    name: 'stuck',
    version,
    input,
    async run(ctx, { program }) {
      await work(ctx, parts, program as Program, 'top');
      return ctx.step('stuck', () => new Promise<number>(() => undefined));
    },
  });
}

/** The parts of a program as steps of a plan: some need another, one has a fallback, and one more is added on the way. */
function planned(parts: Parts, version: number): Workflow {
  return defineOrchestration({
    name: 'planned',
    version,
    input,
    steps: {
      work: (ctx, { step }) => work(ctx, parts, step.input as unknown as Program, 'part'),
      broken: () => Promise.reject(new Error('never works')),
      sum: (_ctx, { ends }) =>
        Object.values(ends).reduce((sum, end) => sum + ('result' in end ? Number(end.result) : Number.NaN), 0),
    },
    triage: (_ctx, given) => Promise.resolve({ plan: planOf(given.program as Program), why: 'its parts' }),
    revise: (ended, { plan }) => (ended === 'part-0' ? { plan: withMore(plan), why: 'there is more' } : undefined),
  }) as Workflow;
}

function planOf(program: Program): Plan {
  const programs = 'parts' in program ? program.parts : [program];
  const steps = programs.map((part, index): PlanStep => ({
    name: `part-${index}`,
    input: part as unknown as Json,
    ...('kind' in part && part.kind === 'fallback' ? { run: 'broken', fallback: 'work' } : { run: 'work' }),
    ...(index % 2 === 1 ? { needs: [`part-${index - 1}`] } : {}),
  }));
  return { steps: [...steps, { name: 'sum', needs: steps.map(({ name }) => name) }], answer: 'sum' };
}

function withMore(plan: Plan): Plan {
  const more: PlanStep = { name: 'more', run: 'work', input: { kind: 'leaf', value: revisionAdds, failures: 1 } };
  const steps = plan.steps.map((step) =>
    step.name === 'sum' ? { ...step, needs: [...(step.needs ?? []), more.name] } : step,
  );
  return { ...plan, steps: [...steps, more] };
}
