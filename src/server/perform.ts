/** What each operation does, through the user's door alone. */
import type { Json } from '../core/json.ts';
import { renderedBy, type Rendered } from '../agents/rendered.ts';
import { optionName } from '../agents/app.ts';
import { defaultRunnable, runnablesOf } from '../agents/ask.ts';
import type { UserDoor } from '../engine/user-door.ts';
import { isEnded } from '../journal/run-row.ts';
import type { Outcome } from '../journal/run-state.ts';
import type { AppInfo, OperationName, Operations, RunAnswer } from '../protocol/operations.ts';
import { prepareAsk, startAsk } from './ask.ts';
import { eventsPage, runEventsPage } from './event-pages.ts';
import type { Login } from './login.ts';
import { meOf } from './login-state.ts';
import type { Served, ServerParts } from './parts.ts';
import { isFileOption } from './uploads.ts';

/** Who asks, of what. */
export type Asker = { readonly parts: ServerParts; readonly login: Login; readonly door: UserDoor };

type Perform<Name extends OperationName> = (
  asker: Asker,
  input: Operations[Name]['input'],
) => Promise<Operations[Name]['output']> | Operations[Name]['output'];

const performs = {
  'app.read': ({ parts }) => appInfo(parts),
  'me.read': ({ login }) => meOf(login.principal),
  'runs.prepare': (asker, ask) => prepareAsk(asker, ask),
  'runs.start': (asker, ask) => startAsk(asker, ask),
  'runs.list': async ({ door }, list) => ({ runs: await door.runs(list) }),
  'runs.read': async ({ door }, { run }) => (await door.run(run)).row(),
  'runs.answer': readAnswer,
  'runs.events': ({ door, parts }, input) => runEventsPage(door, input, parts.limits),
  async 'runs.cancel'({ door }, { run, reason }) {
    await (await door.run(run)).cancel(reason);
    return {};
  },
  async 'runs.signal'({ door }, { run, name, value, key }) {
    await (await door.run(run)).signal(name, value ?? null, key === undefined ? {} : { key });
    return {};
  },
  async 'runs.decide'({ door }, { run, path, decision, output }) {
    await (await door.run(run)).decide(path, decision, output ?? null);
    return {};
  },
  async 'runs.approve'({ door }, { run, path, ...verdict }) {
    await (await door.run(run)).approve(path, verdict);
    return {};
  },
  'threads.list': async ({ door }, list) => ({ threads: await door.threads(list) }),
  'threads.rename': ({ door }, { thread, title }) => door.renameThread(thread, title),
  async 'threads.delete'({ door }, { thread }) {
    await door.deleteThread(thread);
    return {};
  },
  'events.list': ({ door, parts }, input) => eventsPage(door, input, parts.limits),
  'events.head': ({ door }) => door.head(),
  // A reference is found by its hash alone; how many bytes it has is for readers to know beforehand.
  'values.read': ({ door }, { blob }) => door.value({ $blob: blob, bytes: 0 }),
} as const satisfies { readonly [Name in OperationName]: Perform<Name> };

/** Does an operation whose input is checked. */
export async function perform(asker: Asker, name: OperationName, input: unknown): Promise<unknown> {
  return (performs[name] as (asker: Asker, input: unknown) => Promise<unknown>)(asker, input);
}

function appInfo({ served, limits }: ServerParts): AppInfo {
  const { app, serves, model, version } = served;
  const shown = runnablesOf(serves).map((one) => ({
    name: one.name,
    kind: one.kind,
    ...(one.kind === 'workflow' || one.onBusy === 'queue' ? {} : { onBusy: one.onBusy }),
  }));
  return {
    name: app.name,
    description: app.description,
    version,
    samples: app.samples,
    options: app.options.map((option) => ({
      name: optionName(option),
      help: option.help,
      kind: isFileOption(option) ? 'file' : option.flag.includes('<') ? 'text' : 'flag',
      many: option.many === true,
    })),
    serves: shown.filter(({ name }, index) => shown.findIndex((one) => one.name === name) === index),
    default: defaultName(served),
    model,
    uploadBytesMax: limits.uploadBytesMax,
    questionCharsMax: limits.questionCharsMax,
  };
}

/** Null where a question has to say what it is for. */
function defaultName({ app, serves }: Served): string | null {
  try {
    return defaultRunnable(app, serves).name;
  } catch {
    return null;
  }
}

async function readAnswer({ parts, door }: Asker, { run }: { readonly run: string }): Promise<RunAnswer> {
  let handle = await door.run(run);
  let row = await handle.row();
  // One that goes on as another has its answer.
  while (row.continuedAs !== undefined) {
    handle = await door.run(row.continuedAs);
    row = await handle.row();
  }
  if (!isEnded(row.status)) return { outcome: null, answer: null, markdown: null };
  const outcome: Outcome = await handle.result();
  if (!('output' in outcome)) return { outcome, answer: null, markdown: null };
  return { outcome, ...rendered(parts, row.workflow, outcome.output) };
}

/** The app's words, or the output as it is where the app has none or fails to find them: the answer is there anyway. */
function rendered({ served, counts }: ServerParts, workflow: string, output: Json): Rendered {
  try {
    const found = renderedBy(served.app, workflow, output);
    if (found !== undefined) return found;
  } catch {
    counts.add('answer.render.failed');
  }
  return { answer: null, markdown: plainWords(output) };
}

function plainWords(output: Json): string {
  if (typeof output === 'string') return output;
  return `\`\`\`json\n${JSON.stringify(output, null, 2)}\n\`\`\``;
}
