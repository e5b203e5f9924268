/** P3, P4 and P5 for workflows, crashes and orders that nobody thought of. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { defineTool, type Tool } from '../agents/tool.ts';
import type { Context } from '../agents/workflow.ts';
import { memory } from '../stores/memory.ts';
import { linkTo, type StoreLink } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { actFor, assertEnded, completedIn, flow, leaseOverMs, runsOf, stateOf, World } from './crash.fixture.ts';

/** A piece of work; `sum` is what it must come to. */
type Piece =
  | { readonly kind: 'leaf'; readonly value: number; readonly failures: number }
  | { readonly kind: 'wait'; readonly value: number }
  | { readonly kind: 'once'; readonly value: number }
  | { readonly kind: 'inSequence' | 'inParallel' | 'tried'; readonly pieces: readonly Piece[] };

const { piece } = fc.letrec<{ piece: Piece }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 3 },
    fc.record({ kind: fc.constant('leaf' as const), value: fc.nat(9), failures: fc.nat(2) }),
    fc.record({ kind: fc.constant('wait' as const), value: fc.nat(9) }),
    fc.record({ kind: fc.constant('once' as const), value: fc.nat(9) }),
    fc.record({
      kind: fc.constantFrom('inSequence' as const, 'inParallel' as const, 'tried' as const),
      pieces: fc.array(tie('piece'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

function sumOf(of: Piece): number {
  return 'pieces' in of ? of.pieces.reduce((sum, one) => sum + sumOf(one), 0) : of.value;
}

function hasOnce(of: Piece): boolean {
  return 'pieces' in of ? of.pieces.some(hasOnce) : of.kind === 'once';
}

class Worker {
  readonly #did: (path: string) => void;
  readonly #world: World;
  readonly #user: string;
  readonly #pay: Tool<{ path: string; value: number }, number>;

  constructor(world: World, did: (path: string) => void, user: string) {
    this.#world = world;
    this.#did = did;
    this.#user = user;
    this.#pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      effect: 'once',
      input: z.object({ path: z.string(), value: z.number() }),
      run: ({ input }) => (did(`${user} pay ${input.path}`), input.value),
    });
  }

  async work(ctx: Context, of: Piece, key: string): Promise<number> {
    const path = `${ctx.path}/${key}`;
    switch (of.kind) {
      case 'leaf':
        return ctx.step(
          'leaf',
          () => {
            this.#did(`${this.#user} ${path}`);
            if (this.#world.count(`${this.#user} ${path}`) <= of.failures) throw new Error('no');
            return of.value;
          },
          { key, retry: { attempts: 9, delayMs: 5 } },
        );
      case 'wait': {
        const got = await ctx.wait('wait', { signal: 'go', expiresInMs: 3_600_000 }, { key });
        return got.expired ? Number.NaN : of.value;
      }
      case 'once':
        return ctx.tool(this.#pay, { path, value: of.value }, { key });
      default:
        return ctx.step(of.kind, (inner) => this.#all(inner, of.kind, of.pieces), {
          key,
          ...(of.kind === 'tried' && !hasOnce(of) ? { retry: { attempts: 2, delayMs: 5 } } : {}),
        });
    }
  }

  async #all(ctx: Context, kind: string, pieces: readonly Piece[]): Promise<number> {
    const one = (of: Piece, index: number): Promise<number> => this.work(ctx, of, String(index));
    let sum = 0;
    if (kind === 'inParallel') for (const value of await Promise.all(pieces.map(one))) sum += value;
    else for (const [index, of] of pieces.entries()) sum += await one(of, index);
    // The first try of a step that may be tried again fails when all in it is done.
    if (kind === 'tried' && !pieces.some(hasOnce) && !/@\d+$/.test(ctx.path)) throw new Error('again');
    return sum;
  }
}

type Life = { readonly link: StoreLink; readonly results: Promise<unknown>[] };

class Case {
  readonly clock = new SimClock();
  readonly store = memory({ clock: this.clock });
  readonly world = new World();
  readonly #pieces: Readonly<Record<string, Piece>>;
  #lives = 0;

  constructor(pieces: Readonly<Record<string, Piece>>) {
    this.#pieces = pieces;
  }

  async live(append?: number, when: 'before' | 'after' = 'before'): Promise<Life> {
    const link = linkTo(this.store, append === undefined ? undefined : { append, when });
    const did = this.world.hand();
    const workflow = flow('flow', (ctx, user) =>
      new Worker(this.world, did, String(user)).work(ctx, this.#pieces[String(user)] as Piece, 'top'),
    );
    const { engine } = await createTestEngine({
      store: link,
      clock: this.clock,
      workflows: [workflow],
      seed: ++this.#lives,
      limits: { runningMax: 1, freshUserSlotShare: 0 },
    });
    const results: Promise<unknown>[] = [];
    for (const user of Object.keys(this.#pieces)) {
      const result = engine
        .as({ user })
        .start(workflow, user, { key: 'k' })
        .then((run) => run.result());
      result.catch(() => undefined);
      results.push(result);
    }
    for (let turn = 0; turn < 300; turn++) {
      await this.clock.settle();
      if (link.cut) break;
      let open = 0;
      for (const user of Object.keys(this.#pieces)) {
        const state = await stateOf(this.store, user);
        if (state === undefined || state.outcome !== undefined) continue;
        open++;
        const decide = (): { decision: 'did-not-happen' | 'happened'; output?: number } =>
          this.#decide(user, state.steps);
        const acted = actFor(engine.as({ user }), state, { signals: { go: 1 }, decide });
        acted.catch(() => undefined);
        await Promise.race([acted, this.clock.settle()]);
      }
      if (open === 0) break;
    }
    return { link, results };
  }

  /** Whoever is asked looks whether it happened. */
  #decide(user: string, steps: ReadonlyMap<string, { status: string; path: string; input: unknown }>) {
    const { input } = [...steps.values()].find(({ status }) => status === 'indoubt') as {
      input: { path: string; value: number };
    };
    const happened = this.world.count(`${user} pay ${input.path}`) > 0;
    return happened ? { decision: 'happened' as const, output: input.value } : { decision: 'did-not-happen' as const };
  }

  async die(): Promise<void> {
    this.world.life++;
    await this.clock.advance(leaseOverMs);
  }
}

describe('any workflow of two users, whatever crashes', () => {
  it('comes to its sum, runs nothing completed again, and ends once (P3, P4, P5)', async () => {
    const crash = fc.record({
      append: fc.integer({ min: 1, max: 12 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    });
    await fc.assert(
      fc.asyncProperty(piece, piece, fc.array(crash, { maxLength: 3 }), fc.boolean(), async (a, b, crashes, swap) => {
        const pieces = swap ? { bob: b, alice: a } : { alice: a, bob: b };
        const run = new Case(pieces);
        const dead: Life[] = [];
        const crashed: { readonly done: ReadonlySet<string>; readonly effects: number }[] = [];
        let last: Life | undefined;
        for (const { append, when } of crashes) {
          const life = await run.live(append, when);
          if (!life.link.cut) {
            last = life;
            break;
          }
          dead.push(life);
          crashed.push({ done: completedIn(await stateOf(run.store, 'alice')), effects: run.world.effects.length });
          await run.die();
        }
        last ??= await run.live();
        assert.deepEqual(
          await Promise.all(last.results),
          Object.values(pieces).map((one) => ({ status: 'completed', output: sumOf(one) })),
        );
        const heads = await Promise.all(['alice', 'bob'].map((user) => run.store.head('main', user)));
        for (const { link } of dead) link.thaw();
        await run.clock.settle();
        assert.deepEqual(await Promise.all(['alice', 'bob'].map((user) => run.store.head('main', user))), heads, 'P5');
        for (const user of ['alice', 'bob']) {
          const runs = [...(await runsOf(run.store, user)).values()];
          assert.equal(runs.length, 1);
          for (const events of runs) assertEnded(events);
        }
        for (const { done, effects } of crashed) assertNothingAgain(run, done, effects);
        for (const { path } of run.world.effects)
          if (path.includes(' pay ')) assert.equal(run.world.count(path), 1, `${path} happened twice`);
      }),
      { numRuns: 60 },
    );
  });
});

/** What the journal had as completed at the crash has no effect in any later life. */
function assertNothingAgain(run: Case, done: ReadonlySet<string>, from: number): void {
  for (const { path } of run.world.effects.slice(from)) {
    const leaf = path.replace(/^alice \/?/, '').replace(/([^/]+)$/, 'leaf:$1');
    assert.ok(!path.startsWith('alice ') || !done.has(leaf), `${path} ran again`);
  }
}
