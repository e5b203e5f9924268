/** `cantus run [WORKFLOW|AGENT] [QUESTION]` */
import { EngineError, ValidationError } from '../core/errors.ts';
import type { App } from '../agents/app.ts';
import type { FoundApp } from './app-file.ts';
import { ownDesk, serverDesk, type AskOptions, type Desk } from './desk.ts';
import { shortId } from './find-run.ts';
import { goOn } from './go-on.ts';
import { commandLine, type Cli } from './cli.ts';
import { withPlace, type OpenPlace } from './open.ts';
import { oneLine } from '../core/plain-text.ts';
import { targetOf, type Menu, type Target } from './target.ts';
import { readUserFile } from './user-file.ts';

export type RunOptions = Omit<AskOptions, 'input'> & {
  /** JSON text, or `@` and a file that holds it. */
  readonly input?: string;
};

export async function runVerb(
  cli: Cli,
  found: FoundApp,
  words: readonly string[],
  { input: text, ...options }: RunOptions,
): Promise<number> {
  return withPlace(cli, 'work', async (open) => {
    const desk = open.server === undefined ? await ownDesk(cli, found, open) : await serverDesk(cli, open);
    const target = targetOf(desk.menu, words, text !== undefined);
    tellBanner(cli, desk, open);
    const asked = target.byDefault && text === undefined ? withSample(cli, desk.menu, target) : target;
    const input = text === undefined ? {} : { input: await givenInput(cli, text) };
    const { run, working } = await desk.start(asked, { ...options, ...input }).catch((thrown: unknown) => {
      throw withInputHint(thrown, asked, text);
    });
    tellStarted(cli, asked, run.id);
    const code = await goOn(cli, { words: open.words(async () => found), working, open, run, from: 0 });
    if (open.place.isNew && open.place.isKept) tellNext(cli, found.app, asked, run.id);
    return code;
  });
}

/** An input that was refused doesn't say how one is given. */
function withInputHint(thrown: unknown, { question }: Target, input: string | undefined): unknown {
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

/** Without a question the first sample of the app is asked, and that is said. */
function withSample({ screen }: Cli, { samples }: Menu, target: Target): Target {
  const [sample] = samples;
  if (target.question !== '' || sample === undefined) return target;
  screen.remark(`  No question was given, so this one is asked: "${sample}"`);
  return { ...target, question: sample };
}

async function givenInput({ host }: Cli, text: string): Promise<unknown> {
  if (!text.startsWith('@')) return parseJson(text, '--input');
  return parseJson(new TextDecoder().decode(await readUserFile(host.folder, text.slice(1))), '--input');
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

function tellBanner({ host, screen }: Cli, { name, model }: Desk, { place, identity, server }: OpenPlace): void {
  const { paint } = screen;
  screen.remark(`${paint('bold', `cantus ${host.version}`)}  ${name}, as ${identity.principal.user} (${identity.how})`);
  screen.remark(`  data   ${place.shown}${server === undefined ? '' : ', through the server that has it'}`);
  screen.remark(`  model  ${model}`);
}

function tellStarted({ screen }: Cli, { kind, name }: Target, run: string): void {
  screen.remark(`  run    ${shortId(run)} of ${kind} ${name}; Ctrl-C cancels it`);
  screen.remark();
}

/** Said once, after the first run in a folder. */
function tellNext(cli: Cli, app: App, { kind }: Target, run: string): void {
  if (cli.options.json === true || cli.options.jsonl === true) return;
  const { screen } = cli;
  screen.remark();
  screen.remark(`Next: ${commandLine(cli, 'show', shortId(run))}  (each step, and what it computed)`);
  if (app.options.length > 0 && kind === 'workflow')
    screen.remark(`      ${cli.host.program} run --help  (your own data, and options)`);
}
