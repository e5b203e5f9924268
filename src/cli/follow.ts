/**
 * Follows a run to its end, or to where it waits for somebody.
 *
 * FW1  Ctrl-C cancels the run and waits for its end; a second one leaves at once.
 * FW2  Whatever else wants the program to end leaves the run as it is: it goes on at the next start.
 * FW3  A run that waits for a person isn't waited for: where this process owns the folder nobody could answer, and with
 *      a server whoever answers may do so from anywhere.
 * FW4  A run that goes on as another one is followed as that one: its end is the end.
 */
import { EngineError } from '../core/errors.ts';
import type { RunHandle } from '../engine/run-handle.ts';
import type { JournalEvent } from '../journal/event.ts';
import { isEnded } from '../journal/run-row.ts';
import { evolve, nextRunOf, type Outcome, type RunState } from '../journal/run-state.ts';
import type { Host, Stop } from './host.ts';
import { workWith, type Work } from './outcome.ts';
import type { Watch } from './watch.ts';

export type FollowEnd =
  | {
      readonly kind: 'ended';
      readonly outcome: Outcome;
      readonly state: RunState;
      /** Of all that it went on as. */
      readonly work: Work;
      readonly cancelledHere: boolean;
    }
  | { readonly kind: 'waits'; readonly state: RunState }
  | { readonly kind: 'left'; readonly run: string; readonly by: Stop; readonly cancelling: boolean };

export type FollowOptions = {
  readonly host: Host;
  readonly watch: Watch;
  /** The run's seq before this process took it up; 0 for a run that begins now. */
  readonly from: number;
  /** A server is at work on it: it has not to be taken up first. */
  readonly isUnderWay?: boolean;
  /** The run by this id, which it goes on as. */
  readonly runOf: (id: string) => Promise<RunHandle>;
};

/** A run that goes on by itself within this time, in ms, is waited for. */
const waitMsMax = 60_000;
/** How long a run must be quiet before it counts as waiting, in ms: a wait that ended wakes the run a commit later. */
const quietMs = 150;

export async function follow(run: RunHandle, options: FollowOptions): Promise<FollowEnd> {
  return new Follower(run, options).follow();
}

class Follower {
  #run: RunHandle;
  #from: number;
  readonly #options: FollowOptions;
  readonly #left = new AbortController();
  #state: RunState | undefined;
  /** Of what it went on as since. */
  #before: Work | undefined;
  #begun: boolean;
  #cancelling = false;
  #stop: Stop | undefined;
  #waits = false;
  #lost: unknown;
  #stopQuiet: (() => void) | undefined;

  constructor(run: RunHandle, options: FollowOptions) {
    this.#run = run;
    this.#options = options;
    this.#from = options.from;
    this.#begun = options.isUnderWay === true;
  }

  async follow(): Promise<FollowEnd> {
    const { host, watch } = this.#options;
    const unhear = host.onStop((stop) => this.#hear(stop));
    // A store that fails ends no stream of events; the promise of the result does tell.
    const result = this.#run.result().catch((thrown: unknown) => {
      this.#lost = thrown;
      this.#left.abort();
    });
    try {
      for (let next: string | undefined = this.#run.id; next !== undefined; next = await this.#goOn())
        for await (const event of this.#run.events({ signal: this.#left.signal })) {
          this.#state = evolve(this.#state, event);
          this.#begun ||= this.#isBegunBy(event, this.#state);
          watch.event(event, this.#state, (event.seq ?? 0) <= this.#from);
          this.#lookForQuiet();
        }
    } finally {
      this.#stopQuiet?.();
      watch.end();
      unhear();
    }
    return this.#end(await (this.#isOver() ? result : undefined));
  }

  /** FW4. The id of the run that it goes on as, which is followed from now on. */
  async #goOn(): Promise<string | undefined> {
    const state = this.#state;
    const continuedAs = state === undefined ? undefined : nextRunOf(state);
    if (state === undefined || continuedAs === undefined || this.#left.signal.aborted) return undefined;
    this.#run = await this.#options.runOf(continuedAs);
    this.#before = workWith(this.#before, state);
    this.#state = undefined;
    this.#from = 0;
    return continuedAs;
  }

  /** A run that only waited is not taken up before it has something to do. */
  #isBegunBy({ seq = 0, type }: JournalEvent, { status }: RunState): boolean {
    const from = this.#from;
    return seq > from ? type === 'run.started' || type === 'run.resumed' : seq === from && status === 'suspended';
  }

  #isOver(): boolean {
    return this.#state !== undefined && isEnded(this.#state.status);
  }

  #end(outcome: Outcome | void): FollowEnd {
    const state = this.#state;
    if (outcome !== undefined && state !== undefined)
      return {
        kind: 'ended',
        outcome,
        state,
        work: workWith(this.#before, state),
        cancelledHere: this.#cancelling && outcome.status === 'cancelled',
      };
    if (this.#stop !== undefined) {
      const cancelling = this.#cancelling;
      return { kind: 'left', run: this.#run.id, by: this.#stop, cancelling };
    }
    if (this.#waits && state !== undefined) return { kind: 'waits', state };
    throw this.#lost ?? new EngineError('closed', 'The engine was closed before the run ended.', { retryable: true });
  }

  /** FW1, FW2 */
  #hear(stop: Stop): void {
    if (stop === 'SIGINT' && !this.#cancelling) {
      this.#cancelling = true;
      this.#options.watch.say('Cancelling the run; Ctrl-C again leaves at once.');
      void this.#run.cancel('cancelled with Ctrl-C').catch((thrown: unknown) => {
        this.#lost = thrown;
        this.#left.abort();
      });
      return;
    }
    this.#stop = stop;
    this.#left.abort();
  }

  /** FW3 */
  #lookForQuiet(): void {
    this.#stopQuiet?.();
    this.#stopQuiet = undefined;
    const { clock } = this.#options.host;
    if (!this.#begun || this.#state === undefined || this.#cancelling) return;
    if (!waitsForSomebody(this.#state, clock.now())) return;
    this.#stopQuiet = clock.after(quietMs, () => {
      this.#waits = true;
      this.#left.abort();
    });
  }
}

/** Does it wait, and for nothing that comes by itself soon? */
export function waitsForSomebody(state: RunState, now: number): boolean {
  if (state.status === 'parked') return true;
  if (state.status !== 'suspended') return false;
  const open = [...state.steps.values()].filter(({ status, kind }) => kind === 'wait' && status === 'open');
  return open.every(({ wait }) => wait === undefined || wait.until > now + waitMsMax);
}
