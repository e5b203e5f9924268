/** `cantus run [WORKFLOW|AGENT] [QUESTION]` */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EngineError, ValidationError } from '../core/errors.ts';
import type { App, AppOptionValues, AppServes, Prepared } from '../agents/app.ts';
import {
  defaultRunnable,
  prepareInput,
  runnableNamed,
  startName,
  unknownRunnable,
  type Runnable,
} from '../agents/ask.ts';
import type { FoundApp } from './app-file.ts';
import { shortId } from './find-run.ts';
import { goOn, tellUnfinished } from './go-on.ts';
import { chooseModel, commandLine, openEngine, withStore, type Cli, type OpenPlace } from './open.ts';
import { oneLine } from './plain-text.ts';
import { modelWords } from './step-words.ts';

export type RunOptions = {
  readonly thread?: string;
  readonly key?: string;
  /** Seconds. */
  readonly timeout?: number;
  /** JSON text, or `@` and a file that holds it. */
  readonly input?: string;
  /** What was given for the options of the app. */
  readonly own: AppOptionValues;
};

type Target = {
  readonly runnable: Runnable;
  readonly question: string;
  /** Nobody named it. */
  readonly byDefault: boolean;
};

export async function runVerb(
  cli: Cli,
  found: FoundApp,
  words: readonly string[],
  options: RunOptions,
): Promise<number> {
  const { app } = found;
  return withStore(cli, 'work', async (open) => {
    const serves = await app.serve({ folder: open.place.folder });
    const target = targetOf(app, serves, words, options.input !== undefined);
    const model = await chooseModel(cli.host, app);
    tellBanner(cli, found, open, `${modelWords(model.model.id)} (${model.why})`);
    const asked = target.byDefault && options.input === undefined ? withSample(cli, app, target) : target;
    const { input, notes = [] } = await inputOf(cli, open, asked, { ...options, app });
    for (const note of notes) cli.screen.remark(`  ${oneLine(note)}`);
    const engine = await openEngine(cli, open, { app, serves, model });
    const door = engine.as(open.identity.principal);
    await tellUnfinished(cli, door);
    const run = await door
      .start(startName(asked.runnable), input, startOptions(asked, options))
      .catch(async (thrown) => {
        await engine.close();
        throw withInputHint(thrown, asked, options);
      });
    tellStarted(cli, asked, run.id);
    const code = await goOn(cli, { app, engine, open, run, from: 0 });
    if (open.place.isNew && open.place.isKept) tellNext(cli, app, asked.runnable, run.id);
    return code;
  });
}

/** An input that was refused doesn't say how one is given. */
function withInputHint(thrown: unknown, { question }: Target, { input }: RunOptions): unknown {
  if (!EngineError.is(thrown) || thrown.code !== 'invalid_input' || thrown.hint !== undefined) return thrown;
  const whole = '--input JSON (or --input @FILE)';
  const hint =
    input !== undefined
      ? 'Mend what --input gives.'
      : question === ''
        ? `Give a question in quotes, or the whole input: ${whole}.`
        : `Mend the question, or give the whole input: ${whole}.`;
  return new ValidationError(thrown.message, { hint, cause: thrown });
}

function startOptions({ question }: Target, { thread, key, timeout }: RunOptions) {
  return {
    ...(thread === undefined ? {} : { thread }),
    ...(key === undefined ? {} : { key }),
    ...(timeout === undefined ? {} : { deadlineMs: timeout * 1_000 }),
    ...(question === '' ? {} : { message: question }),
  };
}

/** A single word is a name and is never taken for a question, so that a slip in a name isn't asked of a model. */
export function targetOf(app: App, serves: AppServes, words: readonly string[], hasInput = false): Target {
  const [first, second] = words;
  const named = first === undefined ? undefined : runnableNamed(serves, first);
  if (words.length > 2) throw tooManyWords(named === undefined ? words : words.slice(1));
  if (named !== undefined)
    return { runnable: named, question: checkedQuestion(named, second, hasInput), byDefault: false };
  if (first !== undefined && (second !== undefined || /^[\w.-]+$/.test(first))) throw unknownRunnable(first, serves);
  const runnable = defaultRunnable(app, serves);
  const question = checkedQuestion(runnable, first, hasInput || app.samples.length > 0);
  return { runnable, question, byDefault: true };
}

function tooManyWords(words: readonly string[]): ValidationError {
  return new ValidationError(`The question came as ${words.length} words.`, {
    hint: `Put it in quotes: "${words.join(' ')}"`,
  });
}

function checkedQuestion(runnable: Runnable, question: string | undefined, canDoWithout: boolean): string {
  const text = question?.trim() ?? '';
  if (text === '' && runnable.kind === 'agent' && !canDoWithout)
    throw new ValidationError(`Agent "${runnable.name}" needs a question.`, {
      hint: `cantus run ${runnable.name} "your question"`,
    });
  return text;
}

/** Without a question the first sample of the app is asked, and that is said. */
function withSample({ screen }: Cli, app: App, target: Target): Target {
  const [sample] = app.samples;
  if (target.question !== '' || sample === undefined) return target;
  screen.remark(`  No question was given, so this one is asked: "${sample}"`);
  return { ...target, question: sample };
}

async function inputOf(
  cli: Cli,
  open: OpenPlace,
  { runnable, question }: Target,
  { app, ...options }: RunOptions & { readonly app: App },
): Promise<Prepared> {
  const { host } = cli;
  return prepareInput(app, {
    runnable,
    question,
    ...(options.input === undefined ? {} : { input: givenInput(cli, options.input) }),
    options: options.own,
    user: open.identity.principal,
    folder: open.place.folder,
    now: host.clock.now(),
    previous: undefined,
    readFile: (path) => readUserFile(host.folder, path),
  });
}

function givenInput({ host }: Cli, text: string): unknown {
  const json = text.startsWith('@') ? readInputFile(resolve(host.folder, text.slice(1))) : text;
  return parseJson(json, '--input');
}

function readInputFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

/** Parses JSON that was given on the command line. Throws a ValidationError that shows where it breaks off. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new ValidationError(`${what} is not JSON: ${(thrown as Error).message}.`, {
      hint: `Text needs its quotes too: '"yes"'. This was given: ${oneLine(text.slice(0, 60))}`,
    });
  }
}

async function readUserFile(folder: string, path: string): Promise<Uint8Array> {
  const whole = resolve(folder, path);
  try {
    return await readFile(whole);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

function unreadable(path: string, thrown: unknown): ValidationError {
  const { code, message } = thrown as NodeJS.ErrnoException;
  const why: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a folder',
    EACCES: 'you may not read it',
  };
  return new ValidationError(`${path} can't be read: ${why[code ?? ''] ?? message}.`, { hint: 'Check the path.' });
}

function tellBanner(
  { host, screen }: Cli,
  { app, file }: FoundApp,
  { place, identity }: OpenPlace,
  model: string,
): void {
  const { paint } = screen;
  const name = file ?? app.name;
  screen.remark(`${paint('bold', `cantus ${host.version}`)}  ${name}, as ${identity.principal.user} (${identity.how})`);
  screen.remark(`  data   ${place.shown}`);
  screen.remark(`  model  ${model}`);
}

function tellStarted({ screen }: Cli, { runnable }: Target, run: string): void {
  screen.remark(`  run    ${shortId(run)} of ${runnable.kind} ${runnable.name}; Ctrl-C cancels it`);
  screen.remark();
}

/** Said once, after the first run in a folder. */
function tellNext(cli: Cli, app: App, runnable: Runnable, run: string): void {
  if (cli.options.json === true || cli.options.jsonl === true) return;
  const { screen } = cli;
  screen.remark();
  screen.remark(`Next: ${commandLine(cli, 'show', shortId(run))}  (each step, and what it computed)`);
  if (app.options.length > 0 && runnable.kind === 'workflow')
    screen.remark(`      ${cli.host.program} run --help  (your own data, and options)`);
}
