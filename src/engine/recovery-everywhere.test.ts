/**
 * A run that makes every kind of call, killed at every commit: before it is written, and after it is written but before
 * anyone hears of it. Whoever goes on must come to the same end (P3, P4), and whoever comes late can't write (P5).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import { defineWorkflow, type Workflow } from '../agents/workflow.ts';
import { FencedError, NotApplied, toErrorInfo } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Store } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { linkTo, type Cut, type StoreLink } from '../testing/crash-store.ts';
import type { Script } from '../testing/scripted.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine, type TestEngine } from '../testing/test-engine.ts';
import { actFor, assertEnded, completedIn, leaseOverMs, runsOf, stateOf, World, type Actor } from './crash.fixture.ts';
import type { RunHandle } from './run-handle.ts';

const user = 'alice';
const large = 'x'.repeat(limits.blobFromBytes + 1);

/** The model asks for its tool, then answers by what it got. */
const script: Script = ({ messages }) => {
  const got = messages.findLast(({ role }) => role === 'tool');
  return got?.role === 'tool'
    ? { text: ['It is ', got.content, '.'] }
    : { toolCalls: [{ name: 'look', input: { at: 3 } }] };
};

type Everything = { readonly workflow: Workflow<null> };

/** The definitions as one life has them: `did` is its hand on the world. */
function everything(did: (path: string) => void, world: World): Everything {
  const look = defineTool({
    name: 'look',
    description: 'Looks.',
    effect: 'read',
    input: z.object({ at: z.number() }),
    run: ({ input }) => (did('look'), input.at * 2),
  });
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    effect: 'once',
    input: z.object({ amount: z.number() }),
    run: ({ input }) => (did('pay'), { paid: input.amount }),
  });
  const send = defineTool({
    name: 'send',
    description: 'Sends.',
    effect: 'idempotent',
    retry: { attempts: 3, delayMs: 10 },
    input: z.object({ to: z.string() }),
    run({ key }) {
      did(`send ${key.slice(key.indexOf('/'))}`);
      if (world.count(`send ${key.slice(key.indexOf('/'))}`) < 2) throw new NotApplied('busy');
      return 'sent';
    },
  });
  const clerk = defineAgent({ name: 'clerk', instructions: 'Look.', tools: [look] });
  const workflow = defineWorkflow({
    name: 'everything',
    version: 1,
    input: z.null(),
    async run(ctx) {
      const first = await ctx.step('first', () => (did('first'), large));
      await ctx.plan({ steps: ['b', 'c'] }, 'the only plan');
      ctx.note('Begun.');
      const [b, c, sent] = await Promise.all([
        ctx.step('b', () => (did('b'), 2)),
        ctx.step('c', async (inner) => {
          const d = await inner.step('d', () => (did('c/d'), 3));
          const e = await inner.step('e', () => (did('c/e'), 4), { input: d });
          return d + e;
        }),
        ctx.tool(send, { to: 'bob' }),
      ]);
      const answer = await ctx.agent(clerk, 'What is there?');
      const paid = await ctx.tool(pay, { amount: 7 });
      const again = await ctx.step(
        'again',
        async (inner) => {
          const before = await inner.step('before', () => (did(`${inner.path}/before`), inner.path.length));
          if (!inner.path.includes('@')) throw new Error('the first try fails');
          return before > 0;
        },
        { retry: { attempts: 2, delayMs: 5 } },
      );
      const approval = await ctx.wait('approval', { signal: 'go', schema: z.object({ ok: z.boolean() }) });
      await ctx.wait('nap', { forMs: 3_600_000 });
      const won = await ctx.race('race', {
        quick: async (inner) => inner.step('run', () => (did('race/quick/run'), 'won')),
        slow: async (inner) => {
          await inner.step('tie', () => (did('race/slow/tie'), 1));
          await inner.step('shoes', () => (did('race/slow/shoes'), 1));
          return inner.wait('forever', { signal: 'never' });
        },
      });
      const last = await ctx.step('last', () => (did('last'), b + c));
      return { first: first.length, last, sent, text: answer.output, paid, again, approval, won };
    },
  });
  return { workflow };
}

const expected = {
  first: large.length,
  last: 9,
  sent: 'sent',
  text: 'It is 6.',
  paid: { paid: 7 },
  again: true,
  approval: { expired: false, value: { ok: true } },
  won: { winner: 'quick', value: 'won' },
};

type Life = TestEngine & { readonly link: StoreLink; readonly handle: Promise<RunHandle<unknown>> };

class Lives {
  readonly clock = new SimClock();
  readonly store: Store = memory({ clock: this.clock });
  readonly world = new World();
  readonly lives: Life[] = [];

  readonly #actor: Actor = {
    signals: { go: { ok: true } },
    decide: () =>
      this.world.count('pay') > 0 ? { decision: 'happened', output: { paid: 7 } } : { decision: 'did-not-happen' },
  };

  /** Begins a life, which starts the run with the same key as those before; its user is there until its end. */
  async live(cut?: Cut): Promise<Life> {
    const link = linkTo(this.store, cut);
    const { workflow } = everything(this.world.hand(), this.world);
    // Another seed is another node id: two nodes of one id would be one node to the store.
    const seed = this.lives.length + 1;
    const made = await createTestEngine({ store: link, clock: this.clock, workflows: [workflow], script, seed });
    const handle = made.engine.as({ user }).start(workflow, null, { key: 'the-one' });
    handle.catch(() => undefined);
    const life = { ...made, link, handle };
    this.lives.push(life);
    for (let turn = 0; turn < 200; turn++) {
      await this.clock.settle();
      if (link.cut) return life;
      const state = await stateOf(this.store, user);
      if (state?.outcome !== undefined) return life;
      if (state === undefined) continue;
      // An engine that dies meanwhile never answers.
      const acted = actFor(made.engine.as({ user }), state, this.#actor);
      if ((await Promise.race([acted, this.clock.settle()])) !== true) await this.clock.advance(600_000);
    }
    throw new assert.AssertionError({ message: 'The run does not come to its end.' });
  }

  /** Lets the dead node's lease run out. */
  async mourn(): Promise<void> {
    this.world.life++;
    await this.clock.advance(leaseOverMs);
  }

  async assertSameEnd(life: Life): Promise<void> {
    const runs = [...(await runsOf(this.store, user)).values()];
    assert.equal(runs.length, 1, 'a start that is sent again starts once');
    assertEnded(runs[0] ?? []);
    assert.deepEqual(await (await life.handle).result(), { status: 'completed', output: expected });
    assert.equal(this.world.count('pay'), 1, 'a `once` tool runs once');
  }
}

/** How many appends the run takes without a crash. */
async function appendsWithoutCrash(): Promise<number> {
  const lives = new Lives();
  const life = await lives.live();
  await lives.assertSameEnd(life);
  return life.link.appends;
}

async function crashAndGoOn(cut: Cut): Promise<Lives> {
  const lives = new Lives();
  const first = await lives.live(cut);
  assert.ok(first.link.cut, 'the crash came');
  const completed = completedIn(await stateOf(lives.store, user));
  const effectsBefore = lives.world.effects.length;
  await lives.mourn();
  const second = await lives.live();
  await lives.assertSameEnd(second);
  const names = new Set([...completed].map((path) => path.replace(/^clerk\/look.*/, 'look')));
  for (const { path } of lives.world.effects.slice(effectsBefore))
    assert.ok(!names.has(path), `${path} ran again though the journal had it as completed`);
  return lives;
}

describe('a run killed at every commit', () => {
  it('comes to the same end, runs nothing completed again and ends once (P3, P4)', async () => {
    const appends = await appendsWithoutCrash();
    assert.ok(appends > 20, `${appends} appends`);
    for (let append = 1; append <= appends; append++) {
      for (const when of ['before', 'after'] as const) {
        try {
          await crashAndGoOn({ append, when });
        } catch (thrown) {
          throw new assert.AssertionError({
            message: `Killed ${when} append ${append} of ${appends}: ${toErrorInfo(thrown).message}`,
            actual: thrown,
          });
        }
      }
    }
  });

  it('comes to the same end after a crash in each of several lives', async () => {
    for (const appends of [2, 4, 7]) {
      const lives = new Lives();
      for (let crash = 0; crash < 4; crash++) {
        const life = await lives.live({ append: appends + crash, when: crash % 2 === 0 ? 'before' : 'after' });
        if (!life.link.cut) break;
        await lives.mourn();
      }
      await lives.assertSameEnd(await lives.live());
    }
  });

  it('fences the node that died when it wakes, and tells whoever waited there (P5)', async () => {
    for (const append of [3, 8, 13]) {
      const lives = await crashAndGoOn({ append, when: 'before' });
      const [dead] = lives.lives;
      const before = (await runsOf(lives.store, user)).size;
      const head = await lives.store.head('main', user);
      const result = (await dead!.handle).result();
      dead!.link.thaw();
      await assert.rejects(result, FencedError);
      await lives.clock.settle();
      assert.deepEqual(await lives.store.head('main', user), head, 'nothing was written late');
      assert.equal((await runsOf(lives.store, user)).size, before);
    }
  });
});
