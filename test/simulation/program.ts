/** Workflows by chance: a program is data, one workflow interprets it, and what it must come to can be added up. */
import { z } from 'zod';
import {
  defineAgent,
  defineTool,
  defineWorkflow,
  EngineError,
  NotApplied,
  type Context,
  type ToolCall,
  type Workflow,
} from 'cantus';
import type { Random } from 'cantus';
import type { Script } from 'cantus/testing';
import type { Hand } from './world.ts';

/** The role that no user has. */
export const nobody = 'nobody';

type PlainLeaf = 'agent' | 'sleep' | 'ask' | 'approve' | 'fallback' | 'race' | 'chance' | LoneLeaf;

/** What needs a time that can be moved, or agents side by side: only drawn where that is wanted. */
const loneLeaves = ['panel', 'lapse', 'silence'] as const;
type LoneLeaf = (typeof loneLeaves)[number];

/** A piece of work. Its `value` is what it adds to the sum; its `words` go wherever its text goes. */
export type Program =
  | {
      readonly kind: 'leaf' | 'look' | 'send' | 'pay';
      readonly value: number;
      readonly failures: number;
      readonly words?: string;
    }
  | {
      readonly kind: PlainLeaf;
      readonly value: number;
      readonly words?: string;
    }
  | { readonly kind: 'sequence' | 'parallel' | 'again'; readonly parts: readonly Program[] }
  | { readonly kind: 'loop'; readonly times: number; readonly part: Program };

const leaves = [
  'leaf',
  'look',
  'send',
  'pay',
  'agent',
  'sleep',
  'ask',
  'approve',
  'fallback',
  'race',
  'chance',
] as const;

/** A program that has every kind of piece, but for `loneLeaves`. */
export function drawProgram(random: Random, depth = 3): Program {
  return drawOf(leaves, random, depth);
}

/** A program that has every kind of piece. */
export function drawAnyProgram(random: Random, depth = 3): Program {
  return drawOf([...leaves, ...loneLeaves], random, depth);
}

function drawOf(kinds: readonly ((typeof leaves)[number] | LoneLeaf)[], random: Random, depth: number): Program {
  const draw = (below: number): number => Math.floor(random.next() * below);
  if (depth === 0 || random.next() < 0.35) {
    const kind = kinds[draw(kinds.length)] ?? 'leaf';
    const value = draw(10);
    if (kind === 'leaf' || kind === 'look' || kind === 'send' || kind === 'pay')
      return { kind, value, failures: draw(3) };
    return { kind, value };
  }
  const form = draw(4);
  if (form === 0) return { kind: 'loop', times: 1 + draw(3), part: drawOf(kinds, random, depth - 1) };
  const parts = Array.from({ length: 1 + draw(3) }, () => drawOf(kinds, random, depth - 1));
  return { kind: (['sequence', 'parallel', 'again'] as const)[form - 1] ?? 'sequence', parts };
}

/** What it comes to when all of it is done. */
export function sumOf(program: Program): number {
  if ('parts' in program) return program.parts.reduce((sum, part) => sum + sumOf(part), 0);
  if ('part' in program) return program.times * sumOf(program.part);
  return program.value;
}

/** Does its answer do without something? */
export function degrades(program: Program): boolean {
  if ('parts' in program) return program.parts.some(degrades);
  if ('part' in program) return degrades(program.part);
  return program.kind === 'fallback' || (program.kind === 'pay' && program.failures > 0);
}

function pays(program: Program): boolean {
  if ('parts' in program) return program.parts.some(pays);
  return 'part' in program ? pays(program.part) : program.kind === 'pay';
}

/** The model asks for the tool with what it was told, then answers with what it got. */
export const script = (({ messages }) => {
  const got = messages.findLast(({ role }) => role === 'tool');
  if (got?.role === 'tool') return { text: ['It is ', got.content, '.'] };
  const asked = messages.findLast(({ role }) => role === 'user');
  const [id = '', value = '0'] = (asked?.role === 'user' ? asked.text : '').split(' ');
  return { toolCalls: [{ name: 'look', input: { id, value: Number(value), failures: 0 } }] };
}) satisfies Script;

const toolInput = z.object({ id: z.string(), value: z.number(), failures: z.number(), words: z.string().optional() });
type ToolInput = z.infer<typeof toolInput>;

/** What one node has: its tools reach into the world by its own hand, which is still while the node is. */
export function workflowsOf(hand: Hand, versions: readonly number[]): readonly Workflow[] {
  const parts = partsOf(hand);
  return versions.map((version) =>
    defineWorkflow({
      name: 'program',
      version,
      input: z.object({ program: z.unknown(), restarts: z.number().optional() }),
      async run(ctx, { program, restarts = 0 }) {
        if (version > 1) ctx.note('a later version');
        const sum = await work(ctx, parts, program as Program, 'top');
        return restarts === 0 ? sum : ctx.restart({ program, restarts: restarts - 1 });
      },
    }),
  );
}

/** What the workflows of one node share. */
export type Parts = ReturnType<typeof partsOf>;

export function partsOf(hand: Hand) {
  const description = 'Reaches into the world.';
  const retry = { attempts: 9, delayMs: 5 };
  const reach =
    (effect: 'read' | 'idempotent') =>
    async ({ input, user, run }: ToolCall<ToolInput>): Promise<number> => {
      const tries = await hand.reach(effect, { user: user.user, run, id: input.id });
      if (tries <= input.failures) throw new Error('busy');
      return input.value;
    };
  const look = defineTool({ name: 'look', description, effect: 'read', input: toolInput, retry, run: reach('read') });
  const send = defineTool({
    name: 'send',
    description,
    effect: 'idempotent',
    input: toolInput,
    retry,
    run: reach('idempotent'),
  });
  const pay = defineTool({
    name: 'pay',
    description,
    effect: 'once',
    input: toolInput,
    run: async ({ input, user, run }: ToolCall<ToolInput>): Promise<number> => {
      if (input.failures > 0) throw new NotApplied('not yet');
      await hand.reach('once', { user: user.user, run, id: input.id });
      return input.value;
    },
  });
  const clerk = defineAgent({ name: 'clerk', instructions: 'Look, then say.', tools: [look] });
  return { hand, look, send, pay, clerk };
}

/** Does a program. */
export async function work(ctx: Context, parts: Parts, program: Program, key: string): Promise<number> {
  switch (program.kind) {
    case 'sequence':
    case 'parallel':
    case 'again':
      return group(ctx, parts, program, key);
    case 'loop': {
      let sum = 0;
      for (let turn = 0; turn < program.times; turn++)
        sum += await ctx.step('turn', (inner) => work(inner, parts, program.part, 'part'), { key: `${key}.${turn}` });
      return sum;
    }
    case 'leaf':
      return leaf(ctx, parts, program, key);
    case 'pay':
      return payAtLast(ctx, parts, program, key);
    case 'look':
    case 'send':
      return ctx.tool(parts[program.kind], { ...program, id: `${ctx.path}/${program.kind}:${key}` }, { key });
    default:
      return special(ctx, parts, program, key);
  }
}

async function group(
  ctx: Context,
  parts: Parts,
  program: Extract<Program, { readonly kind: 'sequence' | 'parallel' | 'again' }>,
  key: string,
): Promise<number> {
  const isTriedAgain = program.kind === 'again' && !pays(program);
  const body = async (inner: Context): Promise<number> => {
    const one = (part: Program, index: number): Promise<number> => work(inner, parts, part, String(index));
    let sum = 0;
    if (program.kind === 'parallel') for (const value of await Promise.all(program.parts.map(one))) sum += value;
    else for (const [index, part] of program.parts.entries()) sum += await one(part, index);
    if (isTriedAgain && !/@\d+$/.test(inner.path)) throw new Error('the first try fails at its end');
    return sum;
  };
  return ctx.step(program.kind, body, { key, ...(isTriedAgain ? { retry: { attempts: 2, delayMs: 5 } } : {}) });
}

/** A `once` tool is never tried again by the engine; a body may ask anew where it says that nothing was applied. */
async function payAtLast(ctx: Context, parts: Parts, program: Program & { readonly failures: number }, key: string) {
  const value = 'value' in program ? program.value : 0;
  for (let failures = program.failures; ; failures--) {
    const id = `${ctx.path}/pay:${key}.${failures}`;
    try {
      return await ctx.tool(parts.pay, { ...program, id, value, failures }, { key: `${key}.${failures}` });
    } catch (thrown) {
      if (!EngineError.is(thrown) || thrown.code !== 'not_applied') throw thrown;
    }
  }
}

function leaf(ctx: Context, { hand }: Parts, program: Program & { readonly failures: number }, key: string) {
  return ctx.step(
    'leaf',
    async (inner) => {
      const tries = await hand.reach('step', { user: inner.user.user, run: inner.run, id: inner.path });
      if (tries <= program.failures) throw new Error('no');
      return 'value' in program ? program.value : 0;
    },
    { key, retry: { attempts: 9, delayMs: 5 } },
  );
}

/** Agents side by side in a step, and one more over what they said. */
function panel(ctx: Context, { clerk }: Parts, value: number, key: string): Promise<number> {
  return ctx.step(
    'panel',
    async (inner) => {
      const ask = async (name: string, part: number): Promise<number> =>
        numberIn((await inner.agent(clerk, `${inner.path}/${name} ${part}`, { key: name })).output);
      const half = Math.floor(value / 2);
      const [one, two] = await Promise.all([ask('one', half), ask('two', value - half)]);
      return ask('chair', one + two);
    },
    { key },
  );
}

/** Waits for what nobody will say. */
async function unanswered(ctx: Context, kind: 'lapse' | 'silence', value: number, key: string): Promise<number> {
  const expiresInMs = 500 * (1 + value * 20);
  const answer =
    kind === 'lapse'
      ? await ctx.wait(kind, { signal: 'never', expiresInMs }, { key })
      : await ctx.wait(kind, { approval: { prompt: 'Who may say?', role: nobody }, expiresInMs }, { key });
  return answer.expired ? value : Number.NaN;
}

function numberIn(text: string): number {
  return Number(/It is (\d+)/.exec(text)?.[1]);
}

async function special(ctx: Context, parts: Parts, program: Program, key: string): Promise<number> {
  const value = 'value' in program ? program.value : 0;
  const words = 'words' in program ? ` ${program.words}` : '';
  switch (program.kind) {
    case 'agent': {
      const answer = await ctx.agent(parts.clerk, `${ctx.path}/clerk:${key} ${value}${words}`, { key });
      return numberIn(answer.output);
    }
    case 'panel':
      return panel(ctx, parts, value, key);
    case 'lapse':
    case 'silence':
      return unanswered(ctx, program.kind, value, key);
    case 'sleep':
      await ctx.wait('sleep', { forMs: 1_000 * (1 + value * 60) }, { key });
      return value;
    case 'ask': {
      const answer = await ctx.wait<number>('ask', { signal: `ask ${ctx.path} ${key}` }, { key });
      return answer.expired ? Number.NaN : value;
    }
    case 'approve': {
      const answer = await ctx.wait(
        'approve',
        { approval: { prompt: `May ${ctx.path} go on?${words}`, role: 'boss' } },
        { key },
      );
      return !answer.expired && answer.approved && answer.by === ctx.user.user ? value : Number.NaN;
    }
    case 'fallback':
      try {
        await ctx.step('first', () => Promise.reject(new Error('never works')), { key });
      } catch {
        ctx.degrade('the first way does not work');
      }
      return ctx.step('second', () => value, { key });
    case 'race': {
      const { value: won } = await ctx.race(
        'race',
        {
          quick: (inner) => inner.step('run', () => value),
          slow: async (inner) => (await inner.wait('never', { signal: 'never' }), -1),
        },
        { key },
      );
      return won;
    }
    default: {
      const [time, chance] = [await ctx.now(`time ${key}`), await ctx.random(`chance ${key}`)];
      return (await ctx.step('hold', () => time + chance, { key, input: [time, chance] })) > 0 ? value : Number.NaN;
    }
  }
}
