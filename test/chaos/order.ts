/** A run as its user knows it, and what the user has wished for it since. */
import type { Program } from '../simulation/program.ts';

export type Order = {
  readonly key: string;
  readonly program: Program;
  /** How often it is to go on as another run. */
  readonly restarts: number;
  readonly thread: string;
  /** As the answer to its start said. */
  first: string | undefined;
  /** The newest of those that it goes on as. */
  run: string | undefined;
  ended: boolean;
  cancelled: boolean;
  gaveUp: boolean;
  /** Its thread was to be deleted: it may be gone, or have been cancelled for that. */
  deleted: boolean;
};

/** What the crowd hands over at its end, a user at a time. */
export type UserRecord = { readonly tenant: string; readonly user: string; readonly orders: readonly Order[] };
