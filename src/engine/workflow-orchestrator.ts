/**
 * The WorkflowOrchestrator: a workflow body that loops the pure `decide` and `ctx.step`. It is no second runner:
 * everything that lasts, retries, times out or is recovered is the engine's.
 *
 * WO1  A plan and each revision are checked, then journaled, then acted on.
 * WO2  The order in which steps ended is journaled where it matters (revisions), so that a re-run revises alike.
 *     A step sees how those before it ended, which it waited for, and of no others: who was quicker plays no part.
 * WO3  The answer's step decides how the workflow ends; a step that failed elsewhere makes the answer degraded.
 */
import { EngineError, fromErrorInfo, toErrorInfo } from '../core/errors.ts';
import { toJson, type Json } from '../core/json.ts';
import type { Schema } from '../agents/schema.ts';
import { defineWorkflow, type Context, type Workflow } from '../agents/workflow.ts';
import { decide, endOf, type StepEnd } from '../orchestrator/decide.ts';
import { checkPlan, checkRevision, fallbackName, type Plan, type PlanStep } from '../orchestrator/plan.ts';

/** What a step of a plan works with. */
export type PlanWork<Input> = {
  readonly input: Input;
  readonly step: PlanStep;
  /** How the steps before it ended (those it needs, and those they need), by name. */
  readonly ends: Readonly<Record<string, StepEnd>>;
};

/** A plan, and why it was chosen. */
export type PlanChoice = { readonly plan: Plan; readonly why: string };

type Orchestration<Input> = {
  readonly name: string;
  readonly version: number;
  readonly description?: string;
  readonly input: Schema<Input>;
  readonly deadlineMs?: number;
  /** Who can do the steps of its plans. */
  readonly steps: Readonly<Record<string, (ctx: Context, work: PlanWork<Input>) => unknown>>;
  /** Chooses the plan: by rules, or by asking an agent through `ctx`. */
  triage(ctx: Context, input: Input): Promise<PlanChoice>;
  /** May change the plan after a step has ended. What it answers is journaled. */
  revise?(
    ended: string,
    work: Omit<PlanWork<Input>, 'step'> & { readonly plan: Plan },
  ): Promise<PlanChoice | undefined> | PlanChoice | undefined;
};

/**
 * Defines a workflow that works through a plan.
 *
 * @example
 * const research = defineOrchestration({
 *   name: 'research', version: 1, input: z.object({ topic: z.string() }),
 *   steps: { find: (ctx, { input }) => ctx.tool(search, input), write: (ctx, { ends }) => ctx.agent(writer, JSON.stringify(ends)) },
 *   triage: async () => ({ plan: { steps: [{ name: 'find' }, { name: 'write', needs: ['find'] }], answer: 'write' }, why: 'the only plan' }),
 * });
 */
export function defineOrchestration<Input>(definition: Orchestration<Input>): Workflow<Input, Json> {
  return defineWorkflow({
    name: definition.name,
    version: definition.version,
    input: definition.input,
    ...(definition.description === undefined ? {} : { description: definition.description }),
    ...(definition.deadlineMs === undefined ? {} : { deadlineMs: definition.deadlineMs }),
    run: async (ctx: Context, input: Input) => new WorkflowOrchestrator(definition, ctx, input).run(),
  });
}

class WorkflowOrchestrator<Input> {
  readonly #definition: Orchestration<Input>;
  readonly #ctx: Context;
  readonly #input: Input;
  readonly #runners: readonly string[];
  readonly #ends: Record<string, StepEnd> = {};
  readonly #running = new Map<string, Promise<StepEnd>>();

  constructor(definition: Orchestration<Input>, ctx: Context, input: Input) {
    this.#definition = definition;
    this.#ctx = ctx;
    this.#input = input;
    this.#runners = Object.keys(definition.steps);
  }

  async run(): Promise<Json> {
    let { plan, why } = await this.#definition.triage(this.#ctx, this.#input);
    checkPlan(plan, this.#runners);
    await this.#ctx.plan(toJson(plan, 'the plan'), why);
    for (;;) {
      this.#begin(plan);
      if (this.#running.size === 0) return this.#answer(plan);
      const ended = await this.#nextEnd();
      plan = await this.#revised(plan, ended);
    }
  }

  /** Starts and leaves out steps until there is nothing to decide. */
  #begin(plan: Plan): void {
    for (;;) {
      const { start, skip } = decide(plan, { ends: this.#ends, running: new Set(this.#running.keys()) });
      for (const { name, why } of skip) {
        this.#ends[name] = { status: 'skipped', why };
        this.#ctx.note(`Step "${name}" is left out: ${why}.`);
      }
      for (const step of start) this.#running.set(step.name, this.#work(step, plan));
      if (skip.length === 0) return;
    }
  }

  /** How the steps ended that a step could not begin without. */
  #endsBefore(step: PlanStep, plan: Plan): Record<string, StepEnd> {
    const needed = new Set(step.needs);
    for (const name of needed) plan.steps.find((one) => one.name === name)?.needs?.forEach((need) => needed.add(need));
    const before: Record<string, StepEnd> = {};
    // In the plan's order, which does not depend on who was quicker.
    for (const { name } of plan.steps) {
      const end = needed.has(name) ? endOf(this.#ends, name) : undefined;
      if (end !== undefined) before[name] = end;
    }
    return before;
  }

  async #work(step: PlanStep, plan: Plan): Promise<StepEnd> {
    const ends = this.#endsBefore(step, plan);
    const body = (runner: string) => (ctx: Context) => this.#runner(runner)(ctx, { input: this.#input, step, ends });
    const options = {
      ...(step.retry === undefined ? {} : { retry: step.retry }),
      ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    };
    try {
      return {
        status: 'completed',
        result: (await this.#ctx.step(step.name, body(step.run ?? step.name), options)) as Json,
      };
    } catch (thrown) {
      if (this.#ctx.signal.aborted) throw thrown;
      if (step.fallback === undefined) return { status: 'failed', error: toErrorInfo(thrown) };
      return this.#fallBack(step, body(step.fallback));
    }
  }

  async #fallBack(step: PlanStep, body: (ctx: Context) => unknown): Promise<StepEnd> {
    try {
      return { status: 'degraded', result: (await this.#ctx.step(fallbackName(step.name), body)) as Json };
    } catch (thrown) {
      if (this.#ctx.signal.aborted) throw thrown;
      return { status: 'failed', error: toErrorInfo(thrown) };
    }
  }

  #runner(name: string): Orchestration<Input>['steps'][string] {
    const runner = this.#definition.steps[name];
    if (runner === undefined) throw new EngineError('bug', `checkPlan let runner "${name}" pass`);
    return runner;
  }

  async #nextEnd(): Promise<string> {
    const first = await Promise.race([...this.#running].map(async ([name, end]) => (await end, name)));
    const ordered = this.#definition.revise !== undefined && this.#running.size > 1;
    const key = String(Object.keys(this.#ends).length + 1);
    const name = ordered ? await this.#ctx.step('settled', () => first, { key }) : first;
    const end = await this.#running.get(name);
    if (end === undefined)
      throw new EngineError('divergence', `Step "${name}" ended in the journal and is not running now.`);
    this.#running.delete(name);
    this.#ends[name] = end;
    return name;
  }

  async #revised(plan: Plan, ended: string): Promise<Plan> {
    const definition = this.#definition;
    if (definition.revise === undefined) return plan;
    const ends = { ...this.#ends };
    const choice = await this.#ctx.step(
      'revise',
      async () => (await definition.revise?.(ended, { input: this.#input, ends, plan })) ?? null,
      { key: ended },
    );
    if (choice === null) return plan;
    checkRevision(plan, choice.plan, new Set([...Object.keys(this.#ends), ...this.#running.keys()]), this.#runners);
    await this.#ctx.plan(toJson(choice.plan, 'the plan'), choice.why, ended);
    return choice.plan;
  }

  #answer(plan: Plan): Json {
    const end = endOf(this.#ends, plan.answer);
    if (end !== undefined && 'result' in end) return end.result;
    const failed = plan.steps.map(({ name }) => endOf(this.#ends, name)).find((one) => one?.status === 'failed');
    if (end?.status === 'failed') throw fromErrorInfo(end.error);
    if (failed?.status === 'failed') throw fromErrorInfo(failed.error);
    throw new EngineError(
      'invalid_input',
      `The plan ended without its answer: step "${plan.answer}" was left out${end?.status === 'skipped' ? ` because ${end.why}` : ''}.`,
    );
  }
}
