/** The commands and their options, as commander takes them. What each does is in its own file. */
import { Command, CommanderError, Option } from 'commander';
import { optionName, type App, type AppOptionValues } from '../agents/app.ts';
import { ValidationError } from '../core/errors.ts';
import { findApp, type FoundApp } from './app-file.ts';
import { tellCommanderError, tellError } from './command-trouble.ts';
import { exitCodes, exitCodesText } from './exit-codes.ts';
import { addCommon, cliOf, seconds, wholeNumber } from './common-options.ts';
import type { Host } from './host.ts';
import { addGuard } from './guard-commands.ts';
import { addServing, startWords } from './serve-commands.ts';
import { modelsVerb } from './models-verb.ts';
import type { CommonOptions } from './cli.ts';
import { eventsVerb, runsVerb } from './read-verbs.ts';
import { runVerb } from './run-verb.ts';
import { showVerb } from './show-verb.ts';
import { approveVerb, attachVerb, cancelVerb, decideVerb, signalVerb } from './tell-verbs.ts';

/** Runs one command line on a host. Returns its exit code; throws nothing. */
export async function runCommandLine(host: Host, words: readonly string[]): Promise<number> {
  const argv = startWords(words);
  const lookup = new AppLookup(host);
  let code: number = exitCodes.ok;
  let program: Command | undefined;
  try {
    const found = argv.includes('run') || isOverview(argv) ? await lookup.quietly() : undefined;
    program = buildProgram({ host, lookup, app: found?.app, done: (ended) => (code = ended) });
    if (isOverview(argv)) host.out.write(program.helpInformation() + overview(host, found));
    else await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return tellCommanderError(host, { argv, program }, thrown);
    return tellError(host, { argv, program }, thrown);
  }
}

function isOverview(argv: readonly string[]): boolean {
  return argv.length === 0 || ['--help', '-h'].includes(argv[0] ?? '') || (argv[0] === 'help' && argv.length === 1);
}

/** The app is looked for when a command needs it, and once. */
class AppLookup {
  readonly #host: Host;
  #found: Promise<FoundApp> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  readonly app = (): Promise<FoundApp> => (this.#found ??= findApp(this.#host));

  /** Undefined when it can't be loaded: the command that needs it will say why. */
  quietly(): Promise<FoundApp | undefined> {
    return this.app().catch(() => undefined);
  }
}

/** What the commands are built with. */
type Parts = {
  readonly host: Host;
  readonly lookup: AppLookup;
  readonly app: App | undefined;
  readonly done: (code: number) => void;
};

function buildProgram(parts: Parts): Command {
  const { host, app } = parts;
  const program = new Command('cantus')
    .usage('<command> [options]')
    .description('Runs agents and workflows durably, and shows what they did.')
    .version(host.version, '-V, --version', 'the version of Cantus')
    .helpOption('-h, --help', 'this help; `cantus <command> --help` for one command')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeOut: (text) => host.out.write(text), writeErr: () => undefined });
  addRun(program, parts);
  addLooking(program, parts);
  addTelling(program, parts);
  addServing(program, { host, app: parts.lookup.app, done: parts.done });
  addGuard(program, parts);
  program.commands.find((command) => command.name() === 'run')?.allowUnknownOption(app === undefined);
  return program;
}

// --- run -------------------------------------------------------------------------------------------------------------

type RunFlags = CommonOptions & {
  readonly thread?: string;
  readonly key?: string;
  readonly timeout?: number;
  readonly input?: string;
};

function addRun(program: Command, { host, lookup, app, done }: Parts): void {
  const run = program
    .command('run')
    .argument('[workflow|agent]', 'what to run (default: what the app says)')
    .argument('[question]', 'in quotes')
    .allowExcessArguments()
    .description('start a run, show it live, and print its answer')
    .helpOption('-h, --help', 'this help');
  const own = addOwn(run, app);
  addCommon(run)
    .option('--jsonl', 'the events of the run on stdout, one JSON document a line')
    .option('--memory', 'keep nothing')
    .option('--thread <name>', 'the conversation that it belongs to')
    .option('--key <key>', 'start once: the same key again answers with the same run')
    .option('--timeout <seconds>', 'how long it may be active', seconds)
    .option('--input <json>', "a workflow's input as JSON, or @FILE, instead of a question")
    .addHelpText('after', () => `\n${served(host, app)}${exitCodesText}`)
    .action(async (_what: string, _question: string, flags: RunFlags, { args }: Command) => {
      const found = await lookup.app();
      const values = Object.fromEntries(
        own.flatMap(([name, key]) => given(name, (flags as Record<string, unknown>)[key])),
      );
      done(await runVerb(cliOf(host, flags), found, args, { ...flags, own: values as AppOptionValues }));
    });
}

function given(name: string, value: unknown): [string, unknown][] {
  return value === undefined ? [] : [[name, value]];
}

/** The options of the app; returns their names and what commander calls them. */
function addOwn(run: Command, app: App | undefined): readonly (readonly [string, string])[] {
  return (app?.options ?? []).map((own) => {
    const option = new Option(own.flag, own.help);
    if (own.many === true)
      option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
    try {
      run.addOption(option);
    } catch {
      throw new ValidationError(`The app has an option ${own.flag}, which \`cantus run\` has itself.`, {
        hint: 'Give it another name in cantus.config.ts.',
      });
    }
    return [optionName(own), option.attributeName()] as const;
  });
}

function served(host: Host, app: App | undefined): string {
  if (app === undefined) return '';
  const lines = app.samples.map((sample) => `  ${host.program} run "${sample}"\n`);
  return lines.length === 0 ? '' : `Try:\n${lines.join('')}\n`;
}

function overview(host: Host, found: FoundApp | undefined): string {
  if (found === undefined) return `\nThe app can't be read here: see \`${host.program} run\`.\n\n${exitCodesText}\n`;
  const { app, file } = found;
  const about = app.description === '' ? '' : `: ${app.description}`;
  return `\nServed here: ${file ?? app.name}${about}\n\n${served(host, app)}${exitCodesText}\n`;
}

// --- the other commands ----------------------------------------------------------------------------------------------

function addLooking(program: Command, { host, lookup, done }: Parts): void {
  addCommon(program.command('runs').description('your runs, newest first'))
    .option('--jsonl', 'one JSON document a line')
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .action(async (flags: CommonOptions & { readonly limit: number }) =>
      done(await runsVerb(cliOf(host, flags), flags)),
    );
  addCommon(program.command('show').argument('<run>').description('a run: its steps, its end, and what it waits for'))
    .option('--step <path>', 'one step in full: what went in, what came out, each attempt')
    .option('--result', 'its answer, as `run` prints it')
    .option('--events', 'its journal too')
    .action(async (run: string, flags: CommonOptions & { step?: string; result?: true; events?: true }) => {
      const { result = false, events = false, ...rest } = flags;
      done(await showVerb(cliOf(host, flags), lookup.app, run, { ...rest, result, events }));
    });
  addCommon(program.command('events').argument('<run>').description("a run's events"))
    .option('--jsonl', 'one JSON document a line')
    .option('--after <seq>', 'only those behind this one', wholeNumber, 0)
    .option('--follow', 'go on to the end; an unfinished run goes on meanwhile')
    .action(async (run: string, flags: CommonOptions & { after: number; follow?: true }) =>
      done(
        await eventsVerb(cliOf(host, flags), lookup.app, run, { after: flags.after, follow: flags.follow === true }),
      ),
    );
  addCommon(program.command('models').description('which model would answer, and why')).action(
    async (flags: CommonOptions) => done(await modelsVerb(cliOf(host, flags), await lookup.app())),
  );
}

function addTelling(program: Command, { host, lookup, done }: Parts): void {
  addCommon(program.command('attach').argument('<run>').description('go on with an unfinished run, and follow it'))
    .option('--jsonl', 'its events, one JSON document a line')
    .action(async (run: string, flags: CommonOptions) => done(await attachVerb(cliOf(host, flags), lookup.app, run)));
  addCommon(program.command('cancel').argument('<run>').description('end a run'))
    .option('--reason <text>', 'why', 'cancelled on the command line')
    .action(async (run: string, flags: CommonOptions & { readonly reason: string }) =>
      done(await cancelVerb(cliOf(host, flags), lookup.app, run, flags.reason)),
    );
  addCommon(program.command('signal').argument('<run>').argument('<name>').argument('[json]'))
    .description('tell a run what it waits for, and follow it')
    .option('--jsonl', 'its events, one JSON document a line')
    .option('--key <key>', 'the same key is taken once')
    .action(async (run: string, name: string, json: string | undefined, flags: CommonOptions & { key?: string }) => {
      const { key } = flags;
      const signal = { run, name, ...(json === undefined ? {} : { json }), ...(key === undefined ? {} : { key }) };
      done(await signalVerb(cliOf(host, flags), lookup.app, signal));
    });
  addCommon(program.command('decide').argument('<run>').argument('<path>').argument('<decision>').argument('[json]'))
    .description('say what became of a call in doubt: happened, did-not-happen or give-up')
    .option('--jsonl', 'its events, one JSON document a line')
    .action(async (run: string, path: string, ...rest: [string, string | undefined, CommonOptions, Command]) => {
      const [decision, json, flags] = rest;
      const wanted = { run, path, decision, ...(json === undefined ? {} : { json }) };
      done(await decideVerb(cliOf(host, flags), lookup.app, wanted));
    });
  addCommon(program.command('approve').argument('<run>').argument('<path>').argument('<answer>'))
    .description('decide what a run asks to be approved: yes or no')
    .option('--note <text>', 'what there is to say to it')
    .option('--jsonl', 'its events, one JSON document a line')
    .action(async (run: string, path: string, answer: string, flags: CommonOptions & { readonly note?: string }) => {
      const { note } = flags;
      const verdict = { run, path, answer, ...(note === undefined ? {} : { note }) };
      done(await approveVerb(cliOf(host, flags), lookup.app, verdict));
    });
}
