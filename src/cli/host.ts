/** The machine as the command line sees it; tests bring their own. */
import type { Clock } from '../core/clock.ts';

/** Where text goes. */
export type Sink = {
  readonly tty: boolean;
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
};

/** Where text comes from. */
export type Source = {
  readonly tty: boolean;
  /** All of it, when its writer is done. */
  read(): Promise<string>;
};

/** Who wants the program to end. `SIGPIPE`: the reader of stdout went away. */
export type Stop = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE';

export type Host = {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Sink;
  readonly err: Sink;
  readonly input: Source;
  readonly clock: Clock;
  readonly version: string;
  /** What a person types to start this program. */
  readonly program: string;
  /** The app it comes with, for folders without a `cantus.config.ts`. */
  readonly builtinConfig: string;
  /** Where the built page is, if it was built. */
  readonly pageFolder: string;
  /** The operating system's name for who is logged in, if it has one. */
  loginName(): string | undefined;
  /** Hears who wants the program to end, instead of its ending at once. The returned function stops that. */
  onStop(listener: (stop: Stop) => void): () => void;
  /** Ends the program here and now. */
  leave(code: number): never;
};
