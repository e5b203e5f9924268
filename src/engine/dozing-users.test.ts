import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineWorkflow } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import { silentLog } from '../core/log.ts';
import { ownerKey } from '../core/principal.ts';
import { seededRandom } from '../core/random.ts';
import { memory } from '../stores/memory.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { Alarms } from './alarms.ts';
import { DozingUsers } from './dozing-users.ts';
import { EngineNode } from './node.ts';
import { Registry } from './registry.ts';
import { openDoor, type UserDoor } from './user-door.ts';
import type { UserStream } from './user-stream.ts';

/** What is known of a user whose runs are due after so many ms. */
function asleep(clock: SimClock, user: string, dueAfterMs: readonly number[]): UserStream {
  const sleepers = dueAfterMs.map((ms, index) => [String(index), { dueAt: clock.now() + ms }] as const);
  const facts = { key: ownerKey('t', user), tenant: 't', user, asleep: new Map(sleepers) };
  return facts as unknown as UserStream;
}

function dozing(load: (user: string) => Promise<void>) {
  const clock = new SimClock();
  const loaded: string[] = [];
  const users = new DozingUsers(clock, new Alarms(clock, 'background'), async (_tenant, user) => {
    loaded.push(user);
    await load(user);
  });
  return { clock, users, loaded };
}

describe('a user who dozes', () => {
  it('is loaded when the first of their runs is due, and nobody else is', async () => {
    const { clock, users, loaded } = dozing(() => Promise.resolve());
    users.add(asleep(clock, 'ada', [90_000, 20_000, 50_000]));
    users.add(asleep(clock, 'bob', [60_000]));
    await clock.advance(19_999);
    assert.deepEqual(loaded, []);
    await clock.advance(1);
    assert.deepEqual(loaded, ['ada']);
    assert.equal(users.size, 1);
    await clock.advance(100_000);
    assert.deepEqual(loaded, ['ada', 'bob']);
    assert.deepEqual([users.size, clock.timers], [0, 0]);
  });

  it('is asked for again until they can be loaded', async () => {
    let failures = 2;
    const { clock, users, loaded } = dozing(() =>
      failures-- > 0 ? Promise.reject(new Error('the disk is full')) : Promise.resolve(),
    );
    users.add(asleep(clock, 'ada', [20_000]));
    await clock.advance(20_000);
    assert.deepEqual([loaded.length, users.size], [1, 1]);
    await clock.advance(2 * limits.leaseRenewMs);
    assert.deepEqual([loaded.length, users.size, clock.timers], [3, 0, 0]);
  });

  it('is not loaded after being forgotten, also when that was while loading', async () => {
    const loading = Promise.withResolvers<void>();
    const { clock, users, loaded } = dozing(() => loading.promise);
    users.add(asleep(clock, 'ada', [20_000]));
    users.add(asleep(clock, 'bob', [20_000]));
    users.forget(ownerKey('t', 'bob'));
    await clock.advance(20_000);
    users.forget(ownerKey('t', 'ada'));
    loading.reject(new Error('the disk is full'));
    await clock.advance(10 * limits.leaseRenewMs);
    assert.deepEqual(loaded, ['ada']);
    assert.deepEqual([users.size, clock.timers], [0, 0]);
  });
});

const waiter = defineWorkflow({
  name: 'waiter',
  version: 1,
  input: z.number(),
  run: async (ctx, forMs) => {
    await ctx.step('work', () => 1);
    if (forMs > 0) await ctx.wait('time', { forMs });
    else await ctx.wait('word', { signal: 'word' });
    return 'done';
  },
});

describe('more users with sleeping runs than are kept at hand', () => {
  it('go on at their time, when they are told something, and when they are asked for (O4)', async () => {
    const clock = new SimClock();
    const node = new EngineNode({
      store: memory({ clock }),
      registry: new Registry([waiter], [], {}),
      clock,
      random: seededRandom(7),
      log: silentLog,
      readOnly: false,
      limits: { ...limits },
    });
    await node.open();
    const doors = Array.from({ length: 10_100 }, (_, n) =>
      openDoor(node, { tenant: 't', user: `user${n}`, roles: [] }),
    ) as [UserDoor, UserDoor, ...UserDoor[]];
    // The first are the first to be let go: the second of them waits for a word, and the others for their time.
    const first = doors.slice(0, 100);
    const runs = await Promise.all(first.map((door, n) => door.start(waiter, n === 1 ? 0 : 3_600_000)));
    await Promise.all(doors.slice(100).map((door) => door.start(waiter, 7_200_000)));
    await clock.advance(limits.evictAfterMs + 3 * limits.leaseRenewMs);
    // Once for each user at hand; the rest doze and have none.
    assert.equal(node.quiet.size + node.alarms.size, 10_100, 'each has one thing that is due');
    const told = runs[1];
    await told?.signal('word');
    assert.deepEqual(await told?.result(), { status: 'completed', output: 'done' });
    assert.equal((await doors[0].runs()).length, 1);
    await clock.advance(3_600_000);
    const rows = await Promise.all(runs.map((run) => run.row()));
    assert.deepEqual(new Set(rows.map(({ status }) => status)), new Set(['completed']));
    await node.close(0);
    assert.equal(clock.timers, 0);
  });
});
