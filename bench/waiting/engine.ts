/** An engine of the bench whose runs wait, in a process of its own: `engine.ts <folder> <times as fast>`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import { limits } from '../../src/core/limits.ts';
import { createEngine, defineWorkflow, sqlite, type Engine, type RunHandle } from '../../src/index.ts';
import { HeardStore } from '../heard-store.ts';
import { answer } from '../process.ts';
import { usedMemory } from '../used-memory.ts';

/** How many runs of how many users. */
export type Crowd = {
  readonly users: number;
  readonly runsEach: number;
  /** Of each so many runs two can be woken; what they are is kept for it, and of the others nothing is. */
  readonly stride: number;
};

/** Ms from when something was due or sent until the body of the run it was for went on. */
export type Delays = { readonly ms: readonly number[]; readonly bodies: number };

/** When what was sent to a run was sent, and who hears that its body went on. */
const watched = new Map<number, (at: number) => void>();
/** How often the bodies began of runs that are watched. */
const begunOf = new Map<number, number>();

const waiter = defineWorkflow({
  name: 'waiter',
  version: 1,
  input: z.object({ n: z.number(), until: z.number().optional() }),
  run: async (ctx, { n, until }) => {
    const begun = begunOf.get(n);
    if (begun !== undefined) begunOf.set(n, begun + 1);
    await ctx.step('work', () => ({ step: n, data: 'x'.repeat(160) }));
    if (n < 0) return null;
    if (until === undefined) await ctx.wait('go', { signal: 'go' });
    else await ctx.wait('until', { until });
    watched.get(n)?.(until === undefined ? performance.now() : clock.now());
    return null;
  },
});

/** Bytes resident as it is, and once V8 has given back what holds nothing: it keeps that as long as nobody needs it. */
export type Resident = { readonly asIs: number; readonly held: number };

async function resident(): Promise<Resident> {
  const { rss: asIs } = await usedMemory();
  const collect = globalThis.gc as (options: object) => void;
  collect({ type: 'major', flavor: 'last-resort' });
  await sleep(100);
  return { asIs, held: process.memoryUsage().rss };
}

/** Time that passes faster, so that a smoke run need not sit through the quiet before an eviction. */
function hastened(times: number): Clock {
  const begun = systemClock.now();
  return {
    ...systemClock,
    now: () => begun + (systemClock.now() - begun) * times,
    monotonic: () => systemClock.monotonic() * times,
    after: (ms, fn, background) => systemClock.after(ms / times, fn, background),
  };
}

const [, , folder = '', fast = '1'] = process.argv;
const times = Number(fast);
const clock = times === 1 ? systemClock : hastened(times);
const opening = performance.now();
const heard = new HeardStore(sqlite(folder, { clock }), ['run.suspended']);
const engine: Engine = await createEngine({ store: heard.store, workflows: [waiter], clock });
const openedMs = performance.now() - opening;

const kept = new Map<number, { readonly user: string; readonly id: string }>();

async function startAll(wanted: readonly { readonly user: string; readonly n: number; readonly until?: number }[]) {
  const started: RunHandle[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < wanted.length) {
      const at = next++;
      const { user, ...input } = wanted[at] as (typeof wanted)[number];
      started[at] = await engine.as({ user }).start(waiter, input);
    }
  };
  await Promise.all(Array.from({ length: 100 }, one));
  return started;
}

/** Ms until all of the crowd wait. Users take turns, as they would. */
async function begin({ users, runsEach, stride }: Crowd): Promise<number> {
  const wanted = Array.from({ length: users * runsEach }, (_, n) => ({ user: `user-${n % users}`, n }));
  const begun = performance.now();
  const waiting = heard.until(heard.count + wanted.length);
  const started = await startAll(wanted);
  await waiting;
  const ms = performance.now() - begun;
  for (const [n, { id }] of started.entries()) if (n % stride < 2) kept.set(n, { user: `user-${n % users}`, id });
  return ms;
}

/** What an engine is before anything waits: code, statements and pages that any work needs once. */
async function warmUp(): Promise<void> {
  const wanted = Array.from({ length: 1_000 }, (_, index) => ({ user: `warm-${index % 50}`, n: -1 }));
  for (const run of await startAll(wanted)) await run.result();
}

/** Resolves when all that is suspended by now sleeps, and of its users no more are at hand than are kept. */
async function untilEvicted(): Promise<void> {
  await sleep((limits.evictAfterMs + 3 * limits.leaseRenewMs) / times);
}

/** Signals to runs that are spread evenly over the crowd, `atOnce` of them every `everyMs`. */
async function wake({ count, atOnce, everyMs, first, stride }: Waking): Promise<Delays> {
  const chosen = Array.from({ length: count }, (_, index) => first + index * stride);
  for (const n of chosen) begunOf.set(n, 0);
  const handles = await Promise.all(
    chosen.map((n) => engine.as({ user: kept.get(n)?.user ?? '' }).run(kept.get(n)?.id ?? '')),
  );
  const begun = performance.now() + 100;
  const ms: number[] = [];
  const all = handles.map(async (run, index) => {
    const at = begun + Math.floor(index / atOnce) * everyMs;
    const wentOn = new Promise<number>((resolve) => watched.set(chosen[index] as number, resolve));
    await sleep(Math.max(0, at - performance.now()));
    void run.signal('go');
    // From when it was to be sent: a turn that is held up is part of what a user waits for.
    ms[index] = (await wentOn) - at;
    await run.result();
  });
  await Promise.all(all);
  const bodies = chosen.reduce((sum, n) => sum + (begunOf.get(n) ?? 0), 0);
  return { ms, bodies };
}

export type Waking = {
  readonly count: number;
  readonly atOnce: number;
  readonly everyMs: number;
  readonly first: number;
  readonly stride: number;
};

/** Runs of 50 users that are due one after the other, the first after `firstMs`. */
async function ripen({ count, firstMs, everyMs, atOnce, of }: Ripening): Promise<Delays> {
  const begun = Math.ceil(clock.now() + firstMs);
  const ms: number[] = [];
  const wanted = Array.from({ length: count }, (_, index) => ({
    user: `timed-${index % 50}`,
    n: (1 + of) * 1e9 + index,
    until: begun + Math.floor(index / atOnce) * everyMs,
  }));
  for (const { n } of wanted) begunOf.set(n, 0);
  const all = wanted.map(async ({ n, until }, index) => {
    ms[index] = (await new Promise<number>((resolve) => watched.set(n, resolve))) - until;
  });
  await startAll(wanted);
  await Promise.all(all);
  let bodies = 0;
  for (const { n } of wanted) bodies += begunOf.get(n) ?? 0;
  return { ms, bodies };
}

export type Ripening = {
  readonly count: number;
  readonly firstMs: number;
  readonly everyMs: number;
  readonly atOnce: number;
  /** Tells kinds apart that are under way at once. */
  readonly of: number;
};

answer({ openedMs: () => openedMs, resident, warmUp, begin, untilEvicted, wake, ripen }, () => engine.close());
