/** An engine for tests: the one factory, with time, chance and the model in the test's hand. */
import { silentLog } from '../core/log.ts';
import { seededRandom } from '../core/random.ts';
import { createEngine, type Engine, type EngineOptions } from '../engine/create-engine.ts';
import type { Store } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { scripted, type Script, type ScriptedModel } from './scripted.ts';
import { SimClock } from './sim-clock.ts';

/** What a test may set; everything has a default. */
export type TestEngineOptions = Partial<Omit<EngineOptions, 'clock'>> & {
  /** What the model named `default` says. */
  readonly script?: Script;
  readonly seed?: number;
  /** Pass the clock (and the store) of an engine before to go on where it was. */
  readonly clock?: SimClock;
};

/** An engine and what its test holds of it. */
export type TestEngine = {
  readonly engine: Engine;
  readonly clock: SimClock;
  readonly store: Store;
  readonly model: ScriptedModel;
};

/**
 * Makes an engine by `createEngine`, with a clock that tests hold, seeded chance, a memory store, and a scripted model
 * that takes its time, so that runs interleave.
 *
 * @example
 * const { engine, clock } = await createTestEngine({ agents: [clerk], script: ['Hello.'] });
 * const run = await engine.as({ user: 'alice' }).start(clerk, 'Hi');
 * assert.deepEqual(await run.result(), { status: 'completed', output: 'Hello.' });
 */
export async function createTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const { script = [], seed = 1, clock = new SimClock(), ...rest } = options;
  const model = scripted(script, { clock });
  const random = rest.random ?? seededRandom(seed);
  const store = rest.store ?? memory({ clock, random });
  const engine = await createEngine({
    log: silentLog,
    ...rest,
    store,
    clock,
    random,
    models: { default: model, ...rest.models },
  });
  return { engine, clock, store, model };
}
