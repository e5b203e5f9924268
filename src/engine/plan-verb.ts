/** `ctx.plan`: a plan is in the journal before it acts, and so is each change of it. */
import { DivergenceError } from '../core/errors.ts';
import { canonicalJson, toJson, type Json } from '../core/json.ts';
import type { Scope } from './scope.ts';
import { keptBytes } from './user-stream.ts';

/** Journals a plan, or its revision after the step named. On a re-run it is compared with what was journaled. */
export async function journalPlan(
  scope: Scope,
  plan: Json,
  why: string,
  revisedAfter: string | undefined,
): Promise<void> {
  const { run } = scope;
  const copy = run.copy(plan, 'a plan');
  toJson([why, revisedAfter ?? null], 'why a plan is made');
  const before = run.recorded.tookPlan();
  if (before !== undefined) {
    if (canonicalJson(await run.value(before)) === canonicalJson(copy.value)) return;
    const error = new DivergenceError('The plan differs from the one in the journal.');
    run.fail(error);
    throw error;
  }
  const path = scope.path === '' ? undefined : scope.path;
  const kept = run.keep(copy);
  if (revisedAfter === undefined) run.emit('plan.made', { plan: kept, why }, path, { bytes: keptBytes(copy) });
  else run.emit('plan.revised', { plan: kept, why, after: revisedAfter }, path, { bytes: keptBytes(copy) });
  await run.durable();
}
