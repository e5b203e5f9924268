/** What every command has: the machine, the screen, and the options that all of them take. */
import { shellWord } from '../core/plain-text.ts';
import type { Host } from './host.ts';
import type { Screen } from './screen.ts';
import type { Watch } from './watch.ts';

export type CommonOptions = {
  readonly user?: string;
  readonly tenant?: string;
  readonly role?: readonly string[];
  readonly folder?: string;
  readonly memory?: boolean;
  readonly json?: boolean;
  readonly jsonl?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
  readonly debug?: boolean;
};

/** What every command has. */
export type Cli = {
  readonly host: Host;
  readonly screen: Screen;
  readonly options: CommonOptions;
  /** How runs are watched, where it is not what fits the terminal. */
  readonly watch?: Watch;
};

/** The command that a person would type for this, with the options that say where and for whom. */
export function commandLine({ host, options }: Cli, ...words: readonly string[]): string {
  const place = (['user', 'tenant', 'folder'] as const).flatMap((name) =>
    options[name] === undefined ? [] : [`--${name}`, options[name]],
  );
  return [host.program, ...[...words, ...place].map(shellWord)].join(' ');
}
