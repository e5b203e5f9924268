/**
 * A question over a wire becomes a start in the same way as on the command line.
 *
 * AK1  An app sees the files of a question under the names that the user knows them by, and can read no others.
 * AK2  A start that is sent again with its key is the same start: nothing of it depends on when it is prepared but the
 *      question's own thread.
 */
import { clip, ValidationError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { nearestName } from '../core/names.ts';
import { optionName, type AppOption, type AppOptionValues, type Prepared } from '../agents/app.ts';
import {
  defaultRunnable,
  prepareInput,
  runnableNamed,
  startName,
  unknownRunnable,
  type Runnable,
} from '../agents/ask.ts';
import type { UserDoor } from '../engine/user-door.ts';
import { isBlobRef } from '../journal/event.ts';
import type { Ask, Operations } from '../protocol/operations.ts';
import type { Asker } from './perform.ts';
import { isFileOption, uploadsOf, type Uploads } from './uploads.ts';

type Prepare = Operations['runs.prepare']['output'];
type Start = Operations['runs.start'];

/** What a start would take, checked by the workflow's own schema when it is started; starts nothing. */
export async function prepareAsk(asker: Asker, ask: Ask): Promise<Prepare> {
  const { runnable, notes = [] } = await inputOf(asker, ask);
  return { workflow: runnable.name, notes };
}

/** Starts a run. Throws what `prepare` of the app throws, and what the door says to its input. */
export async function startAsk(asker: Asker, ask: Start['input']): Promise<Start['output']> {
  const { runnable, input, notes = [] } = await inputOf(asker, ask);
  const { key, thread, deadlineMs, question } = ask;
  const run = await asker.door.start(startName(runnable), input, {
    key,
    ...(thread === undefined ? {} : { thread }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(question === undefined || question.trim() === '' ? {} : { message: question.trim() }),
  });
  return { run: run.id, workflow: runnable.name, notes };
}

async function inputOf(asker: Asker, ask: Ask): Promise<Prepared & { readonly runnable: Runnable }> {
  const { served, clock } = asker.parts;
  const { principal } = asker.login;
  const runnable = runnableOf(asker, ask);
  const question = ask.question?.trim() ?? '';
  if (ask.input !== undefined && ask.options !== undefined)
    throw new ValidationError('A whole input leaves nothing for options to say.', { hint: 'Send one of the two.' });
  if (runnable.kind === 'agent' && question === '' && ask.input === undefined)
    throw new ValidationError(`Agent "${runnable.name}" needs a question.`);
  const files = new Map<string, string>();
  const options = await optionsOf(asker, ask.options ?? {}, files);
  const uploads = uploadsOf(asker.parts);
  const prepared = await prepareInput(served.app, {
    runnable,
    question,
    ...(ask.input === undefined ? {} : { input: ask.input }),
    options,
    user: principal,
    folder: served.folder,
    now: clock.now(),
    previous: await previousInput(asker.door, ask.thread, runnable),
    readFile: (name) => uploads.read(principal, files.get(name) ?? name),
  });
  return { ...prepared, runnable };
}

function runnableOf({ parts: { served } }: Asker, { workflow }: Ask): Runnable {
  if (workflow === undefined) return defaultRunnable(served.app, served.serves);
  const found = runnableNamed(served.serves, workflow);
  if (found === undefined) throw unknownRunnable(workflow, served.serves);
  return found;
}

/** The options with the names of files in place of their ids (AK1). */
async function optionsOf(
  { parts, login }: Asker,
  given: AppOptionValues,
  files: Map<string, string>,
): Promise<AppOptionValues> {
  const uploads = uploadsOf(parts);
  const nameOf = (file: string): Promise<string> => nameFile(uploads, login.principal, file, files);
  const options: Record<string, string | readonly string[] | true> = {};
  for (const [name, value] of Object.entries(given)) {
    const option = optionNamed(parts.served.app.options, name);
    checkValue(option, name, value);
    if (!isFileOption(option) || value === true) options[name] = value;
    else options[name] = typeof value === 'string' ? await nameOf(value) : await inOrder(value, nameOf);
  }
  return options;
}

/** One after the other: two files of one name must get their names in the order they were given in. */
async function inOrder(values: readonly string[], nameOf: (file: string) => Promise<string>): Promise<string[]> {
  const names: string[] = [];
  for (const value of values) names.push(await nameOf(value));
  return names;
}

async function nameFile(
  uploads: Uploads,
  owner: Parameters<Uploads['name']>[0],
  file: string,
  files: Map<string, string>,
): Promise<string> {
  const known = await uploads.name(owner, file);
  let name = known;
  for (let count = 2; files.has(name) && files.get(name) !== file; count++) name = `${known} (${count})`;
  files.set(name, file);
  return name;
}

function optionNamed(options: readonly AppOption[], name: string): AppOption {
  const found = options.find((option) => optionName(option) === name);
  if (found !== undefined) return found;
  const names = options.map(optionName);
  const near = nearestName(name, names);
  const there = names.length === 0 ? 'The app has none.' : `There are: ${names.join(', ')}.`;
  throw new ValidationError(`The app has no option "${clip(name)}".`, {
    hint: near === undefined ? there : `Did you mean "${near}"? ${there}`,
  });
}

function checkValue(option: AppOption, name: string, value: AppOptionValues[string]): void {
  const takes = !option.flag.includes('<') ? 'true' : option.many === true ? 'a list of texts' : 'one text';
  const fits =
    takes === 'true'
      ? value === true
      : takes === 'one text'
        ? typeof value === 'string'
        : typeof value === 'string' || Array.isArray(value);
  if (!fits) throw new ValidationError(`The option "${name}" takes ${takes}.`);
}

/** The input of the newest run of the same workflow in the thread, so that a follow-up goes on with its data. */
export async function previousInput(
  door: Pick<UserDoor, 'runs' | 'run' | 'value'>,
  thread: string | undefined,
  runnable: Runnable,
): Promise<Json | undefined> {
  if (thread === undefined || runnable.kind === 'agent') return undefined;
  const row = (await door.runs({ thread })).find(({ workflow }) => workflow === startName(runnable));
  if (row === undefined) return undefined;
  const { input } = await (await door.run(row.run)).state();
  return isBlobRef(input) ? door.value(input) : input;
}
