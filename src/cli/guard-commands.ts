/** The commands of the guard. What they do is loaded for them alone: it needs no engine, no app and no data folder. */
import { type Command, CommanderError, Command as CommandOf, Option } from 'commander';
import { asTyped } from '../core/plain-text.ts';
import { refuseUnknownCommand, tellCommanderError, tellError } from './command-trouble.ts';
import { addOutput, seconds, several, wholeNumber } from './common-options.ts';
import { exitCodes } from './exit-codes.ts';
import { type GuardVerb, guardExitText, guardVerbs } from './guard-help.ts';
import type { FixFlags } from './guard-fix-verb.ts';
import type { ProgressFlags } from './guard-progress-verb.ts';
import type { GuardFlags } from './guard-verb.ts';
import type { EmitTestsFlags } from './guard-tests-verb.ts';
import type { VerifyFlags } from './guard-verify-verb.ts';
import type { WatchFlags } from './guard-watch-verb.ts';
import type { Host } from './host.ts';

type GuardParts = { readonly host: Host; readonly done: (code: number) => void };

const verbs = () => import('./guard-verb.ts');
const moves = () => import('./guard-move-verbs.ts');

/** Adds `guard` and its commands. */
export function addGuard(program: Command, parts: GuardParts): void {
  const guard = program
    .command('guard')
    .description('find rival implementations of one concept in a code base, and keep the one decided for')
    .configureHelp({ subcommandTerm: termOf })
    .addHelpText('after', () => `\n${asTyped(guardExitText, parts.host.program)}\n`);
  addFinding(guard, parts);
  addDeciding(guard, parts);
  addChecking(guard, parts);
  addMoving(guard, parts);
  addProving(guard, parts);
  addProgress(guard, parts);
  addBefore(guard, parts);
}

/** All of them have options: to say so of each would only take room. */
function termOf(command: Command): string {
  const takes = command.registeredArguments.map((one) => {
    const name = one.variadic ? `${one.name()}...` : one.name();
    return one.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...takes].join(' ');
}

function addFinding(guard: Command, { host, done }: GuardParts): void {
  add(guard, host, 'scan')
    .option('--all', 'also what is only possible, and what is declared or dismissed')
    .addOption(formats('text', 'json', 'sarif', 'markdown'))
    .action(async (flags: GuardFlags) => done(await (await verbs()).scanVerb(host, flags)));
  add(guard, host, 'explain').action(async (concept: string, flags: GuardFlags) =>
    done(await (await verbs()).explainVerb(host, flags, concept)),
  );
  add(guard, host, 'ask').action(async (words: readonly string[], flags: GuardFlags) =>
    done(await (await moves()).askVerb(host, flags, words.join(' '))),
  );
}

function addDeciding(guard: Command, { host, done }: GuardParts): void {
  add(guard, host, 'init').action(async (flags: GuardFlags) => done(await (await verbs()).initVerb(host, flags)));
  add(guard, host, 'decide').action(async (concept: string, unit: string, flags: GuardFlags) =>
    done(await (await verbs()).decideConcept(host, flags, { concept, unit })),
  );
  add(guard, host, 'dismiss')
    .requiredOption('--why <text>', 'for whoever reads it in a year')
    .action(async (concept: string, flags: GuardFlags) =>
      done(await (await verbs()).dismissConcept(host, flags, concept)),
    );
}

function addChecking(guard: Command, { host, done }: GuardParts): void {
  add(guard, host, 'check')
    .addOption(formats('text', 'json', 'sarif', 'github', 'markdown'))
    .option('--sarif <file>', 'write SARIF there too')
    .option('--markdown <file>', 'write Markdown there too')
    .action(async (flags: GuardFlags) => done(await (await verbs()).checkVerb(host, flags)));
  const baseline = guard
    .command('baseline')
    .helpGroup(guardVerbs.check.group)
    .description('violations that were there before, and are to go')
    .addHelpText('after', () => `\n${asTyped(guardExitText, host.program)}\n`);
  add(baseline, host, 'list').action(async (flags: GuardFlags) =>
    done(await (await verbs()).listBaseline(host, flags)),
  );
  add(baseline, host, 'accept')
    .requiredOption('--why <text>', 'why it may wait')
    .action(async (concept: string | undefined, flags: GuardFlags) =>
      done(await (await verbs()).acceptBaseline(host, flags, concept)),
    );
  add(baseline, host, 'prune').action(async (flags: GuardFlags) =>
    done(await (await verbs()).pruneBaseline(host, flags)),
  );
}

function addMoving(guard: Command, { host, done }: GuardParts): void {
  add(guard, host, 'todo').action(async (concept: string, flags: GuardFlags) =>
    done(await (await moves()).todoVerb(host, flags, concept)),
  );
  add(guard, host, 'fix')
    .option('--write', 'do it; without this it only shows what it would do')
    .option('--dirty', 'also where git has changes that are not committed')
    .option('--stubs', 'leave pointers, marked as deprecated, where the others were')
    .addOption(new Option('--remove', 'take out the others that nothing uses any more').conflicts('stubs'))
    .action(async (concept: string, flags: GuardFlags & FixFlags) =>
      done(await (await import('./guard-fix-verb.ts')).fixVerb(host, flags, concept)),
    );
}

function addProving(guard: Command, { host, done }: GuardParts): void {
  add(guard, host, 'verify')
    .option('--run <command>', 'this check, and no other; several times for several', several)
    .option('--timeout <seconds>', 'for each check', seconds, 600)
    .option('--stubs', 'the fix leaves pointers')
    .addOption(new Option('--remove', 'the fix takes out what nothing uses any more').conflicts('stubs'))
    .action(async (concept: string | undefined, flags: GuardFlags & VerifyFlags) =>
      done(await (await import('./guard-verify-verb.ts')).verifyVerb(host, flags, concept)),
    );
  add(guard, host, 'emit-tests')
    .addOption(
      new Option('--style <runner>', 'whose tests').choices(['node:test', 'vitest', 'pytest']).default('node:test'),
    )
    .option('--prove', 'run them instead: now, and with the fix made and the others taken out')
    .option('--timeout <seconds>', 'for each run', seconds, 120)
    .action(async (flags: GuardFlags & EmitTestsFlags) =>
      done(await (await import('./guard-tests-verb.ts')).emitTestsVerb(host, flags)),
    );
}

function addProgress(guard: Command, { host, done }: GuardParts): void {
  add(guard, host, 'progress')
    .option('--since <start>', 'a commit, branch or tag, or a time: 30d, 2026-10-01 (default: the beginning)')
    .option('--points <n>', 'at how many times it is counted, now among them', wholeNumber, 12)
    .option('--html <file>', 'write a page with charts')
    .option('--markdown <file>', 'write Markdown')
    .action(async (flags: GuardFlags & ProgressFlags) =>
      done(await (await import('./guard-progress-verb.ts')).progressVerb(host, flags)),
    );
}

function addBefore(guard: Command, { host, done }: GuardParts): void {
  add(guard, host, 'hook')
    .option('--stdin', 'read the diff from stdin; it does so anyway')
    .action(async (flags: GuardFlags) => done(await (await moves()).hookVerb(host, flags)));
  add(guard, host, 'watch')
    .option('--poll', 'look at the files every few seconds, where they cannot be listened to')
    .action(async (flags: GuardFlags & WatchFlags) =>
      done(await (await import('./guard-watch-verb.ts')).watchVerb(host, flags)),
    );
  add(guard, host, 'mcp').action(async (flags: GuardFlags) => done(await (await moves()).mcpVerb(host, flags)));
}

function formats(...names: readonly string[]): Option {
  return new Option('--format <name>', 'how it is told').choices(names).default('text').conflicts('json');
}

/** Adds a command with what all of them have: where, how it is printed, what to try, and what it ends with. */
function add(parent: Command, host: Host, name: GuardVerb): Command {
  const { group, does, takes = [], tries, exits, isDefault = false } = guardVerbs[name];
  const command = parent.command(name, { isDefault }).description(does).helpGroup(group);
  for (const [argument, meaning] of takes) command.argument(argument, meaning);
  const lines = tries.map((line) => `  ${asTyped(line, host.program)}\n`);
  return addOutput(
    command
      .option('--root <dir>', 'the code base (default: the nearest folder up with a guard.json, else this one)')
      .option('--no-cache', 'read every file anew'),
  ).addHelpText('after', `\nTry:\n${lines.join('')}\n${exits}`);
}

/**
 * Runs a command line of the guard alone, without what the other commands load. Returns its exit code; throws nothing.
 * What can't be understood ends in 2, and what can't be read, or fails in the guard itself, in 3: neither is clean.
 */
export async function runGuardLine(host: Host, argv: readonly string[]): Promise<number> {
  let code: number = exitCodes.ok;
  const program = new CommandOf('cantus')
    .helpOption('-h, --help', 'this help')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.out.write(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => (host.out.tty ? host.out.columns : helpColumns),
    });
  addGuard(program, { host, done: (ended) => (code = ended) });
  try {
    refuseUnknownCommand(program, argv);
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (thrown) {
    const line = { argv, program };
    if (thrown instanceof CommanderError) return tellCommanderError(host, line, thrown);
    return tellError(host, line, thrown) === exitCodes.usage ? exitCodes.usage : unreadCode;
  }
}

/** Help that nobody reads on a terminal is as wide as most terminals. */
const helpColumns = 80;

/** As `guardExitCodes.unread`, which is not loaded here. */
const unreadCode = 3;
