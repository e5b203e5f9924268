/** Many users and many runs at once, and what is left of them afterwards: nothing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import { silentLog } from '../core/log.ts';
import { seededRandom } from '../core/random.ts';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { scripted } from '../testing/scripted.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { EngineNode } from './node.ts';
import { Registry } from './registry.ts';
import { eventsOf, journalOf } from './run.fixture.ts';
import { openDoor } from './user-door.ts';
import type { RunHandle } from './run-handle.ts';

const echo = defineTool({
  name: 'echo',
  description: '',
  effect: 'read',
  input: z.object({ text: z.string() }),
  run: ({ input, user }) => `${user.user} said ${input.text}`,
});
const clerk = defineAgent({ name: 'clerk', instructions: '', tools: [echo] });

describe('ten users with ten runs each, all at once', () => {
  it('have a hundred answers, each in a journal that has its own alone', async () => {
    const clock = new SimClock();
    let calls = 0;
    // Delays of all lengths, so that no run keeps step with another.
    const model = scripted(
      ({ messages }) => {
        const delayMs = (calls++ * 7) % 23;
        const last = messages.at(-1);
        if (last?.role === 'tool') return { text: [last.content, '.'], delayMs };
        return { toolCalls: [{ name: 'echo', input: { text: last?.text ?? '' } }], delayMs };
      },
      { clock },
    );
    const { engine } = await createTestEngine({ agents: [clerk], models: { default: model }, clock });
    const all: { user: string; text: string; run: RunHandle<string> }[] = [];
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const user = `user${index % 10}`;
        const text = `text${index}`;
        all.push({ user, text, run: await engine.as({ user }).start(clerk, text) });
      }),
    );
    const answers = await Promise.all(all.map(({ run }) => run.result()));
    const known = new Set(all.flatMap(({ user, text }) => [user, text]));
    for (const [index, { user, text, run }] of all.entries()) {
      assert.deepEqual(answers[index], { status: 'completed', output: `${user} said ${text}.` });
      const events = await journalOf(run);
      assert.ok(events.every((event) => event.user === user && event.run === run.id));
      const words = JSON.stringify(events.map(({ data }) => data)).match(/(user|text)\d+/g) ?? [];
      assert.deepEqual(new Set(words.filter((word) => known.has(word))), new Set([user, text]));
      assert.equal(eventsOf(events, 'agent.completed').length, 1);
    }
  });
});

const kinds = ['well', 'badly', 'late', 'cancelled', 'waiting', 'refused'] as const;

const mixed = defineWorkflow({
  name: 'mixed',
  version: 1,
  input: z.enum(kinds),
  run: async (ctx, kind) => {
    if (kind === 'waiting') await ctx.wait('word', { signal: 'word', expiresInMs: 5_000 });
    const done = await ctx.step('work', () => {
      if (kind === 'badly') throw new Error('broken');
      if (kind === 'late' || kind === 'cancelled')
        return new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('stopped'))));
      return kind;
    });
    return ctx.tool(echo, { text: kind === 'refused' ? (7 as unknown as string) : String(done) });
  },
});

describe('two thousand runs that ended in every way', () => {
  it('leave no slot, no run, no timer, no reader, and no growing heap behind', async () => {
    const clock = new SimClock();
    const random = seededRandom(1);
    const node = new EngineNode({
      store: memory({ clock, random, runsKept: 450 }),
      registry: new Registry([mixed], [], {}),
      clock,
      random,
      log: silentLog,
      readOnly: false,
      limits: {
        runningMax: 50,
        runningPerUserMax: 8,
        queuedMax: 5_000,
        queuedPerUserMax: 1_000,
        freshUserSlotShare: 0.1,
        runDeadlineMs: 10_000,
      },
    });
    await node.open();
    const doors = Array.from({ length: 20 }, (_, n) => openDoor(node, { tenant: 't', user: `user${n}`, roles: [] }));
    const batch = async (): Promise<Record<string, number>> => {
      const ends: Record<string, number> = {};
      const runs = await Promise.all(
        Array.from({ length: 400 }, async (_, index) => {
          const kind = kinds[index % kinds.length] ?? 'well';
          const run = await (doors[index % doors.length] as (typeof doors)[0]).start(mixed, kind);
          void journalOf(run).catch(() => undefined);
          if (kind === 'cancelled') await run.cancel();
          return run;
        }),
      );
      const results = Promise.all(runs.map((run) => run.result()));
      for (let round = 0; round < 20; round++) await clock.advance(10_000);
      for (const { status } of await results) ends[status] = (ends[status] ?? 0) + 1;
      return ends;
    };
    const heap = (): number => {
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
    };
    await batch();
    const before = heap();
    for (let n = 0; n < 4; n++) {
      const ends = await batch();
      assert.deepEqual(Object.keys(ends).toSorted(), ['cancelled', 'completed', 'failed']);
    }
    const grownBytes = heap() - before;
    await clock.settle();
    const streams = await Promise.all(doors.map(({ principal }) => node.stream(principal.tenant, principal.user)));
    assert.deepEqual(
      {
        running: node.scheduler.running,
        queued: node.scheduler.queued,
        openRuns: streams.reduce((sum, stream) => sum + (stream?.runs.size ?? 1), 0),
        rows: streams.reduce((sum, stream) => sum + (stream?.rows.size ?? 1), 0),
        idle: streams.every((stream) => stream?.idle),
        readers: node.feeds.size,
        // The lease alone.
        timers: clock.timers,
      },
      { running: 0, queued: 0, openRuns: 0, rows: 0, idle: true, readers: 0, timers: 1 },
    );
    if (globalThis.gc !== undefined) assert.ok(grownBytes < 5_000_000, `the heap has grown by ${grownBytes} bytes`);
    await node.close(0);
    assert.equal(clock.timers, 0);
  });
});

describe('more users than are kept at hand', () => {
  it('may each begin something: only those nobody asks for any more are let go', async () => {
    const clock = new SimClock();
    const node = new EngineNode({
      store: memory({ clock }),
      registry: new Registry([], [], {}),
      clock,
      random: seededRandom(7),
      log: silentLog,
      readOnly: false,
      limits: { ...limits },
    });
    await node.open();
    const streams = await Promise.all(Array.from({ length: 10_050 }, (_, n) => node.stream('t', `user${n}`)));
    assert.ok(streams.every((stream) => stream?.gone === undefined));
    await clock.advance(2 * limits.leaseRenewMs + 1);
    assert.equal(streams.filter((stream) => stream?.gone !== undefined).length, 50);
    await node.close(0);
  });
});
