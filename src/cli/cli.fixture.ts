/** Starts `cantus` from source as a process of its own, in a folder of its own, with a small app. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../core/clock.ts';

const root = new URL('../../', import.meta.url).pathname;
const main = join(root, 'src/cli/main.ts');

/** What the app does is held by files in its folder: a tool waits for `go`, and what was done is in `done.txt`. */
export const testApp = `
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineAgent, defineApp, defineTool, defineWorkflow, lastUserText, rules, toolResults, ValidationError } from 'cantus';
import { z } from 'zod';

const until = async (name: string, signal: AbortSignal) => {
  while (!existsSync(name)) await sleep(10, undefined, { signal });
};
const done = (what: string) => appendFileSync('done.txt', what + '\\n');
const input = z.object({ question: z.string().optional(), words: z.array(z.string()).optional() });

const add = defineTool({
  name: 'add', description: 'Adds.', effect: 'read',
  input: z.object({ a: z.number(), b: z.number() }),
  run: ({ input }) => { done('add'); return input.a + input.b; },
});
const pay = defineTool({
  name: 'pay', description: 'Pays.', effect: 'once',
  input: z.object({}),
  run: async ({ signal }) => { done('pay'); await until('go', signal); return { paid: true }; },
});
const clerk = defineAgent({ name: 'clerk', instructions: 'Add.', tools: [add] });

const work = defineWorkflow({
  name: 'work', version: 1, input,
  run: async (ctx, { question = '', words = [] }) => {
    await ctx.step('first', () => { done('first'); return 1; });
    const sum = await ctx.agent(clerk, 'add');
    await ctx.step('slow', async ({ signal }) => { done('slow'); await until('go', signal); return 'slow'; });
    return { text: '# Answer to ' + question, sum: sum.output, words };
  },
});
const approve = defineWorkflow({
  name: 'approve', version: 1, input,
  run: async (ctx) => {
    await ctx.step('draft', () => { done('draft'); return 'a draft'; });
    const answer = await ctx.wait('approval', { signal: 'approve', schema: z.object({ ok: z.boolean() }) });
    return { text: 'approved: ' + JSON.stringify(answer) };
  },
});
const trip = defineWorkflow({
  name: 'trip', version: 1, input,
  run: async (ctx, { question = '' }) => {
    await ctx.step('quote', () => { done('quote'); return 700; });
    const soon = question === 'soon' ? { expiresInMs: 300 } : {};
    const answer = await ctx.wait('book', { approval: { prompt: 'Book it for 700?', role: 'boss' }, ...soon });
    return { text: answer.expired ? 'nobody said' : (answer.approved ? 'booked by ' : 'refused by ') + answer.by + ': ' + answer.note };
  },
});
const charge = defineWorkflow({
  name: 'charge', version: 1, input, run: async (ctx) => ctx.tool(pay, {}),
});
const poor = defineWorkflow({
  name: 'poor', version: 1, input,
  run: async (ctx) => { ctx.degrade('the archive was closed'); return { text: 'half an answer' }; },
});
const broken = defineWorkflow({
  name: 'broken', version: 1, input,
  run: async () => { throw new ValidationError('nothing to count', { hint: 'Give it something.' }); },
});
const loud = defineWorkflow({
  name: 'loud', version: 1, input,
  run: async (ctx) => {
    for (let at = 0; at < 300; at++) await ctx.step('say', () => 'x'.repeat(500), { key: String(at) });
    return { text: 'esc \\u001b[31m red' };
  },
});

const deaf = defineWorkflow({
  name: 'deaf', version: 1, input,
  run: async (ctx) => ctx.step('deaf', async () => { done('deaf'); await sleep(20_000); return 1; }),
});
const relay = defineWorkflow({
  name: 'relay', version: 1, input,
  run: async (ctx, { words = [] }) => {
    const sum = await ctx.agent(clerk, 'add');
    await ctx.step('leg-' + words.length, async ({ signal }) => { if (words.length === 1) await until('go', signal); return words.length; });
    if (words.length < 2) return ctx.restart({ words: [...words, 'leg'] });
    return { text: 'after ' + words.length + ' legs', sum: sum.output };
  },
});

export const app = defineApp({
  name: 'test app',
  default: 'work',
  samples: ['How many?'],
  models: { default: rules([{
    agent: 'clerk',
    reply: (request) => toolResults(request, 'add').length === 0
      ? { toolCalls: [{ name: 'add', input: { a: 2, b: 3 } }] }
      : { text: 'It is ' + toolResults(request, 'add')[0]?.content + ' for ' + lastUserText(request) },
  }]) },
  options: [
    { flag: '--data <file>', help: 'a file of words' },
    { flag: '--word <word>', help: 'one more word', many: true },
    { flag: '--upper', help: 'in capitals' },
  ],
  agents: [clerk],
  workflows: [work, approve, trip, charge, poor, broken, loud, deaf, relay],
  async prepare({ question, options, readFile }) {
    const words = [...((options['word'] as string[] | undefined) ?? [])];
    if (typeof options['data'] === 'string') {
      const lines = new TextDecoder().decode(await readFile(options['data'])).trim().split('\\n');
      const bad = lines.findIndex((line) => line.includes('!'));
      if (bad >= 0) throw new ValidationError(options['data'] + ', line ' + (bad + 1) + ', column 1: "!" is no word.', { hint: 'Take it out.' });
      words.push(...lines);
    }
    const told = options['upper'] === true ? words.map((word) => word.toUpperCase()) : words;
    return { input: { question, words: told }, notes: ['words: ' + told.join(', ')] };
  },
  render: (output) => (output as { text: string }).text + '\\n',
});
`;

export type Ended = {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
};

export type Started = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What was printed so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Waits for a text on stderr or stdout. */
  readonly saw: (text: string) => Promise<void>;
};

export type TestFolder = {
  readonly path: string;
  start(...args: readonly string[]): Started;
  run(...args: readonly string[]): Promise<Ended>;
  write(name: string, text: string): void;
  has(name: string): boolean;
  /** What the app has done so far. */
  done(): readonly string[];
  remove(): void;
};

const waitMsMax = 15_000;
const pollMs = 10;

async function until(what: string, holds: () => boolean, told: () => string): Promise<void> {
  const end = systemClock.monotonic() + waitMsMax;
  while (!holds()) {
    if (systemClock.monotonic() > end) throw new Error(`${what} did not come; there was:\n${told()}`);
    await new Promise<void>((resolve) => void systemClock.after(pollMs, resolve));
  }
}

/** Without what decides of models, colours and folders on this machine; a planted fault goes along. */
function plainEnvironment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/_API_KEY$|^OPENAI_|^CANTUS_(MODEL|FOLDER)$|_COLOR$|^npm_|^NODE_TEST/.test(name),
  );
  // Compiling the same files for each process would take longer than all they do.
  return { ...Object.fromEntries(kept), NODE_COMPILE_CACHE: join(tmpdir(), 'cantus-test-compile-cache') };
}

/** A new folder with the test app, or with another configuration. */
export function testFolder(
  config: string | undefined = testApp,
  env: Readonly<Record<string, string>> = {},
): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'cantus-cli-'));
  mkdirSync(join(path, 'node_modules'));
  symlinkSync(root, join(path, 'node_modules/cantus'));
  symlinkSync(join(root, 'node_modules/zod'), join(path, 'node_modules/zod'));
  if (config !== '') writeFileSync(join(path, 'cantus.config.ts'), config);
  const children = new Set<ChildProcess>();
  const start = (...args: readonly string[]): Started => {
    const child = spawn(process.execPath, ['--conditions=source', main, ...args], {
      cwd: path,
      env: { ...plainEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    child.once('close', () => children.delete(child));
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
    const saw = (text: string): Promise<void> =>
      until(
        `"${text}"`,
        () => (out + err).includes(text),
        () => `${out}\n${err}`,
      );
    return { child, ended, out: () => out, err: () => err, saw };
  };
  return {
    path,
    start,
    run: (...args) => start(...args).ended,
    write: (name, text) => writeFileSync(join(path, name), text),
    has: (name) => existsSync(join(path, name)),
    done: () =>
      existsSync(join(path, 'done.txt')) ? readFileSync(join(path, 'done.txt'), 'utf8').trim().split('\n') : [],
    remove() {
      // A test that failed must leave no process behind.
      for (const child of children) child.kill('SIGKILL');
      rmSync(path, { recursive: true, force: true });
    },
  };
}
