/** Options that commands share, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Cli, CommonOptions } from './cli.ts';
import type { Host } from './host.ts';
import { openScreen } from './screen.ts';

/** Adds the options of all commands. */
export function addCommon(command: Command): Command {
  return addOutput(
    command
      .option('--user <name>', 'who asks (default: your login name)')
      .option('--tenant <name>', 'the organisation that the user belongs to')
      .option(
        '--role <name>',
        'what the user may do, for tools that ask for a role; several times for several',
        several,
      )
      .option('--folder <dir>', 'the data folder (default: CANTUS_FOLDER, else .cantus here)'),
  );
}

/** Adds what says how it is printed. */
export function addOutput(command: Command): Command {
  return command
    .addOption(new Option('--json', 'one JSON document on stdout').conflicts('jsonl'))
    .option('--quiet', 'no remarks on stderr')
    .option('--no-color', 'no colour (also: NO_COLOR, FORCE_COLOR)')
    .option('--debug', 'show stacks, and what the engine logs');
}

export function cliOf(host: Host, options: CommonOptions): Cli {
  return { host, options, screen: openScreen(host, options) };
}

export function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('It takes a whole number.');
}

export function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It takes a number of seconds above 0.');
}
