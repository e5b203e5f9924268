/** Where a question is put: to the app, in this process, or to the server that owns the folder. */
import { ValidationError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { nearestName } from '../core/names.ts';
import type { AppOptionValues } from '../agents/app.ts';
import { defaultRunnable, prepareInput, runnableNamed, startName, unknownRunnable } from '../agents/ask.ts';
import type { RemoteDoor } from '../client/remote-door.ts';
import type { RunHandle } from '../engine/run-handle.ts';
import type { AppInfo } from '../protocol/operations.ts';
import { previousInput } from '../server/ask.ts';
import type { FoundApp } from './app-file.ts';
import { tellUnfinished } from './go-on.ts';
import type { Cli } from './cli.ts';
import { chooseModel, type OwnPlace, type ServerPlace, type Working } from './open.ts';
import { oneLine } from '../core/plain-text.ts';
import { modelWords } from '../agents/model.ts';
import type { Menu, Named, Target } from './target.ts';
import { readUserFile } from './user-file.ts';

/** How a run is started, apart from what it is of. */
export type AskOptions = {
  readonly thread?: string;
  readonly key?: string;
  /** Seconds. */
  readonly timeout?: number;
  /** The workflow's whole input, instead of what the app makes of the question. */
  readonly input?: unknown;
  /** What was given for the options of the app. */
  readonly own: AppOptionValues;
};

export type Desk = {
  readonly menu: Menu;
  /** For the first lines: what is served, and which model answers. */
  readonly name: string;
  readonly model: string;
  /** Starts a run, and tells the notes of the app. Whoever asked closes what is given back. */
  start(target: Target, options: AskOptions): Promise<{ readonly run: RunHandle; readonly working: Working }>;
};

/** The app, in this process. */
export async function ownDesk(cli: Cli, { app, file }: FoundApp, open: OwnPlace): Promise<Desk> {
  const { host } = cli;
  const { folder } = open.place;
  const serves = await app.serve({ folder });
  const model = await chooseModel(host, app);
  return {
    menu: {
      samples: app.samples,
      named: (name) => runnableNamed(serves, name),
      standard: () => defaultRunnable(app, serves),
      unknown: (name) => unknownRunnable(name, serves),
    },
    name: file ?? app.name,
    model: `${modelWords(model.model.id)} (${model.why})`,
    async start(target, { own, input: given, ...options }) {
      const runnable = runnableNamed(serves, target.name);
      if (runnable === undefined) throw unknownRunnable(target.name, serves);
      const prepared = await prepareInput(app, {
        runnable,
        question: target.question,
        ...(given === undefined ? {} : { input: given }),
        options: own,
        user: open.identity.principal,
        folder,
        now: host.clock.now(),
        previous: await open.read((door) => previousInput(door, options.thread, runnable)),
        readFile: (path) => readUserFile(host.folder, path),
      });
      tellNotes(cli, prepared.notes);
      const working = await open.work(async () => ({ app, serves, model }));
      try {
        await tellUnfinished(cli, working.door);
        const run = await working.door.start(startName(runnable), prepared.input, startOptions(target, options));
        return { run, working };
      } catch (thrown) {
        await working.close();
        throw thrown;
      }
    },
  };
}

/** A server: files go to it, and it makes the input. */
export async function serverDesk(cli: Cli, open: ServerPlace): Promise<Desk> {
  const door = open.server;
  const info = await door.app();
  return {
    menu: menuOf(info),
    name: info.name,
    model: `${modelWords(info.model.id)} (${info.model.why})`,
    async start({ name, question }, { own, input, thread, key, timeout }) {
      const options = await uploaded(cli, door, info, own);
      const run = await door.start(
        name === '' ? undefined : name,
        { question, ...(input === undefined ? { options } : { input: input as Json }) },
        {
          ...(thread === undefined ? {} : { thread }),
          ...(key === undefined ? {} : { key }),
          ...(timeout === undefined ? {} : { deadlineMs: timeout * 1_000 }),
        },
      );
      tellNotes(cli, run.notes);
      return { run, working: await open.work() };
    },
  };
}

function menuOf({ serves, samples, default: standard }: AppInfo): Menu {
  const named = (name: string): Named | undefined => serves.find((one) => one.name === name);
  const names = serves.map(({ name }) => name);
  return {
    samples,
    named,
    // A server that serves several without a standard one says so itself when it is asked.
    standard: () => named(standard ?? '') ?? { name: '', kind: 'workflow' },
    unknown(name) {
      const near = nearestName(name, names);
      const there = `There are: ${names.join(', ')}.`;
      return new ValidationError(`There is no workflow or agent "${name}" at the server.`, {
        hint: near === undefined ? there : `Did you mean "${near}"? ${there}`,
      });
    },
  };
}

/** Options that name files of this machine are those files, put on the server. */
async function uploaded(
  { host }: Cli,
  door: RemoteDoor,
  { options }: AppInfo,
  own: AppOptionValues,
): Promise<AppOptionValues> {
  const put = async (path: string): Promise<string> =>
    (await door.upload(await readUserFile(host.folder, path), path)).file;
  const values: Record<string, AppOptionValues[string]> = {};
  for (const [name, value] of Object.entries(own)) {
    const isFile = options.some((option) => option.name === name && option.kind === 'file');
    if (!isFile || value === true) values[name] = value;
    else values[name] = typeof value === 'string' ? await put(value) : await Promise.all(value.map(put));
  }
  return values;
}

function tellNotes({ screen }: Cli, notes: readonly string[] = []): void {
  for (const note of notes) screen.remark(`  ${oneLine(note)}`);
}

function startOptions({ question }: Target, { thread, key, timeout }: Omit<AskOptions, 'own' | 'input'>) {
  return {
    ...(thread === undefined ? {} : { thread }),
    ...(key === undefined ? {} : { key }),
    ...(timeout === undefined ? {} : { deadlineMs: timeout * 1_000 }),
    ...(question === '' ? {} : { message: question }),
  };
}
