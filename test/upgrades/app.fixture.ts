/**
 * The app of the data folders that older code wrote (test/fixtures/upgrades): the same definitions then and today.
 * What makes definitions is given, so that the code of an old commit gets its own.
 */
import { z } from 'zod';
import type * as cantus from '../../src/index.ts';

/** The package, of whichever commit. */
export type Cantus = typeof cantus;

/** The world outside of bodies, in one life of a process. */
export type Hand = {
  /** Told each time that a body does something. `of` is the label of its run. */
  did(of: string, what: string): void;
  /** What a life is to be cut off in: never resolves there, and at once elsewhere. */
  cutHere(of: string, what: string): Promise<void>;
  /** Does a call that fails the first time fail now? */
  fails(of: string): boolean;
};

const input = z.object({ label: z.string(), round: z.number().optional() });

/** Longer than a blob begins at. */
export const heavyCharacters = 70_000;

/** What runs in the folders, but for the workflows that a life may be without. */
export function upgradeApp(from: Cantus, hand: Hand) {
  const tools = toolsOf(from, hand);
  const clerk = from.defineAgent({ name: 'clerk', instructions: 'Look twice.', tools: [tools.look] });
  const plain = plainWorkflows(from, hand, { ...tools, clerk });
  const waiting = waitingWorkflows(from, hand);
  const model = from.rules([
    {
      agent: 'clerk',
      reply: (request) => {
        const of = from.toolResults(request, 'look').length + 1;
        const label = from.lastUserText(request);
        return of > 2
          ? { text: `${label} was looked at ${of - 1} times` }
          : { toolCalls: [{ name: 'look', input: { label, of } }] };
      },
    },
  ]);
  return { agents: [clerk], models: { default: model }, workflows: [...plain, ...waiting] };
}

/** Waits for a word between two steps; of any version. */
export function movedWorkflow(from: Cantus, hand: Hand, { name, version }: { name: string; version: number }) {
  return from.defineWorkflow({
    name,
    version,
    input,
    async run(ctx, { label }) {
      await ctx.step('one', () => hand.did(label, 'one'));
      await ctx.wait('go', { signal: 'go' });
      return ctx.step('two', () => {
        hand.did(label, 'two');
        return `${label} of version ${version}`;
      });
    },
  });
}

function toolsOf(from: Cantus, hand: Hand) {
  const look = from.defineTool({
    name: 'look',
    description: 'Looks.',
    effect: 'read',
    input: z.object({ label: z.string(), of: z.number() }),
    async run({ input: { label, of } }) {
      hand.did(label, `look ${of}`);
      if (of === 2) await hand.cutHere(label, 'look 2');
      return `seen ${of}`;
    },
  });
  const pay = from.defineTool({
    name: 'pay',
    description: 'Pays.',
    effect: 'once',
    input,
    async run({ input: { label } }) {
      hand.did(label, 'pay');
      await hand.cutHere(label, 'pay');
      return { paid: true };
    },
  });
  return { look, pay };
}

type Parts = ReturnType<typeof toolsOf> & { readonly clerk: ReturnType<Cantus['defineAgent']> };

function plainWorkflows(from: Cantus, hand: Hand, { look, pay, clerk }: Parts) {
  const did = (label: string, what: string) => () => {
    hand.did(label, what);
    return what;
  };
  const whole = from.defineWorkflow({
    name: 'whole',
    version: 1,
    input,
    async run(ctx, { label }) {
      await ctx.step('count', did(label, 'count'));
      const seen = await ctx.tool(look, { label, of: 1 });
      ctx.note('half of it is done', { seen });
      const { text } = await ctx.agent(clerk, label);
      return { text, at: await ctx.now() };
    },
  });
  const poor = from.defineWorkflow({
    name: 'poor',
    version: 1,
    input,
    async run(ctx, { label }) {
      await ctx.step('count', did(label, 'count'));
      ctx.degrade('the archive was closed');
      return { text: 'half an answer' };
    },
  });
  const broken = from.defineWorkflow({
    name: 'broken',
    version: 1,
    input,
    async run(ctx, { label }) {
      await ctx.step('count', did(label, 'count'));
      throw new from.ValidationError('nothing to count', { hint: 'Give it something.' });
    },
  });
  const payer = from.defineWorkflow({
    name: 'payer',
    version: 1,
    input,
    async run(ctx, { label }) {
      await ctx.step('basket', did(label, 'basket'));
      const paid = await ctx.tool(pay, { label });
      await ctx.step('receipt', did(label, 'receipt'));
      return paid;
    },
  });
  const worker = from.defineWorkflow({
    name: 'worker',
    version: 1,
    input,
    async run(ctx, { label }) {
      await Promise.all(['left', 'right'].map((key) => ctx.step('side', did(label, key), { key })));
      await ctx.step('outer', async (inside) => {
        await inside.step('first', did(label, 'first'));
        await inside.step('second', async () => {
          hand.did(label, 'second');
          await hand.cutHere(label, 'second');
        });
      });
      return ctx.step('last', did(label, 'last'));
    },
  });
  const chatter = from.defineWorkflow({
    name: 'chatter',
    version: 1,
    input,
    run: async (ctx, { label }) => (await ctx.agent(clerk, label)).text,
  });
  const planner = from.defineOrchestration({
    name: 'planner',
    version: 1,
    input,
    steps: {
      find: (_ctx, { input: { label } }) => did(label, 'find')(),
      write: async (_ctx, { input: { label }, ends }) => {
        hand.did(label, 'write');
        await hand.cutHere(label, 'write');
        return { from: Object.keys(ends) };
      },
    },
    triage: async () => ({
      plan: { steps: [{ name: 'find' }, { name: 'write', needs: ['find'] }], answer: 'write' },
      why: 'the only plan',
    }),
  });
  const heavy = from.defineWorkflow({
    name: 'heavy',
    version: 1,
    input,
    async run(ctx, { label }) {
      const large = await ctx.step('large', () => did(label, 'large')().repeat(heavyCharacters / 5));
      return ctx.step('size', async () => {
        hand.did(label, 'size');
        await hand.cutHere(label, 'size');
        return large.length;
      });
    },
  });
  const flaky = from.defineWorkflow({
    name: 'flaky',
    version: 1,
    input,
    run: (ctx, { label }) =>
      ctx.step(
        'try',
        () => {
          hand.did(label, 'try');
          if (hand.fails(label)) throw new Error('not yet');
          return 'at last';
        },
        { retry: { attempts: 3, delayMs: 120_000, delayMsMax: 120_000 } },
      ),
  });
  return [whole, poor, broken, payer, worker, chatter, planner, heavy, flaky];
}

const hourMs = 3_600_000;

function waitingWorkflows(from: Cantus, hand: Hand) {
  const napper = from.defineWorkflow({
    name: 'napper',
    version: 1,
    input,
    async run(ctx, { label }) {
      await ctx.step('before', () => hand.did(label, 'before'));
      await ctx.wait('nap', { forMs: hourMs });
      await ctx.step('after', () => hand.did(label, 'after'));
      return 'rested';
    },
  });
  const asker = from.defineWorkflow({
    name: 'asker',
    version: 1,
    input,
    async run(ctx, { label }) {
      await ctx.step('draft', () => hand.did(label, 'draft'));
      const answer = await ctx.wait('answer', { signal: 'answer', schema: z.object({ yes: z.boolean() }) });
      await ctx.step('send', () => hand.did(label, 'send'));
      return answer;
    },
  });
  const racer = from.defineWorkflow({
    name: 'racer',
    version: 1,
    input,
    run: (ctx) =>
      ctx.race('first', {
        clock: (branch) => branch.wait('hour', { forMs: hourMs }),
        word: (branch) => branch.wait('word', { signal: 'word' }),
      }),
  });
  // What follows began only with later code; bodies of older code never come here.
  const approver = from.defineWorkflow({
    name: 'approver',
    version: 1,
    input,
    async run(ctx, { label }) {
      await ctx.step('draft', () => hand.did(label, 'draft'));
      return ctx.wait('leave', { approval: { prompt: `May ${label} go on?`, role: 'chief' } });
    },
  });
  const relay = from.defineWorkflow({
    name: 'relay',
    version: 1,
    input,
    async run(ctx, { label, round = 1 }) {
      await ctx.step('leg', () => hand.did(label, `leg ${round}`));
      if (round === 1) return ctx.restart({ label, round: 2 });
      await ctx.wait('go', { signal: 'go' });
      return { round };
    },
  });
  return [napper, asker, racer, approver, relay];
}
