/** `ctx.race`: the first branch to end, journaled, so that a re-run takes the same way. */
import { CancelledError, ValidationError } from '../core/errors.ts';
import { parseName } from '../core/names.ts';
import type { CallOptions } from '../agents/workflow.ts';
import { childPath } from '../journal/path.ts';
import type { Scope } from './scope.ts';
import { step } from './step.ts';

/** The branches of a race, as bodies that are given the place they work in. */
export type Branches = Readonly<Record<string, (place: Scope) => Promise<unknown>>>;

/** Runs the branches at once; the first to end wins and the others are cancelled before the race ends. */
export function race(
  parent: Scope,
  name: string,
  branches: Branches,
  options: CallOptions = {},
): Promise<{ readonly winner: string; readonly value: unknown }> {
  return step(parent, name, (scope) => firstOf(scope, branches), options);
}

async function firstOf(
  scope: Scope,
  branches: Branches,
): Promise<{ readonly winner: string; readonly value: unknown }> {
  const places = Object.entries(branches).map(([winner, body]) => ({
    winner,
    body,
    place: scope.openCall(childPath(scope.path, parseName(winner, 'a branch'))),
  }));
  if (places.length === 0) throw new ValidationError('A race needs at least one branch.');
  try {
    const running = places.map(async ({ winner, body, place }) => ({
      winner,
      value: await place.until(body(place)),
    }));
    return await Promise.race(running);
  } finally {
    // Side by side: a branch that is slow to stop must not keep the others going.
    await Promise.all(
      places.map(async ({ place }) => {
        scope.run.recorded.leave(place.path);
        place.cancel(new CancelledError('another branch won the race'));
        await place.closeCalls('another branch won the race');
        place.close();
      }),
    );
  }
}
