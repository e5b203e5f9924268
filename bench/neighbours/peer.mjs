/**
 * Cantus, doing the work that other engines are measured with:
 *
 *     create(variant) -> { w1, w2, w3, w5, suspended, killStart, killResume, close }
 *
 * `mem` is `memory()`, `sqlite` is `sqlite(folder)`: every step is on the disk before the next begins.
 * 50 users in turn, as an engine for many has them, and running limits that don't hold up what is measured.
 *
 * It runs here (drive.ts) and as a peer of another harness that has a `common.mjs` with the same work beside its main
 * script: link this folder there after `npm run build`.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createEngine, defineAgent, defineTool, defineWorkflow, memory, sqlite } from 'cantus';
import { z } from 'zod';

const common = join(dirname(process.argv[1] ?? '.'), 'common.mjs');
const { body, TOKENS, TOOL_CALLS, toolResult } = await import(
  existsSync(common) ? pathToFileURL(common).href : './work.mjs'
);

const usersMax = 50;

const w1 = defineWorkflow({
  name: 'w1',
  version: 1,
  input: z.number(),
  run: async (ctx, first) => {
    let result = { seq: first };
    for (let n = 1; n <= 5; n++) {
      const { seq } = result;
      result = await ctx.step(`s${n}`, () => body(n, seq));
    }
    return result;
  },
});

const w3 = defineWorkflow({
  name: 'w3',
  version: 1,
  input: z.number(),
  run: async (ctx) => {
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => ctx.step(`p${n}`, () => body(n, n))));
    return results.length;
  },
});

const w5 = defineWorkflow({
  name: 'w5',
  version: 1,
  input: z.number(),
  run: async (ctx) => {
    const result = await ctx.step('s1', () => body(1, 0));
    await ctx.wait('go', { signal: 'go' });
    return result;
  },
});

const lookup = defineTool({
  name: 'lookup',
  description: 'Looks something up.',
  effect: 'read',
  input: z.object({ q: z.string() }),
  run: ({ input }) => toolResult(input.q),
});

const agent = defineAgent({ name: 'asker', instructions: 'Look three things up, then answer.', tools: [lookup] });

/** Answers at once, so that only the engine's own work counts: 3 tool calls in turn, then 50 tokens. */
const model = {
  id: 'instant',
  provider: 'bench',
  kind: 'scripted',
  async *stream({ messages }) {
    const usage = { inputTokens: 10, outputTokens: 10 };
    const done = messages.filter(({ role }) => role === 'tool').length;
    if (done < TOOL_CALLS) {
      yield { type: 'tool-call', id: `call-${done}`, name: 'lookup', input: `{"q":"query ${done}"}` };
      yield { type: 'finish', reason: 'tool-calls', usage };
      return;
    }
    for (const text of TOKENS) yield { type: 'text', text };
    yield { type: 'finish', reason: 'stop', usage };
  },
};

async function outputOf(run) {
  const outcome = await run.result();
  if (outcome.status !== 'completed') throw new Error(`a run has ${JSON.stringify(outcome)}`);
  return outcome.output;
}

/**
 * Reads the run as a user would who watches the answer come. The 50 tokens are 50 parts of the model's stream; the
 * journal joins what comes within 50 ms, so `events` is smaller than the tokens, and the tokens are counted in the text.
 */
async function watch(run) {
  const seen = { events: 0, tokens: 0, tools: 0 };
  for await (const { type, data } of run.events()) {
    seen.events++;
    if (type === 'tool.completed') seen.tools++;
    if (type === 'model.completed') seen.tokens += data.text.split(' ').length - 1;
  }
  return seen;
}

/** `folder`: where the store is. `PEER_DATA` names it; `PEER_KEEP` says that it holds what a killed process left. */
function openFolder() {
  const named = process.env['PEER_DATA'];
  if (named === undefined) {
    mkdirSync('test-output', { recursive: true });
    return { folder: mkdtempSync(join('test-output', 'bench-')), remove: true };
  }
  if (!process.env['PEER_KEEP']) rmSync(named, { recursive: true, force: true });
  return { folder: named, remove: false };
}

export async function create(variant) {
  const { folder, remove } = variant === 'sqlite' ? openFolder() : {};
  const engine = await createEngine({
    store: variant === 'sqlite' ? sqlite(folder) : memory(),
    workflows: [w1, w3, w5],
    agents: [agent],
    models: { default: model },
    limits: { runningMax: 2_000, runningPerUserMax: 2_000, queuedPerUserMax: 5_000 },
  });
  const doors = Array.from({ length: usersMax }, (_, index) => engine.as({ user: `user-${index}` }));
  let next = 0;
  const someone = () => doors[next++ % usersMax];
  const killed = async () => {
    const run = await doors[0].start(w1, 0, { key: process.env['KILL_ID'] ?? 'kill-1' });
    return outputOf(run);
  };
  return {
    w1: async () => outputOf(await someone().start(w1, 0)),
    w2: async () => watch(await someone().start(agent, 'What is there?')),
    w3: async () => outputOf(await someone().start(w3, 0)),
    /** With `apart` the run is of a user who has no other. */
    async w5(name, apart = false) {
      const door = apart ? engine.as({ user: name }) : someone();
      if (apart) doors.push(door);
      await door.start(w5, 0);
    },
    /** How many runs wait by now. */
    async suspended() {
      let count = 0;
      for (const door of doors) count += (await door.runs({ status: ['suspended'], limit: 1_000 })).length;
      return count;
    },
    killStart: killed,
    killResume: killed,
    async close() {
      await engine.close();
      if (remove) rmSync(folder, { recursive: true, force: true });
    },
  };
}
