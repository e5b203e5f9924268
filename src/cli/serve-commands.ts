/** The commands of whoever runs a server: `serve`, `users` and `token`; and `start`, which is one of two. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { FoundApp } from './app-file.ts';
import { addCommon, addOutput, cliOf, several, wholeNumber } from './common-options.ts';
import type { CommonOptions } from './cli.ts';
import type { Host } from './host.ts';

export type ServingParts = {
  readonly host: Host;
  readonly app: () => Promise<FoundApp>;
  readonly done: (code: number) => void;
};

type ServeFlags = CommonOptions & {
  readonly host: string;
  readonly port: number;
  readonly dev?: true;
  readonly origin?: readonly string[];
  readonly proxies: number;
  readonly page: boolean;
  readonly log?: 'json' | 'text';
  readonly grace?: number;
};

const standardPort = 4310;

export function addServing(program: Command, parts: ServingParts): void {
  const { host, app, done } = parts;
  addCommon(program.command('serve').description('serve the page and the API for all users, and run for them'))
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <n>', 'where it listens; 0 finds a free one', portNumber, standardPort)
    .option('--dev', 'nobody logs in: everybody on this machine is you (or --user)')
    .option('--origin <url>', 'a name by which it is reached, or a site whose pages may use it', several)
    .option('--proxies <n>', 'proxies of yours in front of it, which say for whom they ask', wholeNumber, 0)
    .option('--no-page', 'the API alone')
    .addOption(new Option('--log <form>', 'log every request too, a line each').choices(['text', 'json']))
    .option('--grace <seconds>', 'how long runs may go on when it is told to stop (default: 10)', wholeNumber)
    .option('--memory', 'keep nothing')
    .action(async (flags: ServeFlags) => {
      // The server is loaded for this command alone: the others start sooner without it.
      const { serveVerb } = await import('./serve-verb.ts');
      const { origin = [], dev = false, grace, ...rest } = flags;
      const more = grace === undefined ? {} : { graceSeconds: grace };
      done(await serveVerb(cliOf(host, flags), await app(), { ...rest, ...more, dev, origins: origin }));
    });
  addStart(program, host);
  addUsers(program, parts);
  addTokens(program, parts);
  addCopies(program, parts);
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('It takes a number up to 65535.');
}

// Loaded for these commands alone.
const accountVerbs = () => import('./users-verb.ts');
const copyVerbs = () => import('./backup-verb.ts');

function addUsers(program: Command, { host, done }: ServingParts): void {
  const users = program.command('users').description('the accounts of a server');
  addPlace(users.command('list', { isDefault: true }).description('all accounts')).action(
    async (flags: CommonOptions) => done(await (await accountVerbs()).listUsers(cliOf(host, flags))),
  );
  addPlace(users.command('invite').description('a code with which one person makes an account'))
    .option('--role <name>', 'what the person may do; several times for several. "admin" may invite others', several)
    .action(async (flags: CommonOptions) => done(await (await accountVerbs()).inviteUser(cliOf(host, flags))));
  addPlace(
    users.command('disable').argument('<name>').description('end what an account has open; it can not log in'),
  ).action(async (name: string, flags: CommonOptions) =>
    done(await (await accountVerbs()).disableUser(cliOf(host, flags), name)),
  );
  addPlace(users.command('enable').argument('<name>').description('let a disabled account log in again')).action(
    async (name: string, flags: CommonOptions) =>
      done(await (await accountVerbs()).enableUser(cliOf(host, flags), name)),
  );
  addPlace(
    users.command('password').argument('<name>').description('a password for who has forgotten theirs, shown once'),
  ).action(async (name: string, flags: CommonOptions) =>
    done(await (await accountVerbs()).givePassword(cliOf(host, flags), name)),
  );
}

function addTokens(program: Command, { host, done }: ServingParts): void {
  const token = program.command('token').description('tokens with which programs act as an account');
  addPlace(token.command('add').argument('<label>').description('a new token, shown once'))
    .requiredOption('--user <name>', 'whose it is')
    .option('--days <n>', 'for how long it is good (default: until it is revoked)', wholeNumber)
    .action(async (label: string, flags: CommonOptions & { readonly user: string; readonly days?: number }) =>
      done(await (await accountVerbs()).addToken(cliOf(host, flags), { user: flags.user, label, days: flags.days })),
    );
  addPlace(token.command('list').description("an account's tokens, without what they open"))
    .requiredOption('--user <name>', 'whose they are')
    .action(async (flags: CommonOptions & { readonly user: string }) =>
      done(await (await accountVerbs()).listTokens(cliOf(host, flags), flags.user)),
    );
  addPlace(token.command('revoke').argument('<id>').description('end a token'))
    .requiredOption('--user <name>', 'whose it is')
    .action(async (id: string, flags: CommonOptions & { readonly user: string }) =>
      done(await (await accountVerbs()).revokeToken(cliOf(host, flags), flags.user, id)),
    );
}

function addCopies(program: Command, { host, done }: ServingParts): void {
  addPlace(program.command('backup').argument('<dir>').description('copy the data folder, beside a server too')).action(
    async (target: string, flags: CommonOptions) => done((await copyVerbs()).backupVerb(cliOf(host, flags), target)),
  );
  addPlace(program.command('restore').argument('<dir>').description('make the data folder of a backup'))
    .option('--replace', 'also where something is in the folder, which is kept beside it')
    .option('--end-tokens', 'tokens end, as logins do')
    .action(async (backup: string, flags: CommonOptions & { readonly replace?: true; readonly endTokens?: true }) => {
      const { replace = false, endTokens = false } = flags;
      done((await copyVerbs()).restoreVerb(cliOf(host, flags), backup, { replace, endTokens }));
    });
}

function addPlace(command: Command): Command {
  return addOutput(command.option('--folder <dir>', 'the data folder (default: CANTUS_FOLDER, else .cantus here)'));
}

// --- start -----------------------------------------------------------------------------------------------------------

/** It stands here for its help alone: `startWords` makes one of the two of it before anything is parsed. */
function addStart(program: Command, { program: name }: Host): void {
  program
    .command('start')
    .argument('[question]', 'in quotes')
    .usage('[question] [options]')
    .description('`run` where something is asked, else `serve`; it is what `npm start` is')
    .addHelpText('after', `\nIt takes the options of both: see \`${name} run --help\` and \`${name} serve --help\`.`);
}

const helpFlags: ReadonlySet<string> = new Set(['--help', '-h']);
const ofServing: ReadonlySet<string> = new Set([
  '--host',
  '--port',
  '--dev',
  '--origin',
  '--proxies',
  '--no-page',
  '--log',
  '--grace',
]);
const ofBoth: ReadonlySet<string> = new Set(['--json', '--quiet', '--no-color', '--debug', '--memory', ...helpFlags]);
const ofBothWithValue: ReadonlySet<string> = new Set(['--user', '--tenant', '--role', '--folder']);

/**
 * What `start` stands for: `run` where something is asked, else `serve`. It is what `npm start` is.
 *
 * @example
 * startWords(['start', 'How many?']); // ['run', 'How many?']
 * startWords(['start', '--port', '80']); // ['serve', '--port', '80']
 */
export function startWords(argv: readonly string[]): readonly string[] {
  if (argv[0] !== 'start') return argv;
  const rest = argv.slice(1);
  if (rest.length === 1 && helpFlags.has(rest[0] ?? '')) return argv;
  return [isServing(rest) ? 'serve' : 'run', ...rest];
}

function isServing(words: readonly string[]): boolean {
  for (let at = 0; at < words.length; at++) {
    const [flag = '', value] = (words[at] ?? '').split('=', 2);
    if (ofServing.has(flag)) return true;
    if (ofBothWithValue.has(flag)) at += value === undefined ? 1 : 0;
    else if (!ofBoth.has(flag)) return false;
  }
  return true;
}
