/**
 * Opens the data folder for a command: as its owner for as long as the command takes, or through the server that owns
 * it already. A command doesn't know which. The one place where the command line picks a store and models and makes an
 * engine.
 *
 * OP1  A command that only reads takes up no unfinished run and makes no folder.
 * OP2  The folder is locked before anything of a command is done, and nothing is taken up before the command is sound.
 * OP3  A folder that a server owns is never opened beside it: commands ask the server, as the user they are for.
 */
import { EngineError } from '../core/errors.ts';
import { silentLog, type Log, type LogFacts } from '../core/log.ts';
import type { App, AppServes } from '../agents/app.ts';
import type { RemoteDoor } from '../client/remote-door.ts';
import type { Transport } from '../client/transport.ts';
import { createEngine, type Engine } from '../engine/create-engine.ts';
import type { UserDoor } from '../engine/user-door.ts';
import type { Store } from '../journal/store.ts';
import { detectModel, type Detected } from '../models/detect.ts';
import { memory } from '../stores/memory.ts';
import type { FoundApp } from './app-file.ts';
import type { Host } from './host.ts';
import { listeningAt } from './local-socket.ts';
import { appWords, serverWords, type Words } from './words.ts';
import type { Cli } from './cli.ts';
import { identityOf, placeOf, type Identity, type Place } from './place.ts';
import type { Screen } from './screen.ts';

/** What commands need of a user's door: the engine's has it, and the client's of a server. */
export type VerbDoor = Pick<UserDoor, 'run' | 'runs' | 'value'>;

type Common = {
  readonly place: Place;
  readonly identity: Identity;
  /** Looks, and changes nothing (OP1). */
  read<T>(work: (door: VerbDoor) => Promise<T>): Promise<T>;
  /** Answers for people. */
  words(app: () => Promise<FoundApp>): Words;
};

/** A folder that this command owns while it takes. */
export type OwnPlace = Common & {
  readonly server?: never;
  /** Takes up unfinished runs. Whoever calls it closes it. */
  work(loaded: () => Promise<WorkParts>): Promise<Working<UserDoor>>;
};

/** A folder that a server owns: unfinished runs go on there anyway, and it needs nothing loaded here. */
export type ServerPlace = Common & {
  readonly server: RemoteDoor;
  work(): Promise<Working>;
};

/** A folder, for one user, as a command has it. */
export type OpenPlace = OwnPlace | ServerPlace;

export type Working<Door extends VerbDoor = VerbDoor> = {
  readonly door: Door;
  close(options?: { readonly graceMs?: number }): Promise<void>;
};

export type WorkParts = { readonly app: App; readonly serves: AppServes; readonly model: Detected };

/** Opens the folder, works with it, and closes it whatever happens. */
export async function withPlace<T>(cli: Cli, toDo: 'read' | 'work', work: (open: OpenPlace) => Promise<T>): Promise<T> {
  const identity = identityOf(cli.host, cli.options);
  const place = placeOf(cli.host, cli.options);
  try {
    const socket = place.isKept ? await listeningAt(place.folder) : undefined;
    if (socket !== undefined) return await withServer(cli, { socket, place, identity }, work);
    // Looking into a folder that isn't there must not make it.
    const store = toDo === 'read' && place.isNew ? memory() : place.openStore();
    try {
      await store.open();
    } catch (thrown) {
      const began = EngineError.is(thrown) && thrown.code === 'store_locked' ? await beginning(cli, place) : undefined;
      if (began === undefined) throw thrown;
      return await withServer(cli, { socket: began, place, identity }, work);
    }
    try {
      return await work(ownPlace(cli, { place, identity }, store));
    } finally {
      await store.close();
    }
  } finally {
    place.leave();
  }
}

type Where = Pick<Common, 'place' | 'identity'>;

const beginMs = 50;
const beginTries = 10;

/** A server has the lock for a moment before it listens. */
async function beginning({ host }: Cli, { folder }: Place): Promise<string | undefined> {
  for (let tries = 0; tries < beginTries; tries++) {
    const socket = await listeningAt(folder);
    if (socket !== undefined) return socket;
    await new Promise<void>((resolve) => void host.clock.after(beginMs, resolve));
  }
  return undefined;
}

/** OP3 */
async function withServer<T>(
  cli: Cli,
  { socket, ...where }: Where & { readonly socket: string },
  work: (open: OpenPlace) => Promise<T>,
): Promise<T> {
  // Loaded where there is a server alone: without one, commands start sooner.
  const [{ connect }, { localTransport, localUrl }] = await Promise.all([
    import('../client/connect.ts'),
    import('./local-transport.ts'),
  ]);
  const transport = tellingAway(cli, localTransport(socket, where.identity.principal));
  const connection = connect({ url: localUrl, transport });
  const { door } = connection;
  try {
    return await work({
      ...where,
      server: door,
      read: (look) => look(door),
      work: async () => ({ door, close: async () => undefined }),
      words: () => serverWords(door),
    });
  } finally {
    connection.close();
  }
}

/** The client asks again until the server is back, however long that takes: whoever waits is told so. */
function tellingAway({ screen }: Cli, transport: Transport): Transport {
  let isAway = false;
  return {
    ...transport,
    async fetch(url, init) {
      try {
        const response = await transport.fetch(url, init);
        if (isAway) screen.remark('The server is back.');
        isAway = false;
        return response;
      } catch (thrown) {
        if (!isAway && init.signal?.aborted !== true)
          screen.warn('The server is away. It is asked again until it is back; Ctrl-C twice leaves.');
        isAway = true;
        throw thrown;
      }
    },
  };
}

function ownPlace(cli: Cli, where: Where, store: Store): OwnPlace {
  const { principal } = where.identity;
  return {
    ...where,
    async read(look) {
      const engine = await createEngine({ store, readOnly: true });
      try {
        return await look(engine.as(principal));
      } finally {
        await engine.close();
      }
    },
    async work(loaded) {
      const engine = await openEngine(cli, store, await loaded());
      return { door: engine.as(principal), close: (options) => engine.close(options) };
    },
    words: (app) => appWords(cli, app),
  };
}

/** The model of an app by the name `default`, and why it is that one. */
export async function chooseModel(host: Host, app: App): Promise<Detected> {
  return detectModel({ env: host.env, configured: app.models['default'], rules: app.rules });
}

/** Makes the engine, which takes up what is unfinished. Whoever makes it closes it. */
export async function openEngine(
  cli: Cli,
  store: Store,
  { app, serves, model }: WorkParts,
  log: Log = cli.options.debug === true ? logTo(cli.screen) : silentLog,
): Promise<Engine> {
  return createEngine({
    store,
    agents: serves.agents ?? [],
    workflows: serves.workflows ?? [],
    models: { default: model.model, ...app.models },
    log,
  });
}

function logTo(screen: Screen): Log {
  const tell =
    (level: string) =>
    (message: string, facts: LogFacts = {}): void =>
      screen.warn(`[${level}] ${message} ${JSON.stringify(facts)}`);
  return { info: tell('info'), warn: tell('warn'), error: tell('error') };
}
