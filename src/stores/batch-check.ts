/** What every adapter checks of a commit before it looks at the fence: the other half of the writer's own assertions. */
import { assert } from '../core/assert.ts';
import { ConflictError } from '../core/errors.ts';
import type { UserBatch } from '../journal/store.ts';

/** Throws a BugError unless the events of the part are its user's own and dense (S1, S5), and tell what is deleted (S8). */
export function assertBatch(batch: UserBatch): void {
  let place = batch.expectedUserSeq;
  for (const event of batch.events) {
    assert(event.userSeq === ++place, 'the events of a commit do not follow its expected place');
    assert(event.user === batch.user && event.tenant === batch.tenant, "an event of a commit is another user's");
  }
  for (const thread of batch.threadsDeleted) {
    const isTold = batch.events.some((event) => event.type === 'thread.deleted' && event.thread === thread);
    assert(isTold, 'a commit deletes a thread without telling of it');
  }
}

/** Throws a BugError when a commit has two parts of one user: the second could not know its place. */
export function assertOneEach(owners: readonly (object | undefined)[]): void {
  if (owners.length < 2) return;
  const known = owners.filter((owner) => owner !== undefined);
  assert(new Set(known).size === known.length, 'a commit has two parts of one user');
}

/** The key of a start was used before; the store says so last, the engine looks first (runByKey). */
export function keyTaken(): ConflictError {
  return new ConflictError(
    'A run of this user was started with this key already, so nothing of the commit was written.',
    {
      hint: 'Look the run up by its key before starting another.',
    },
  );
}
