/**
 * A plan is data: what is to be done, in what order, and what to do when it fails. It is checked before it acts.
 *
 * Q1  Names are unique, also among the names that fallbacks work under, needs exist and have no cycle, and each step names a runner that the workflow has.
 * Q2  A condition looks only at the result of a step that is needed, so that it never depends on who was quicker.
 *     A plan may come from a model, so its shape is checked too, and what it can't mean is refused before it acts.
 * Q3  A revision may add steps and change or drop those not yet begun, never one that has begun or ended.
 */
import { ValidationError } from '../core/errors.ts';
import { canonicalJson, toJson, type Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { nearestName, parseName } from '../core/names.ts';
import type { RetryPolicy } from '../agents/retry.ts';
import { shapeFault } from './plan-shape.ts';

/** A test of a needed step's result: the value at `at` (dots between keys) against `value`. */
export type Condition = {
  readonly step: string;
  readonly at: string;
  readonly is: 'present' | 'equal' | 'one-of' | 'above' | 'below';
  readonly value?: Json;
};

/** One step of a plan. */
export type PlanStep = {
  readonly name: string;
  /** Who does it, among the workflow's steps; the name itself if not given. */
  readonly run?: string;
  readonly needs?: readonly string[];
  /** Begin when all needs are `completed` (else it is left out), or when they are `settled`, however they ended. */
  readonly after?: 'completed' | 'settled';
  readonly when?: Condition;
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  /** Who does it instead when it has failed for good; the answer is degraded then. */
  readonly fallback?: string;
  readonly input?: Json;
};

/** What is to be done; data, so that it can be journaled and revised. */
export type Plan = {
  readonly steps: readonly PlanStep[];
  /** The step whose result is the workflow's. */
  readonly answer: string;
};

/** Checks a plan against the workflow's runners. Throws a ValidationError that names the step at fault. */
export function checkPlan(plan: Plan, runners: readonly string[]): void {
  const fault = shapeFault(plan);
  if (fault !== undefined) refuse(fault);
  const { steps } = plan;
  if (steps.length === 0 || steps.length > limits.planStepsMax)
    refuse(`A plan has 1 to ${limits.planStepsMax} steps, not ${steps.length}.`);
  const byName = new Map(steps.map((step) => [step.name, step]));
  checkNames(steps);
  if (!byName.has(plan.answer)) refuse(`The answer of the plan is step "${plan.answer}", which it doesn't have.`);
  for (const step of steps) checkStep(step, byName, runners);
  checkOrder(byName);
}

/** The name that the fallback of a step works under. */
export function fallbackName(step: string): string {
  return `${step}.fallback`;
}

function checkNames(steps: readonly PlanStep[]): void {
  const taken = new Set<string>();
  for (const { name, fallback } of steps) {
    for (const own of fallback === undefined ? [name] : [name, fallbackName(name)]) {
      if (taken.has(own)) refuse(`Two steps of the plan have one name: "${own}".`);
      taken.add(own);
    }
  }
}

function checkStep(step: PlanStep, byName: ReadonlyMap<string, PlanStep>, runners: readonly string[]): void {
  parseName(step.name, 'a step of a plan');
  for (const runner of [step.run ?? step.name, ...(step.fallback === undefined ? [] : [step.fallback])]) {
    if (runners.includes(runner)) continue;
    const near = nearestName(runner, runners);
    refuse(
      `Step "${step.name}" is to be done by "${runner}", which the workflow doesn't have.`,
      near === undefined ? `It has: ${runners.join(', ')}.` : `Did you mean "${near}"?`,
    );
  }
  for (const need of step.needs ?? [])
    if (!byName.has(need)) refuse(`Step "${step.name}" needs "${need}", which the plan doesn't have.`);
  if (step.when !== undefined && !(step.needs ?? []).includes(step.when.step)) {
    refuse(`Step "${step.name}" has a condition on "${step.when.step}", which it doesn't need.`, 'Add it to `needs`.');
  }
}

function checkOrder(byName: ReadonlyMap<string, PlanStep>): void {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string, way: readonly string[]): void => {
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open') refuse(`The plan goes round in a circle: ${[...way, name].join(' -> ')}.`);
    state.set(name, 'open');
    for (const need of byName.get(name)?.needs ?? []) visit(need, [...way, name]);
    state.set(name, 'done');
  };
  for (const name of byName.keys()) visit(name, []);
}

/** Checks a revision of a plan. `begun`: the steps that have begun or ended (Q3). */
export function checkRevision(before: Plan, after: Plan, begun: ReadonlySet<string>, runners: readonly string[]): void {
  checkPlan(after, runners);
  for (const step of before.steps) {
    if (!begun.has(step.name)) continue;
    const same = after.steps.find(({ name }) => name === step.name);
    if (same === undefined || textOf(same) !== textOf(step))
      refuse(`A revision can't change step "${step.name}", which has begun.`);
  }
}

/** Equal steps, equal texts, in whatever order a model wrote the members. */
function textOf(step: PlanStep): string {
  return canonicalJson(toJson(step, `step "${step.name}"`));
}

function refuse(message: string, hint?: string): never {
  throw new ValidationError(message, hint === undefined ? {} : { hint });
}
