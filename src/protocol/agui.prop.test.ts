/** The projection of workflows, crashes and orders that nobody thought of. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import type { Context } from '../agents/workflow.ts';
import { flow, leaseOverMs, runsOf, stateOf } from '../engine/crash.fixture.ts';
import type { UserDoor } from '../engine/user-door.ts';
import type { RunState } from '../journal/run-state.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { endsAguiRun } from './agui-event.ts';
import { AguiProjection } from './agui.ts';
import { projected, told, verified } from './agui.fixture.ts';

type Piece =
  | { readonly kind: 'leaf' | 'agent' | 'once' | 'signal' | 'time' | 'plan'; readonly fails: boolean }
  | { readonly kind: 'sequence' | 'parallel' | 'race' | 'tried'; readonly pieces: readonly Piece[] };

const { piece } = fc.letrec<{ piece: Piece }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      kind: fc.constantFrom('leaf', 'agent', 'once', 'signal', 'time', 'plan'),
      fails: fc.boolean(),
    }) as fc.Arbitrary<Piece>,
    fc.record({
      kind: fc.constantFrom('sequence', 'parallel', 'race', 'tried'),
      pieces: fc.array(tie('piece'), { minLength: 1, maxLength: 3 }),
    }) as fc.Arbitrary<Piece>,
  ),
}));

const look = defineTool({
  name: 'look',
  description: 'Looks.',
  effect: 'read',
  input: z.object({ fail: z.boolean() }),
  run: ({ input }) => (input.fail ? Promise.reject(new Error('no')) : { seen: true }),
});
const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  effect: 'once',
  input: z.object({ fail: z.boolean() }),
  run: ({ input }) => (input.fail ? Promise.reject(new Error('dead')) : 'paid'),
});
const clerk = defineAgent({ name: 'clerk', instructions: 'Answer.', tools: [look, pay] });

async function work(ctx: Context, of: Piece, key: string): Promise<unknown> {
  switch (of.kind) {
    case 'leaf':
      return ctx.step('leaf', () => (of.fails ? Promise.reject(new Error('no')) : 1), {
        key,
        retry: { attempts: 2, delayMs: 5 },
      });
    case 'agent':
      return ctx.agent(clerk, of.fails ? 'fail' : 'work', { key });
    case 'once':
      return ctx.tool(pay, { fail: of.fails }, { key });
    case 'signal':
      return ctx.wait('wait', { signal: 'go', expiresInMs: of.fails ? 10_000 : 1e9 }, { key });
    case 'time':
      return ctx.wait('nap', { forMs: of.fails ? 5 : 30_000 }, { key });
    case 'plan':
      return ctx.plan({ key }, 'because', of.fails ? 'before' : undefined);
    case 'race':
      return ctx.race(
        'race',
        Object.fromEntries(of.pieces.map((one, at) => [`b${at}`, (inner: Context) => work(inner, one, 'x')])),
        { key },
      );
    default:
      return ctx.step(of.kind, (inner) => all(inner, of.kind, of.pieces), {
        key,
        ...(of.kind === 'tried' ? { retry: { attempts: 2, delayMs: 5 } } : {}),
      });
  }
}

async function all(ctx: Context, kind: string, pieces: readonly Piece[]): Promise<void> {
  const one = (of: Piece, index: number): Promise<unknown> => work(ctx, of, String(index)).catch(() => undefined);
  if (kind === 'parallel') await Promise.all(pieces.map(one));
  else for (const [index, of] of pieces.entries()) await one(of, index);
  if (kind === 'tried' && !/@\d+$/.test(ctx.path)) throw new Error('again');
}

/** A run of the pieces with a crash, cancelled after some turns unless it ended before. */
async function recorded(of: Piece, crashAt: number | undefined, cancelAt: number) {
  const clock = new SimClock();
  const store = memory({ clock });
  const workflow = flow('flow', (ctx) => work(ctx, of, 'top'));
  for (const life of crashAt === undefined ? [2] : [1, 2]) {
    const link = linkTo(store, life === 1 && crashAt !== undefined ? { append: crashAt, when: 'after' } : undefined);
    const { engine } = await createTestEngine({
      store: link,
      clock,
      workflows: [workflow],
      seed: life,
      script: ({ messages }, call) => {
        const fail = messages.some((message) => message.role === 'user' && message.text === 'fail');
        if (messages.length > 1) return call % 5 === 0 ? { text: ['Do', 'ne.'], cut: true } : 'Done.';
        const calls = [{ name: fail && call % 2 === 0 ? 'pay' : 'look', input: { fail } }];
        return { text: call % 3 === 0 ? '' : ['So', ' be it.'], toolCalls: calls };
      },
    });
    const starting = engine.as({ user: 'alice' }).start(workflow, null, { key: 'k' });
    starting.catch(() => undefined);
    for (let turn = 0; turn < 40; turn++) {
      await clock.settle();
      if (link.cut) break;
      const state = await stateOf(store, 'alice');
      if (state === undefined) continue;
      if (state.outcome !== undefined) break;
      const acted = act(engine.as({ user: 'alice' }), state, turn, cancelAt);
      // A link that is cut never answers.
      await Promise.race([acted.catch(() => undefined), clock.settle()]);
      if (turn % 2 === 1) await clock.advance(20_000);
    }
    link.freeze();
    await clock.advance(leaseOverMs);
  }
  return [...(await runsOf(store, 'alice')).values()].flat();
}

/** What the world outside does on a turn. */
async function act(door: UserDoor, state: RunState, turn: number, cancelAt: number): Promise<void> {
  const run = await door.run(state.run);
  const doubt = [...state.steps.values()].find(({ status }) => status === 'indoubt');
  if (turn === cancelAt) await run.cancel('enough');
  else if (doubt !== undefined) await run.decide(doubt.path, turn % 2 === 0 ? 'happened' : 'did-not-happen', 1);
  else if (turn % 3 === 0) await run.signal('go', turn);
}

describe('the AG-UI of any run', () => {
  it('is accepted by the verifiers of its clients, and told the same at every place of the run', async () => {
    await fc.assert(
      fc.asyncProperty(piece, fc.option(fc.nat(12), { nil: undefined }), fc.nat(60), async (of, crashAt, cancelAt) => {
        const journal = await recorded(of, crashAt === undefined ? undefined : crashAt + 1, cancelAt);
        const events = await verified(journal);
        const projection = new AguiProjection();
        let place = 0;
        for (const event of journal) {
          const next = projection.project(event);
          assert.deepEqual(next, events.slice(place, place + next.length));
          place += next.length;
        }
        assertWhole(events);
      }),
      { numRuns: 60 },
    );
  });
});

/** What the verifiers don't look at. */
function assertWhole(events: ReturnType<typeof projected>): void {
  const last = events.at(-1);
  if (last === undefined || !endsAguiRun(last)) return;
  const calls = told(events, 'TOOL_CALL_START').map(({ toolCallId }) => toolCallId);
  const results = told(events, 'TOOL_CALL_RESULT').map(({ toolCallId }) => toolCallId);
  assert.equal(new Set(calls).size, calls.length, 'a tool call has an id of its own');
  const isOver = last.type !== 'RUN_FINISHED' || last.outcome.type !== 'interrupt';
  if (isOver) assert.deepEqual(results.toSorted(), calls.toSorted(), 'each tool call has one result (AGU4)');
  const ids = told(events, 'TEXT_MESSAGE_START').map(({ messageId }) => messageId);
  assert.equal(new Set(ids).size, ids.length, 'a message has an id of its own');
}
