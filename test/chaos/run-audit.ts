/**
 * The runs of one user as the journal has them, an event at a time.
 *
 * RU1  Of a run that has ended no more is held than its outcome: memory is bounded by what was open at once.
 */
import { evolve, type JournalEvent, type RunState } from 'cantus';
import { limits } from '../../src/core/limits.ts';
import { isTerminal } from '../../src/journal/event.ts';
import { outcomeOf, type Outcome } from '../../src/journal/run-state.ts';
import { count, type Tally } from './tally.ts';
import type { Verdict } from './verdict.ts';

/** When something was reached for last, and how often where it may happen once: by run and id. */
export type Reaches = ReadonlyMap<string, { readonly lastAt: number; readonly times: number; readonly once: boolean }>;

/** What is held of a run for good. */
export type AuditedRun = {
  readonly key: string | undefined;
  /** The run that goes on as this one. */
  readonly continues: string | undefined;
  terminals: number;
  events: number;
  outcome: Outcome | undefined;
};

/** What is held of a run until its end. */
type OpenRun = {
  state: RunState | undefined;
  readonly completed: Set<string>;
  /** The ids that tools were called with, by path. */
  readonly ids: Map<string, string>;
  suspended: { readonly at: number; readonly node: string } | undefined;
  node: string;
};

const begins: ReadonlySet<string> = new Set([
  'step.started',
  'agent.started',
  'model.started',
  'tool.executing',
  'wait.started',
]);
const completes: ReadonlySet<string> = new Set([
  'step.completed',
  'agent.completed',
  'model.completed',
  'tool.completed',
]);

export class RunAudit {
  readonly runs = new Map<string, AuditedRun>();
  readonly #open = new Map<string, OpenRun>();
  readonly #reaches: Reaches;
  readonly #verdict: Verdict;
  readonly #tally: Tally;

  constructor(reaches: Reaches, verdict: Verdict, tally: Tally) {
    this.#reaches = reaches;
    this.#verdict = verdict;
    this.#tally = tally;
  }

  take(run: string, event: JournalEvent): void {
    const known = this.runs.get(run) ?? this.#begin(run, event);
    known.events += 1;
    if (known.terminals > 0) this.#verdict.wrong('terminal', `${event.type} came behind the end of ${run} (CH3)`);
    const open = this.#open.get(run);
    if (open !== undefined) this.#advance(run, open, event);
    if (!isTerminal(event.type)) return;
    known.terminals += 1;
    known.outcome ??= outcomeOf(event);
    this.#open.delete(run);
  }

  #begin(run: string, event: JournalEvent): AuditedRun {
    const { key, continues } = event.type === 'run.queued' ? event.data : {};
    const known = { key, continues, terminals: 0, events: 0, outcome: undefined };
    this.runs.set(run, known);
    const open = { state: undefined, completed: new Set<string>(), ids: new Map<string, string>() };
    this.#open.set(run, { ...open, suspended: undefined, node: '' });
    return known;
  }

  #advance(run: string, open: OpenRun, event: JournalEvent): void {
    const { path = '' } = event;
    this.#countWaking(open, event);
    if (begins.has(event.type)) this.#checkBegun(run, open, path);
    if (event.type === 'tool.executing') {
      const { id } = event.data.input as { readonly id?: string };
      if (id !== undefined) open.ids.set(path, id);
    }
    // A wait that was cancelled with what it was in begins again, if that is not over after all.
    if (event.type === 'wait.ended' && event.data.by !== 'cancelled') open.completed.add(path);
    if (completes.has(event.type)) {
      open.completed.add(path);
      this.#checkReached(`${run} ${event.type === 'tool.completed' ? open.ids.get(path) : path}`, event.at);
    }
    try {
      open.state = evolve(open.state, event);
    } catch (thrown) {
      this.#verdict.wrong('unreadable', `${run} at ${event.seq}: ${(thrown as Error).message} (CH3)`);
      this.#open.delete(run);
    }
  }

  /** CH2 by the journal alone: neither a completed path nor anything below one begins again. */
  #checkBegun(run: string, { completed }: OpenRun, path: string): void {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      if (!completed.has(at)) continue;
      this.#verdict.wrong('repeated', `${run} began ${path} again, and ${at} was completed (CH2)`);
      return;
    }
  }

  /** CH2 by the world: what a completed call reached for was reached for before. */
  #checkReached(what: string, at: number): void {
    const reach = this.#reaches.get(what);
    if (reach === undefined) return;
    count(this.#tally, 'things completed');
    if (reach.lastAt > at)
      this.#verdict.wrong('repeated', `${what} was reached for ${reach.lastAt - at} ms after its end (CH2)`);
  }

  /** How runs came back to life: no rule, but that it happened at all should be known. */
  #countWaking(open: OpenRun, event: JournalEvent): void {
    if (event.type === 'run.started') open.node = event.data.node;
    if (event.type === 'run.suspended') open.suspended = { at: event.at, node: open.node };
    if (event.type !== 'run.resumed') return;
    const { suspended } = open;
    open.node = event.data.node;
    if (event.data.reason === 'recovered') count(this.#tally, 'runs recovered');
    if (event.data.reason !== 'woken' || suspended === undefined) return;
    if (suspended.node !== open.node) count(this.#tally, 'runs woken by another server than let them sleep');
    else if (event.at - suspended.at > limits.evictAfterMs) count(this.#tally, 'runs woken behind their eviction');
    else count(this.#tally, 'runs woken');
  }
}
