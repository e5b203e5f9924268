/** The commands of the guard. What they do is loaded for them alone: it needs no engine, no app and no data folder. */
import { type Command, CommanderError, Command as CommandOf, Option } from 'commander';
import { tellCommanderError, tellError } from './command-trouble.ts';
import { addOutput, seconds, several, wholeNumber } from './common-options.ts';
import { exitCodes } from './exit-codes.ts';
import type { FixFlags } from './guard-fix-verb.ts';
import type { ProgressFlags } from './guard-progress-verb.ts';
import type { GuardFlags } from './guard-verb.ts';
import type { EmitTestsFlags } from './guard-tests-verb.ts';
import type { VerifyFlags } from './guard-verify-verb.ts';
import type { WatchFlags } from './guard-watch-verb.ts';
import type { Host } from './host.ts';

/** What the guard's commands end with; docs/guard.md and `--help` say the same. */
export const guardExitText = `Exit codes: 0 clean, 1 violations, 2 wrong command or configuration, 3 something
could not be read.`;

type GuardParts = { readonly host: Host; readonly done: (code: number) => void };

const verbs = () => import('./guard-verb.ts');
const moves = () => import('./guard-move-verbs.ts');

/** Adds `guard` and its commands. */
export function addGuard(program: Command, { host, done }: GuardParts): void {
  const guard = program
    .command('guard')
    .description('find rival implementations of one concept in a code base, and keep the one decided for')
    .addHelpText('after', `\n${guardExitText}\n`);
  addFinding(guard, { host, done });
  addDeciding(guard, { host, done });
  addChecking(guard, { host, done });
  addMoving(guard, { host, done });
  addFix(guard, { host, done });
  addVerify(guard, { host, done });
  addTests(guard, { host, done });
  addProgress(guard, { host, done });
  addBefore(guard, { host, done });
  addWatch(guard, { host, done });
  addServer(guard, { host, done });
}

function addFinding(guard: Command, { host, done }: GuardParts): void {
  addCommon(guard.command('scan', { isDefault: true }).description('concepts with more than one implementation'))
    .option('--all', 'also what is only possible, and what is declared or dismissed')
    .addOption(formats('text', 'json', 'sarif', 'markdown'))
    .action(async (flags: GuardFlags) => done(await (await verbs()).scanVerb(host, flags)));
  addCommon(
    guard.command('explain').argument('<concept>').description('why these belong together, and which to keep'),
  ).action(async (concept: string, flags: GuardFlags) => done(await (await verbs()).explainVerb(host, flags, concept)));
}

function addDeciding(guard: Command, { host, done }: GuardParts): void {
  addCommon(guard.command('init').description('write a first guard.json, which fails nothing yet')).action(
    async (flags: GuardFlags) => done(await (await verbs()).initVerb(host, flags)),
  );
  addCommon(guard.command('decide').argument('<concept>').argument('<unit>'))
    .description('declare the one implementation of a concept: its name, or PATH#NAME')
    .action(async (concept: string, unit: string, flags: GuardFlags) =>
      done(await (await verbs()).decideConcept(host, flags, { concept, unit })),
    );
  addCommon(guard.command('dismiss').argument('<concept>').description('say that these are no rivals'))
    .requiredOption('--why <text>', 'for whoever reads it in a year')
    .action(async (concept: string, flags: GuardFlags) =>
      done(await (await verbs()).dismissConcept(host, flags, concept)),
    );
}

function addChecking(guard: Command, { host, done }: GuardParts): void {
  addCommon(guard.command('check').description('hold the code base to guard.json; for CI'))
    .addOption(formats('text', 'json', 'sarif', 'github', 'markdown'))
    .option('--sarif <file>', 'write SARIF there too')
    .option('--markdown <file>', 'write Markdown there too')
    .action(async (flags: GuardFlags) => done(await (await verbs()).checkVerb(host, flags)));
  const baseline = guard.command('baseline').description('violations that were there before, and are to go');
  addCommon(baseline.command('list', { isDefault: true }).description('what it holds, and why')).action(
    async (flags: GuardFlags) => done(await (await verbs()).listBaseline(host, flags)),
  );
  addCommon(baseline.command('accept').argument('[concept]').description('take what fails now into it'))
    .requiredOption('--why <text>', 'why it may wait')
    .action(async (concept: string | undefined, flags: GuardFlags) =>
      done(await (await verbs()).acceptBaseline(host, flags, concept)),
    );
  addCommon(baseline.command('prune').description('take out what is found no more')).action(async (flags: GuardFlags) =>
    done(await (await verbs()).pruneBaseline(host, flags)),
  );
}

function addMoving(guard: Command, { host, done }: GuardParts): void {
  addCommon(guard.command('todo').argument('<concept>').description('what still uses another implementation')).action(
    async (concept: string, flags: GuardFlags) => done(await (await moves()).todoVerb(host, flags, concept)),
  );
}

function addFix(guard: Command, { host, done }: GuardParts): void {
  addCommon(guard.command('fix').argument('<concept>').description('move users of the others to the one that stays'))
    .option('--write', 'do it; without this it only shows what it would do')
    .option('--dirty', 'also where git has changes that are not committed')
    .option('--stubs', 'leave pointers, marked as deprecated, where the others were')
    .addOption(new Option('--remove', 'take out the others that nothing uses any more').conflicts('stubs'))
    .action(async (concept: string, flags: GuardFlags & FixFlags) =>
      done(await (await import('./guard-fix-verb.ts')).fixVerb(host, flags, concept)),
    );
}

function addVerify(guard: Command, { host, done }: GuardParts): void {
  addCommon(guard.command('verify').argument('[concept]'))
    .description(
      "run the project's own checks before and after a fix, or what is not committed, in a tree of their own",
    )
    .option('--run <command>', 'this check, and no other; several times for several', several)
    .option('--timeout <seconds>', 'for each check', seconds, 600)
    .option('--stubs', 'the fix leaves pointers')
    .addOption(new Option('--remove', 'the fix takes out what nothing uses any more').conflicts('stubs'))
    .action(async (concept: string | undefined, flags: GuardFlags & VerifyFlags) =>
      done(await (await import('./guard-verify-verb.ts')).verifyVerb(host, flags, concept)),
    );
}

function addTests(guard: Command, { host, done }: GuardParts): void {
  addCommon(guard.command('emit-tests').description('a test for each declared concept, which fails until there is one'))
    .addOption(
      new Option('--style <runner>', 'whose tests').choices(['node:test', 'vitest', 'pytest']).default('node:test'),
    )
    .option('--prove', 'run them instead: now, and with the fix made and the others taken out')
    .option('--timeout <seconds>', 'for each run', seconds, 120)
    .action(async (flags: GuardFlags & EmitTestsFlags) =>
      done(await (await import('./guard-tests-verb.ts')).emitTestsVerb(host, flags)),
    );
}

function addBefore(guard: Command, { host, done }: GuardParts): void {
  addCommon(guard.command('ask').argument('<words...>').description('does something like this exist already?')).action(
    async (words: readonly string[], flags: GuardFlags) =>
      done(await (await moves()).askVerb(host, flags, words.join(' '))),
  );
  addCommon(
    guard.command('hook').description('what a diff on stdin adds that exists already: `git diff | cantus guard hook`'),
  )
    .option('--stdin', 'read the diff from stdin; it does so anyway')
    .action(async (flags: GuardFlags) => done(await (await moves()).hookVerb(host, flags, await textOfStdin())));
}

function addWatch(guard: Command, { host, done }: GuardParts): void {
  addCommon(
    guard.command('watch').description('tell of each change, as it is written, what it adds that exists already'),
  )
    .option('--poll', 'look at the files every few seconds, where they cannot be listened to')
    .action(async (flags: GuardFlags & WatchFlags) =>
      done(await (await import('./guard-watch-verb.ts')).watchVerb(host, flags)),
    );
}

function addServer(guard: Command, { host, done }: GuardParts): void {
  addCommon(
    guard.command('mcp').description('serve an agent over MCP on stdin and stdout: it may look, and decide nothing'),
  ).action(async (flags: GuardFlags) => done(await (await moves()).mcpVerb(host, flags)));
}

function addProgress(guard: Command, { host, done }: GuardParts): void {
  addCommon(guard.command('progress').description('how far it has come, over the history that git has'))
    .option('--since <start>', 'a commit, branch or tag, or a time: 30d, 2026-10-01 (default: the beginning)')
    .option('--points <n>', 'at how many times it is counted, now among them', wholeNumber, 12)
    .option('--html <file>', 'write a page with charts')
    .option('--markdown <file>', 'write Markdown')
    .action(async (flags: GuardFlags & ProgressFlags) =>
      done(await (await import('./guard-progress-verb.ts')).progressVerb(host, flags)),
    );
}

async function textOfStdin(): Promise<string> {
  let text = '';
  for await (const part of process.stdin.setEncoding('utf8')) text += String(part);
  return text;
}

function formats(...names: readonly string[]): Option {
  return new Option('--format <name>', 'how it is told').choices(names).default('text').conflicts('json');
}

function addCommon(command: Command): Command {
  return addOutput(
    command
      .option('--root <dir>', 'the code base (default: the nearest folder up with a guard.json, else this one)')
      .option('--no-cache', 'read every file anew'),
  );
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
    .configureOutput({ writeOut: (text) => host.out.write(text), writeErr: () => undefined });
  addGuard(program, { host, done: (ended) => (code = ended) });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return tellCommanderError(host, argv, thrown);
    return tellError(host, argv, thrown) === exitCodes.usage ? exitCodes.usage : unreadCode;
  }
}

/** As `guardExitCodes.unread`, which is not loaded here. */
const unreadCode = 3;
