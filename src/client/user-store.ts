import type { EngineError } from '../core/errors.ts';
import type { UserState } from './user-state.ts';

/** A user's state that keeps itself up to date from a connection, and loads what the stream does not tell. */
export interface UserStore {
  readonly state: UserState;
  /** Loads a run from its first event on, and keeps it. Resolves when the state is complete. */
  loadRun(run: string): Promise<void>;
  /** The newest runs of a thread, or those before what is here; resolves with whether there are more. */
  loadThread(thread: string, options?: { readonly older?: boolean }): Promise<boolean>;
  /** The next page of threads, or those that match `search`; resolves with whether there are more. */
  loadThreads(options?: { readonly search?: string }): Promise<boolean>;
  /** The newest failure of loading in the background; undefined when all is well. Key `error`. */
  readonly error: EngineError | undefined;
  /** Stops following; the connection stays open. */
  close(): void;
}
