/** What is said, and which exit code there is, when a command line can't be understood or can't be done. */
import type { CommanderError } from 'commander';
import { EngineError, toErrorInfo } from '../core/errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';
import { openScreen, tellTrouble } from './screen.ts';

/** What a store says of its lock is for whoever wrote the program that has it. */
const lockedHint = 'Wait until that process has ended, or use another folder: --folder DIR.';

const helpCodes = new Set(['commander.help', 'commander.helpDisplayed', 'commander.version']);

/** For what commander refuses: says what was meant, where that is plain. */
export function tellCommanderError(host: Host, argv: readonly string[], error: CommanderError): number {
  if (helpCodes.has(error.code)) return exitCodes.ok;
  const [why = '', meant] = error.message.replace(/^error: /, '').split('\n');
  const near = /Did you mean (?:one of )?(.+)\?/.exec(meant ?? '')?.[1];
  tellTrouble(openScreen(host, {}), {
    what: "This command can't be understood.",
    why: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`.replace(/\.\.$/, '.'),
    fix:
      near === undefined
        ? `See ${[host.program, ...verbOf(argv, error), '--help'].join(' ')}.`
        : `Did you mean ${near}?`,
  });
  return exitCodes.usage;
}

/** The command that was meant, where there is one of that name. */
function verbOf(argv: readonly string[], { code }: CommanderError): readonly string[] {
  return code === 'commander.unknownCommand' ? [] : argv.filter((word) => !word.startsWith('-')).slice(0, 1);
}

/** For what a command throws: what, why, and how to mend it. */
export function tellError(host: Host, argv: readonly string[], thrown: unknown): number {
  const color = !argv.includes('--no-color');
  const screen = openScreen(host, { color });
  const { code, message, hint } = toErrorInfo(thrown);
  const verb = argv.find((word) => !word.startsWith('-')) ?? 'cantus';
  tellTrouble(screen, {
    what: `cantus ${verb}: it can't be done.`,
    why: message,
    fix: code === 'store_locked' ? lockedHint : hint,
  });
  if (argv.includes('--debug') && thrown instanceof Error) screen.warn(thrown.stack ?? '');
  return EngineError.is(thrown) ? exitCodeOf(code) : exitCodes.failed;
}
