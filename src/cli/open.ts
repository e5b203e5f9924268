/**
 * Opens the data folder for a command: to read, or to work. The one place where the command line picks a store and
 * models and makes an engine.
 *
 * OP1  A command that only reads takes up no unfinished run and makes no folder.
 * OP2  The folder is locked before anything of a command is done, and nothing is taken up before the command is sound.
 */
import { silentLog, type Log, type LogFacts } from '../core/log.ts';
import type { App, AppServes } from '../agents/app.ts';
import { createEngine, type Engine } from '../engine/create-engine.ts';
import type { UserDoor } from '../engine/user-door.ts';
import type { Store } from '../journal/store.ts';
import { detectModel, type Detected } from '../models/detect.ts';
import { memory } from '../stores/memory.ts';
import type { Host } from './host.ts';
import { identityOf, placeOf, type Identity, type Place } from './place.ts';
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

/** As a POSIX shell reads it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./<>|-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

export type OpenPlace = {
  readonly place: Place;
  readonly identity: Identity;
  readonly store: Store;
};

/** Opens the folder's store, works with it, and closes it whatever happens. */
export async function withStore<T>(cli: Cli, toDo: 'read' | 'work', work: (open: OpenPlace) => Promise<T>): Promise<T> {
  const identity = identityOf(cli.host, cli.options);
  const place = placeOf(cli.host, cli.options);
  try {
    // Looking into a folder that isn't there must not make it.
    const store = toDo === 'read' && place.isNew ? memory() : place.openStore();
    await store.open();
    try {
      return await work({ place, identity, store });
    } finally {
      await store.close();
    }
  } finally {
    place.leave();
  }
}

/** Reads through the user's door (OP1). */
export async function read<T>({ store, identity }: OpenPlace, work: (door: UserDoor) => Promise<T>): Promise<T> {
  const engine = await createEngine({ store, readOnly: true });
  try {
    return await work(engine.as(identity.principal));
  } finally {
    await engine.close();
  }
}

/** The model of an app by the name `default`, and why it is that one. */
export async function chooseModel(host: Host, app: App): Promise<Detected> {
  return detectModel({ env: host.env, configured: app.models['default'], rules: app.rules });
}

export type WorkParts = { readonly app: App; readonly serves: AppServes; readonly model: Detected };

/** Makes the engine, which takes up what is unfinished. Whoever makes it closes it. */
export async function openEngine(cli: Cli, { store }: OpenPlace, parts: WorkParts): Promise<Engine> {
  const { app, serves, model } = parts;
  return createEngine({
    store,
    agents: serves.agents ?? [],
    workflows: serves.workflows ?? [],
    models: { default: model.model, ...app.models },
    log: cli.options.debug === true ? logTo(cli.screen) : silentLog,
  });
}

function logTo(screen: Screen): Log {
  const tell =
    (level: string) =>
    (message: string, facts: LogFacts = {}): void =>
      screen.warn(`[${level}] ${message} ${JSON.stringify(facts)}`);
  return { info: tell('info'), warn: tell('warn'), error: tell('error') };
}
