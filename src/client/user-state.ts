import type { JournalEvent } from '../journal/event.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { RunState, StepKind } from '../journal/run-state.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import type { StreamItem } from './connection.ts';

/** Who works on a run now: one for each innermost open step. */
export type Working = {
  readonly path: string;
  readonly kind: StepKind;
  /** The agent's, tool's or model's name. */
  readonly name: string | undefined;
  /** The name of the agent it works for, and where that agent is; undefined outside any agent. */
  readonly agent: string | undefined;
  readonly agentPath: string | undefined;
  readonly attempt: number;
  /** `retrying`: an attempt failed and the next begins at `retryAt`. `indoubt`: somebody has to decide. */
  readonly status: 'open' | 'retrying' | 'indoubt';
  /** Ms since 1970, by the server's clock. */
  readonly since: number;
  readonly retryAt: number | undefined;
};

/** What is known of a run. A new object after each change of the run, but `state` inside is one that changes. */
export type RunView = {
  readonly run: string;
  /** As lists show it; undefined where only a stretch of its events was seen. */
  readonly row: RunRow | undefined;
  /** The fold over its events from the first to `state.seq`; undefined while its first is not here. */
  readonly state: RunState | undefined;
  /** Does `state` hold everything that was heard of it? Else `store.loadRun` brings what is missing. */
  readonly complete: boolean;
  /** Its newest events, in order, and how many before them are no longer kept. */
  readonly events: readonly JournalEvent[];
  readonly dropped: number;
};

/**
 * What a user sees, kept up to date by the stream: threads, runs, and who works on what. Keys to subscribe to are
 * `threads`, `runs` (which there are, and their rows), `run:<id>` and `connection` (whether it has caught up).
 */
export interface UserState {
  /** Newest activity first. */
  readonly threads: readonly ThreadRow[];
  thread(id: string): ThreadRow | undefined;
  /** All runs known, newest first. */
  readonly runs: readonly RunView[];
  run(id: string): RunView | undefined;
  /** The runs of a thread, oldest first. */
  runsOf(thread: string): readonly RunView[];
  /** Which place a queued run has among the user's own queued runs, from 1; undefined when it isn't queued. */
  queuePlace(run: string): number | undefined;
  working(run: string): readonly Working[];
  /** Place of the newest event that was reduced. */
  readonly userSeq: number;
  readonly caughtUp: boolean;
  /** Rises with each change under the key. */
  version(key: string): number;
  /** Calls `listener` once per microtask in which something under the key changed, and returns what stops that. */
  subscribe(key: string, listener: () => void): () => void;
}

/** Takes one more item of the stream. The same event twice does nothing. */
export type Reduce = (state: UserState, item: StreamItem) => void;
