/**
 * Decisions that a run waits for a person to make.
 *
 * AP1  Only whoever has the role that the approval names decides it. The role is looked for in the principal that answers,
 *      not in the one that began the run.
 * AP2  An approval is decided once, yes or no; who decided is journaled with the end of its wait.
 */
import { ConflictError, EngineError } from '../core/errors.ts';
import type { WaitFor } from '../journal/event.ts';
import type { Run } from './run.ts';

export type ApprovalFor = Extract<WaitFor, { readonly kind: 'approval' }>;

/** What somebody decided of an approval. */
export type Approving = {
  readonly path: string;
  readonly approved: boolean;
  readonly note?: string;
  /** Who decides, and what they may do. */
  readonly by: string;
  readonly roles: readonly string[];
};

/**
 * Decides the approval that the run waits for at `path`. Throws a ConflictError where none is open, and `forbidden` for
 * who lacks its role.
 */
export async function approve(run: Run, { path, approved, note, by, roles }: Approving): Promise<void> {
  if (run.parked)
    throw new ConflictError('The run is parked: no node has its version, so nothing can follow from a decision.', {
      hint: 'Decide when a node has the version again.',
      retryable: true,
    });
  await run.signals.untilKnownAt(path);
  const wait = run.signals.at(path);
  if (wait?.approval === undefined)
    throw new ConflictError(`Nothing at "${path}" waits for an approval.`, {
      hint: 'See `cantus show RUN` for what does.',
    });
  const { role } = wait.approval;
  if (role !== undefined && !roles.includes(role))
    throw new EngineError('forbidden', `Only somebody with the role "${role}" may decide this.`, {
      hint: 'Ask somebody who has it, or log in with an account that has.',
    });
  wait.end({ by: 'approval', approved, decidedBy: by, ...(note === undefined ? {} : { note }) });
}
