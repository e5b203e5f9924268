/**
 * Lives of one engine after another on one store: each is ended as a crash ends it, and the next goes on.
 * What happens in a life that has ended does not count: its bodies still stand in memory, its process would not.
 */
import assert from 'node:assert/strict';
import { z } from 'zod';
import { defineWorkflow, type Context, type Workflow } from '../agents/workflow.ts';
import { toErrorInfo } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Json } from '../core/json.ts';
import type { JournalEvent } from '../journal/event.ts';
import { awaitsDecision } from '../journal/asked.ts';
import { isTerminal } from '../journal/event.ts';
import { evolve, foldRun, type RunState } from '../journal/run-state.ts';
import type { Store } from '../journal/store.ts';
import type { UserDoor } from './user-door.ts';

export const tenant = 'main';

/** All events of a user, as the store has them; asserts that they are dense. */
export async function streamOf(store: Store, user: string): Promise<JournalEvent[]> {
  const { events, skipped } = await store.read(tenant, user, { after: 0, limit: 1_000_000 });
  assert.deepEqual(skipped, []);
  events.forEach((event, index) => assert.equal(event.userSeq, index + 1, 'the journal is dense'));
  return [...events];
}

/** The events of each run of a user, by run. Each must fold (R1 to R4). */
export async function runsOf(store: Store, user: string): Promise<Map<string, JournalEvent[]>> {
  const byRun = new Map<string, JournalEvent[]>();
  for (const event of await streamOf(store, user)) {
    if (event.run === undefined) continue;
    const events = byRun.get(event.run) ?? [];
    byRun.set(event.run, [...events, event]);
  }
  for (const events of byRun.values()) foldRun(events);
  return byRun;
}

/** The state of the user's only run; undefined when there is none. */
export async function stateOf(store: Store, user: string): Promise<RunState | undefined> {
  const runs = [...(await runsOf(store, user)).values()];
  assert.ok(runs.length <= 1, `${runs.length} runs`);
  return runs[0] === undefined ? undefined : foldRun(runs[0]);
}

/** Asserts P4 and that every path ends once: exactly one terminal event, the last, and everything closed before it. */
export function assertEnded(events: readonly JournalEvent[]): RunState {
  const terminal = events.filter(({ type }) => isTerminal(type));
  assert.equal(terminal.length, 1, 'exactly one terminal event');
  assert.equal(events.at(-1), terminal[0], 'the terminal event is the last');
  let state: RunState | undefined;
  for (const event of events) state = evolve(state, event);
  assert.ok(state !== undefined);
  for (const { path, status, once } of state.steps.values()) {
    assert.notEqual(status, 'open', `${path} was left open`);
    assert.notEqual(status, 'retrying', `${path} was left before its next try`);
    assert.ok(status !== 'indoubt' || once, `${path} is in doubt, and is no once tool`);
  }
  return state;
}

/** The paths that the journal has as completed. */
export function completedIn(state: RunState | undefined): Set<string> {
  const steps = [...(state?.steps.values() ?? [])];
  return new Set(steps.filter(({ status }) => status === 'completed').map(({ path }) => path));
}

export type Effect = { readonly life: number; readonly path: string };

/** What bodies did to the world, and in which life. */
export class World {
  life = 0;
  readonly effects: Effect[] = [];

  /** A life's own hand: what it does counts while it lives. */
  hand(): (path: string) => void {
    const life = ++this.life;
    return (path) => {
      if (life === this.life) this.effects.push({ life, path });
    };
  }

  count(path: string): number {
    return this.effects.filter((effect) => effect.path === path).length;
  }

  pathsIn(life: number): string[] {
    return this.effects.filter((effect) => effect.life === life).map(({ path }) => path);
  }
}

export type Actor = {
  /** What is sent to a wait for this signal. */
  readonly signals?: Readonly<Record<string, Json>>;
  /** What is said of a call in doubt, by the tool's name. */
  readonly decide?: (tool: string) => { readonly decision: 'happened' | 'did-not-happen' | 'give-up'; output?: Json };
};

/** What the world outside does for a run that waits: sends its signals, decides its doubts, lets time pass. */
export async function actFor(door: UserDoor, state: RunState, actor: Actor): Promise<boolean> {
  const run = await door.run(state.run);
  for (const step of state.steps.values()) {
    if (awaitsDecision(state, step) && actor.decide !== undefined) {
      const { decision, output } = actor.decide(step.name ?? '');
      await run.decide(step.path, decision, output);
      return true;
    }
    const waits = step.wait?.for;
    if (step.status !== 'open' || waits?.kind !== 'signal') continue;
    const value = actor.signals?.[waits.signal];
    // One at a time: of several waits for it, which one takes it is for the run to say.
    const isOnItsWay = state.signals.some(({ name, taken }) => name === waits.signal && !taken);
    if (value === undefined || isOnItsWay) continue;
    await run.signal(waits.signal, value, { key: `${step.path} ${state.signals.length}` });
    return true;
  }
  return false;
}

/** Longer than a dead node keeps its users, so that the next life can have them. */
export const leaseOverMs = limits.leaseTtlMs + limits.leaseRenewMs + 1;

/** A workflow of any input, for a test to fill in. */
export function flow<Output>(
  name: string,
  run: (ctx: Context, input: unknown) => Promise<Output>,
  more: { readonly deadlineMs?: number; readonly version?: number } = {},
): Workflow<unknown, Output> {
  return defineWorkflow({ name, version: 1, input: z.unknown(), run, ...more });
}

/** A promise of work that ends when the test says so, and never of itself. */
export function held<T>(): PromiseWithResolvers<T> {
  return Promise.withResolvers<T>();
}

/** The code of what a promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (thrown) {
    return toErrorInfo(thrown).code;
  }
}
