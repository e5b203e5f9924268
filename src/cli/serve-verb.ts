/**
 * `cantus serve`: the page, the API and the commands of this machine, on one engine that owns the data folder.
 *
 * SV1  The first signal to stop drains: nothing new is taken, runs under way get their grace, and what is left goes on
 *      at the next start. A second one leaves at once.
 * SV2  Developer mode lets everybody in, so it listens where nobody else is: on the loopback interface.
 */
import { createServer as createListener } from 'node:net';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError, EngineError, ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Log } from '../core/log.ts';
import type { Engine } from '../engine/create-engine.ts';
import { defaultRunnable } from '../agents/ask.ts';
import { accounts } from '../server/accounts/accounts.ts';
import { createServer, type CantusServer } from '../server/create-server.ts';
import { developer } from '../server/developer.ts';
import { isLoopback } from '../server/listener.ts';
import type { LoginSource } from '../server/login.ts';
import type { FoundApp } from './app-file.ts';
import { commandLine, type Cli } from './cli.ts';
import { endingDisabled } from './ended-logins.ts';
import { exitCodes } from './exit-codes.ts';
import type { Stop } from './host.ts';
import { prepareLocalSocket } from './local-socket.ts';
import { lineLog, type LogForm } from './log-lines.ts';
import { chooseModel, openEngine, type WorkParts } from './open.ts';
import { identityOf, placeOf, type Place } from './place.ts';
import { modelWords } from '../agents/model.ts';
import { runsTakenUp } from '../engine/node.ts';
import { tellMany } from '../core/units.ts';

export type ServeOptions = {
  readonly host: string;
  readonly port: number;
  /** Everybody who reaches it is one user. */
  readonly dev: boolean;
  readonly origins: readonly string[];
  readonly proxies: number;
  readonly page: boolean;
  readonly log?: LogForm;
  readonly graceSeconds?: number;
};

/** Serves until it is told to stop. Returns the exit code. */
export async function serveVerb(cli: Cli, found: FoundApp, options: ServeOptions): Promise<number> {
  const login = loginOf(cli, options);
  const place = placeOf(cli.host, cli.options);
  const log = lineLog(cli.host.err, cli.host.clock, {
    form: options.log ?? 'text',
    troubleOnly: options.log === undefined,
  });
  const stops = hearStops(cli);
  const store = place.openStore();
  try {
    await store.open();
    const serves = await found.app.serve({ folder: place.folder });
    const parts = { app: found.app, serves, model: await chooseModel(cli.host, found.app) };
    const taken = { runs: 0 };
    const engine = await openEngine(cli, store, parts, hearingRuns(log, taken));
    try {
      const source = login.open(place.folder, log);
      const serving = { cli, found, place, parts, engine, login: { ...login, source }, log, options, taken };
      try {
        return await serve(serving, stops);
      } finally {
        source.close?.();
      }
    } finally {
      // Whatever ended it, the journal is closed in order; once more does nothing.
      await engine.close();
    }
  } finally {
    stops.end();
    await store.close();
    place.leave();
  }
}

type Serving = {
  readonly cli: Cli;
  readonly found: FoundApp;
  readonly place: Place;
  readonly parts: WorkParts;
  readonly engine: Engine;
  readonly login: OpenLogin;
  readonly log: Log;
  readonly options: ServeOptions;
  /** Unfinished runs of an earlier process. */
  readonly taken: { readonly runs: number };
};

/** The engine says once, as it opens, how many runs go on. */
function hearingRuns(log: Log, taken: { runs: number }): Log {
  return {
    ...log,
    info(message, facts) {
      if (message === runsTakenUp) taken.runs = Number(facts?.['runs'] ?? 0);
      log.info(message, facts);
    },
  };
}

async function serve(serving: Serving, stops: Stops): Promise<number> {
  const { cli, engine, options } = serving;
  const server = await listen(serving);
  tellReady(serving, server);
  const graceMs = options.graceSeconds === undefined ? limits.drainMs : options.graceSeconds * 1_000;
  await stops.first;
  cli.screen.remark(`Stopping: runs under way have ${graceMs / 1_000} s to end. Once more leaves at once.`);
  const drained = server
    .drain()
    .then(() => engine.close({ graceMs }))
    .then(() => server.close())
    .then(() => undefined);
  const forced = await Promise.race([drained, stops.second]);
  if (forced !== undefined) {
    cli.screen.warn('Left at once. What is unfinished goes on at the next start.');
    cli.host.leave(codes[forced]);
  }
  cli.screen.remark('Stopped. What is unfinished goes on at the next start.');
  return exitCodes.ok;
}

const codes: Readonly<Record<Stop, number>> = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.hangup,
  SIGPIPE: exitCodes.brokenPipe,
};

type Stops = { readonly first: Promise<Stop>; readonly second: Promise<Stop>; end(): void };

/** SV1. That nobody reads what is printed is no reason to stop serving. */
function hearStops({ host }: Cli): Stops {
  const [first, second] = [Promise.withResolvers<Stop>(), Promise.withResolvers<Stop>()];
  let count = 0;
  const end = host.onStop((stop) => {
    if (stop === 'SIGPIPE') return;
    count += 1;
    if (count === 1) first.resolve(stop);
    else second.resolve(stop);
  });
  return { first: first.promise, second: second.promise, end };
}

// --- login -----------------------------------------------------------------------------------------------------------

type LoginChoice = {
  /** For the first lines. */
  readonly words: string;
  open(
    folder: string,
    log: Log,
  ): LoginSource & { setUpCode?(): string | undefined; users?(): readonly { readonly user: string }[] };
};

type OpenLogin = LoginChoice & { readonly source: ReturnType<LoginChoice['open']> };

function loginOf(cli: Cli, { dev, host: address }: ServeOptions): LoginChoice {
  const { host } = cli;
  if (!dev)
    return {
      words: 'accounts in the data folder',
      open: (folder, log) => endingDisabled(accounts({ folder, log }), host.clock),
    };
  // SV2
  if (!isLoopback(address))
    throw new ValidationError(`Developer mode lets everybody in, so it can't listen on ${address}.`, {
      hint: 'Leave --dev out to serve with accounts, or leave --host out.',
    });
  const { principal, how } = identityOf(host, cli.options);
  return {
    words: `none: everybody on this machine is ${principal.user} (${how}); without --dev people log in`,
    open: () => developer(principal),
  };
}

// --- listening -------------------------------------------------------------------------------------------------------

async function listen({ cli, place, parts, engine, login, log, options }: Serving): Promise<CantusServer> {
  const { host, port, origins, proxies } = options;
  const { id, kind } = parts.model.model;
  try {
    return await createServer({
      engine,
      app: parts.app,
      serves: parts.serves,
      model: { id, kind, why: parts.model.why },
      folder: place.folder,
      login: login.source,
      host,
      port,
      origins,
      proxies,
      ...(place.isKept ? { localSocket: prepareLocalSocket(place.folder) } : {}),
      ...(options.page ? { assets: cli.host.pageFolder } : {}),
      log,
      clock: cli.host.clock,
    });
  } catch (thrown) {
    if (EngineError.is(thrown) && (thrown.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE')
      throw await takenPort(thrown, options);
    throw thrown;
  }
}

const portsTried = 20;

async function takenPort(thrown: EngineError, { host, port }: ServeOptions): Promise<EngineError> {
  for (let next = port + 1; next <= Math.min(65_535, port + portsTried); next++)
    if (await isFree(host, next))
      return new ConflictError(`Port ${port} of ${host} is in use.`, {
        hint: `Port ${next} is free: --port ${next}. Or stop what uses ${port}.`,
      });
  return thrown;
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createListener();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

// --- the first lines -------------------------------------------------------------------------------------------------

function tellReady(serving: Serving, server: CantusServer): void {
  const { cli, found, place, parts, login, taken } = serving;
  const { screen, host } = cli;
  const code = login.source.setUpCode?.();
  const page = code === undefined ? server.url : `${server.url}/#setup=${code}`;
  if (cli.options.json === true) screen.give(JSON.stringify(readyDocument({ server, page, place, parts, login })));
  screen.remark(`${screen.paint('bold', `cantus ${host.version}`)}  ${found.file ?? found.app.name}`);
  for (const line of pageLines(serving, page)) screen.remark(line);
  screen.remark(`  data   ${place.shown}`);
  screen.remark(`  model  ${modelWords(parts.model.model.id)} (${parts.model.why})`);
  screen.remark(`  login  ${login.words}`);
  if (taken.runs > 0)
    screen.remark(`  runs   ${tellMany(taken.runs, 'unfinished run')} taken up: they go on, or wait as before`);
  screen.remark();
  for (const line of tryLines(serving)) screen.remark(line);
}

function pageLines({ cli: { screen, host }, options }: Serving, page: string): readonly string[] {
  const address = screen.paint('cyan', page);
  if (!options.page) return [`  API    ${address}`];
  if (!existsSync(join(host.pageFolder, 'index.html')))
    return [`  API    ${address}`, '         the page is not built here: npm run build'];
  const first = page.includes('#setup=')
    ? ['         open it to make the first account; its code is good for once']
    : [];
  return [`  page   ${address}`, ...first];
}

/** A command is for who is named; on the page that is an account, so the line names one. */
function tryLines({ cli, parts, place, login }: Serving): readonly string[] {
  const [sample] = parts.app.samples;
  const stop = 'Ctrl-C stops it; runs go on at the next start.';
  if (!place.isKept || sample === undefined || !canBeAsked(parts)) return [stop];
  const known = login.source.users?.();
  const isNamed = known === undefined || cli.options.user !== undefined;
  const asking = isNamed ? cli : { ...cli, options: { ...cli.options, user: known[0]?.user ?? 'NAME' } };
  const whose = isNamed ? '' : ' (--user names the account, whose page shows it)';
  return [`Ask it from here too, in another terminal: ${commandLine(asking, 'run', sample)}${whose}`, stop];
}

/** Is it known what a question without a name is for? */
function canBeAsked({ app, serves }: Serving['parts']): boolean {
  try {
    defaultRunnable(app, serves);
    return true;
  } catch {
    return false;
  }
}

type Ready = Pick<Serving, 'place' | 'parts' | 'login'> & { readonly server: CantusServer; readonly page: string };

/** The one line of `--json`, for programs that wait until it listens. */
function readyDocument({ server, page, place, parts, login }: Ready): Record<string, unknown> {
  const { id, kind } = parts.model.model;
  return {
    url: server.url,
    page,
    host: server.address.host,
    port: server.address.port,
    folder: place.folder,
    model: { id, kind, why: parts.model.why },
    login: login.source.mode,
    pid: process.pid,
  };
}
