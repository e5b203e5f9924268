/** What a deadline counts, whatever comes between (AM1, AM2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { flow, leaseOverMs } from './crash.fixture.ts';
import { eventsOf, journalOf } from './run.fixture.ts';

/** A clock whose wall jumps. */
class JumpingClock extends SimClock {
  jumpedMs = 0;
  override now(): number {
    return super.now() + (this.jumpedMs ?? 0);
  }
}

type Stretch = { readonly workMs: number; readonly between: 'signal' | 'evicted' | 'crash'; readonly jumpMs: number };

const deadlineMs = 1_000_000;
const anyStretch: fc.Arbitrary<Stretch> = fc.record({
  workMs: fc.integer({ min: 0, max: 50_000 }),
  between: fc.constantFrom('signal' as const, 'evicted' as const, 'crash' as const),
  jumpMs: fc.constantFrom(0, 3_600_000, -3_600_000),
});

describe('what a run has left of its deadline', () => {
  it('is what it did not work, through evictions, crashes while it waits, and jumps of the wall clock', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStretch, { minLength: 1, maxLength: 4 }), async (stretches) => {
        const clock = new JumpingClock({ passMs: 0 });
        const store = memory({ clock });
        const body = flow(
          'flow',
          async (ctx) => {
            for (const [index, { workMs }] of stretches.entries()) {
              const work = () => new Promise<null>((resolve) => void clock.after(workMs, () => resolve(null)));
              await ctx.step('work', work, { key: String(index) });
              await ctx.wait('go', { signal: `go ${index}` }, { key: String(index) });
            }
          },
          { deadlineMs },
        );
        let link = linkTo(store);
        let { engine } = await createTestEngine({ store: link, clock, workflows: [body] });
        const { id } = await engine.as({ user: 'alice' }).start(body, null);
        let worked = 0;
        for (const [index, { workMs, between, jumpMs }] of stretches.entries()) {
          await clock.advance(workMs);
          worked += workMs;
          const run = await engine.as({ user: 'alice' }).run(id);
          const told = eventsOf(
            (await page(store)).filter((event) => event.run === id),
            'run.suspended',
          ).at(-1);
          assert.equal(told?.data.activeLeftMs, deadlineMs - worked);
          assert.equal(Math.round((await run.state()).activeMs), worked);
          clock.jumpedMs += jumpMs;
          if (between === 'evicted') await clock.advance(limits.evictAfterMs + 4_000_000);
          if (between === 'crash') {
            link.freeze();
            await clock.advance(leaseOverMs + 4_000_000);
            link = linkTo(store);
            ({ engine } = await createTestEngine({ store: link, clock, workflows: [body], seed: index + 2 }));
          }
          await (await engine.as({ user: 'alice' }).run(id)).signal(`go ${index}`);
          await clock.settle();
        }
        const ended = await engine.as({ user: 'alice' }).run(id);
        assert.equal((await ended.result()).status, 'completed');
        assert.ok((await journalOf(ended)).length > 0);
        await engine.close();
      }),
      { numRuns: 25 },
    );
  });
});

async function page(store: ReturnType<typeof memory>) {
  return (await store.read('main', 'alice', { after: 0, limit: 10_000 })).events;
}
