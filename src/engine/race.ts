/** `ctx.race`: the first branch to end, journaled, so that a re-run takes the same way. */
import { CancelledError } from '../core/errors.ts';
import { parseName } from '../core/names.ts';
import type { CallOptions, Context, RaceResult } from '../agents/workflow.ts';
import { childPath } from '../journal/path.ts';
import { RunContext } from './context.ts';
import type { Scope } from './scope.ts';
import { step } from './step.ts';

/** Runs the branches at once; the first to end wins and the others are cancelled before the race ends. */
export function race<Branches extends Record<string, (ctx: Context) => Promise<unknown>>>(
  parent: Scope,
  name: string,
  branches: Branches,
  options: CallOptions = {},
): Promise<RaceResult<Branches>> {
  return step(
    parent,
    name,
    async (ctx) => (await firstOf((ctx as RunContext).scope, branches)) as RaceResult<Branches>,
    options,
  );
}

async function firstOf(
  scope: Scope,
  branches: Record<string, (ctx: Context) => Promise<unknown>>,
): Promise<{ readonly winner: string; readonly value: unknown }> {
  const places = Object.entries(branches).map(([winner, body]) => ({
    winner,
    body,
    place: scope.openCall(childPath(scope.path, parseName(winner, 'a branch'))),
  }));
  try {
    const running = places.map(async ({ winner, body, place }) => ({
      winner,
      value: await place.until(body(new RunContext(place))),
    }));
    return await Promise.race(running);
  } finally {
    // Side by side: a branch that is slow to stop must not keep the others going.
    await Promise.all(
      places.map(async ({ place }) => {
        place.cancel(new CancelledError('another branch won the race'));
        await place.closeCalls(new CancelledError('another branch won the race'));
        place.close();
      }),
    );
  }
}
