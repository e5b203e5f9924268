/** What is said, and which exit code there is, when a command line can't be understood or can't be done. */
import { type Command, CommanderError } from 'commander';
import { EngineError, toErrorInfo } from '../core/errors.ts';
import { nearestName } from '../core/names.ts';
import { asTyped } from '../core/plain-text.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';
import { openScreen, tellTrouble } from './screen.ts';

/** What a store says of its lock is for whoever wrote the program that has it. */
const lockedHint = 'Wait until that process has ended, or use another folder: --folder DIR.';

const helpCodes = new Set(['commander.help', 'commander.helpDisplayed', 'commander.version']);

/** A command line, and the commands that there are. `program` is undefined where they could not be made. */
export type CommandLine = { readonly argv: readonly string[]; readonly program: Command | undefined };

/** For what commander refuses: says what was meant, where that is plain. */
export function tellCommanderError(host: Host, line: CommandLine, error: CommanderError): number {
  if (helpCodes.has(error.code)) return exitCodes.ok;
  const [why = '', meant] = error.message.replace(/^error: /, '').split('\n');
  const near = /Did you mean (?:one of )?(.+)\?/.exec(meant ?? '')?.[1];
  const help = `See ${[host.program, ...commandsOf(line), '--help'].join(' ')}.`;
  tellTrouble(openScreen(host, { color: !line.argv.includes('--no-color') }), {
    what: "This command can't be understood.",
    why: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`.replace(/\.\.$/, '.'),
    fix: near === undefined ? help : `Did you mean ${near}? ${help}`,
  });
  return exitCodes.usage;
}

/** The commands that a command line names: `guard`, `baseline`, `accept`. */
function commandsOf({ argv, program }: CommandLine): readonly string[] {
  const names: string[] = [];
  let at = program;
  for (const word of argv) {
    if (word.startsWith('-')) continue;
    at = at?.commands.find((command) => command.name() === word);
    if (at === undefined) break;
    names.push(word);
  }
  return names;
}

/**
 * Refuses a word that stands where a command has to and is none. Commander would take it for an argument of the command
 * that is meant where none is named.
 */
export function refuseUnknownCommand(program: Command, argv: readonly string[]): void {
  let at = program;
  for (const word of argv) {
    if (at.commands.length === 0 || word.startsWith('-') || word === 'help') return;
    const next = at.commands.find((command) => command.name() === word);
    if (next === undefined) {
      const near = nearestName(
        word,
        at.commands.map((command) => command.name()),
      );
      const meant = near === undefined ? '' : `\n(Did you mean ${near}?)`;
      throw new CommanderError(
        exitCodes.usage,
        'commander.unknownCommand',
        `error: there is no command '${word}'${meant}`,
      );
    }
    at = next;
  }
}

/** For what a command throws: what, why, and how to mend it. */
export function tellError(host: Host, line: CommandLine, thrown: unknown): number {
  const { argv } = line;
  const screen = openScreen(host, { color: !argv.includes('--no-color') });
  const { code, message, hint = '' } = toErrorInfo(thrown);
  const commands = commandsOf(line);
  tellTrouble(screen, {
    what: `${['cantus', ...commands].join(' ')}: it can't be done.`,
    why: message,
    fix: asTyped(code === 'store_locked' ? lockedHint : hint, host.program),
  });
  if (argv.includes('--debug') && thrown instanceof Error) screen.warn(thrown.stack ?? '');
  return EngineError.is(thrown) ? exitCodeOf(code) : exitCodes.failed;
}
