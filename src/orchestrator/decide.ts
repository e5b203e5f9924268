/**
 * What to do next: a pure function of the plan and of what has ended. No clock, no I/O, no order of arrival.
 */
import { unreachable } from '../core/assert.ts';
import type { ErrorInfo } from '../core/errors.ts';
import { canonicalJson, isJsonObject, type Json } from '../core/json.ts';
import type { Condition, Plan, PlanStep } from './plan.ts';

/** How a step of a plan ended. `degraded`: its fallback answered. */
export type StepEnd =
  | { readonly status: 'completed' | 'degraded'; readonly result: Json }
  | { readonly status: 'failed'; readonly error: ErrorInfo }
  | { readonly status: 'skipped'; readonly why: string };

export type PlanState = {
  readonly ends: Readonly<Record<string, StepEnd>>;
  readonly running: ReadonlySet<string>;
};

export type Decision = {
  readonly start: readonly PlanStep[];
  readonly skip: readonly { readonly name: string; readonly why: string }[];
  /** Nothing is left to start or to wait for. */
  readonly done: boolean;
};

/** What to start and what to leave out now. */
export function decide(plan: Plan, { ends, running }: PlanState): Decision {
  const start: PlanStep[] = [];
  const skip: { name: string; why: string }[] = [];
  for (const step of plan.steps) {
    if (endOf(ends, step.name) !== undefined || running.has(step.name)) continue;
    if ((step.needs ?? []).some((name) => endOf(ends, name) === undefined)) continue;
    const why = reasonToSkip(step, ends);
    if (why === undefined) start.push(step);
    else skip.push({ name: step.name, why });
  }
  return { start, skip, done: start.length === 0 && skip.length === 0 && running.size === 0 };
}

/** How a step ended; a name that every object has is no end. */
export function endOf(ends: PlanState['ends'], name: string): StepEnd | undefined {
  return Object.hasOwn(ends, name) ? ends[name] : undefined;
}

function reasonToSkip(step: PlanStep, ends: PlanState['ends']): string | undefined {
  if (step.after !== 'settled') {
    for (const name of step.needs ?? []) {
      const end = endOf(ends, name);
      if (end?.status === 'failed') return `it needs "${name}", which failed`;
      if (end?.status === 'skipped') return `it needs "${name}", which was left out`;
    }
  }
  if (step.when === undefined || holds(step.when, endOf(ends, step.when.step))) return undefined;
  return `its condition on "${step.when.step}" does not hold`;
}

/** Does a condition hold? On a step without a result none does. */
export function holds(condition: Condition, end: StepEnd | undefined): boolean {
  const found = end !== undefined && 'result' in end ? valueAt(end.result, condition.at) : undefined;
  if (found === undefined) return false;
  const { is, value } = condition;
  switch (is) {
    case 'present':
      return found !== null;
    case 'equal':
      return same(found, value);
    case 'one-of':
      return Array.isArray(value) && value.some((one: Json) => same(found, one));
    case 'above':
      return isAbove(found, value);
    case 'below':
      return isAbove(value, found);
    default:
      return unreachable(is);
  }
}

function isAbove(a: Json | undefined, b: Json | undefined): boolean {
  return typeof a === 'number' && typeof b === 'number' && a > b;
}

function same(a: Json, b: Json | undefined): boolean {
  return b !== undefined && canonicalJson(a) === canonicalJson(b);
}

function valueAt(value: Json, at: string): Json | undefined {
  let found: Json | undefined = value;
  for (const key of at === '' ? [] : at.split('.')) {
    if (Array.isArray(found)) found = found[Number(key)];
    else found = isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}
