/** What a run asks of people: which of its steps somebody has to say something to before it goes on. */
import { basePath, parentPath } from './path.ts';
import type { RunState, StepState } from './run-state.ts';

/**
 * Does the step wait for a decision of what became of it? One that a lost race, or a try that was given up, left in
 * doubt does not: it stays in doubt, for nobody knows what it did, but nothing would follow from a decision.
 */
export function awaitsDecision(run: RunState, step: StepState): boolean {
  return step.status === 'indoubt' && isUnderWay(run, step.path);
}

/** Is everything around the place at `path` still open, so that what becomes of it matters to the run? */
export function isUnderWay({ steps }: RunState, path: string): boolean {
  for (let parent = parentPath(path); parent !== ''; parent = parentPath(parent)) {
    const around = steps.get(basePath(parent));
    // The branches of a race are places without a step of their own.
    if (around !== undefined && (around.path !== parent || around.status !== 'open')) return false;
  }
  return true;
}

/** A wait for somebody's word: a signal or an approval. */
export function waitsForPerson({ kind, status, wait }: StepState): boolean {
  return kind === 'wait' && status === 'open' && wait !== undefined && wait.for.kind !== 'time';
}

/** The steps of a run that somebody has to say something to. */
export function askedOf(run: RunState): readonly StepState[] {
  return [...run.steps.values()].filter((step) => waitsForPerson(step) || awaitsDecision(run, step));
}
