/** A run that waits for somebody's yes or no (AP1, AP2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Context } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import { memory } from '../stores/memory.ts';
import { linkTo } from '../testing/crash-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { codeOf, flow, leaseOverMs } from './crash.fixture.ts';
import { eventsOf, journalOf } from './run.fixture.ts';

const boss = { user: 'alice', roles: ['boss'] };

async function asked(body: (ctx: Context) => Promise<unknown>, quietMs = 0) {
  const workflow = flow('flow', body);
  const clock = new SimClock();
  const store = memory({ clock });
  const link = linkTo(store);
  const made = await createTestEngine({ store: link, clock, workflows: [workflow] });
  const run = await made.engine.as({ user: 'alice' }).start(workflow, null);
  await clock.advance(quietMs);
  return { ...made, store, link, clock, workflow, run, ofBoss: await made.engine.as(boss).run(run.id) };
}

const mayPay = (ctx: Context): Promise<unknown> =>
  ctx.wait('pay', { approval: { prompt: 'Pay 7?', role: 'boss' }, expiresInMs: 3_600_000 });

describe('an approval', () => {
  it('says what is asked, of whom, and then who decided what (AP2)', async () => {
    const { run, ofBoss } = await asked(mayPay);
    await ofBoss.approve('pay', { approved: true, note: 'fine' });
    const answer = { expired: false, approved: true, by: 'alice', note: 'fine' };
    assert.deepEqual(await run.result(), { status: 'completed', output: answer });
    const events = await journalOf(run);
    assert.deepEqual(eventsOf(events, 'wait.started')[0]?.data.for, {
      kind: 'approval',
      prompt: 'Pay 7?',
      role: 'boss',
    });
    assert.deepEqual(eventsOf(events, 'wait.ended')[0]?.data, {
      by: 'approval',
      approved: true,
      decidedBy: 'alice',
      note: 'fine',
    });
  });

  it('is refused as it is approved', async () => {
    const { run, ofBoss } = await asked(mayPay);
    await ofBoss.approve('pay', { approved: false });
    assert.deepEqual(await run.result(), {
      status: 'completed',
      output: { expired: false, approved: false, by: 'alice' },
    });
  });

  it('is decided by nobody without its role, whoever began the run (AP1)', async () => {
    const { run, ofBoss, engine } = await asked(mayPay);
    assert.equal(await codeOf(run.approve('pay', { approved: true })), 'forbidden');
    const clerk = await engine.as({ user: 'alice', roles: ['clerk'] }).run(run.id);
    assert.equal(await codeOf(clerk.approve('pay', { approved: true })), 'forbidden');
    assert.equal((await run.state()).status, 'suspended');
    await ofBoss.approve('pay', { approved: false });
    assert.equal((await run.result()).status, 'completed');
  });

  it('needs no role where it names none, and is decided once', async () => {
    const { run, clock } = await asked(async (ctx) => {
      const answer = await ctx.wait('pay', { approval: { prompt: 'Pay?' } });
      await ctx.wait('later', { forMs: 60_000 });
      return answer.expired ? 'expired' : answer.approved;
    });
    await run.approve('pay', { approved: true });
    assert.equal(await codeOf(run.approve('pay', { approved: false })), 'conflict');
    await clock.advance(60_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: true });
  });

  it('wakes a run that was evicted, and answers from the journal after a crash', async () => {
    const { ofBoss, run, clock, link, store, workflow } = await asked(async (ctx) => {
      const answer = await mayPay(ctx);
      await ctx.wait('later', { forMs: 600_000 });
      return answer;
    }, limits.evictAfterMs + 1_000);
    assert.equal(await codeOf(run.approve('pay', { approved: true })), 'forbidden');
    await ofBoss.approve('pay', { approved: true });
    await clock.settle();
    link.freeze();
    await clock.advance(leaseOverMs + 600_000);
    const { engine } = await createTestEngine({ store, clock, workflows: [workflow], seed: 2 });
    const again = await engine.as({ user: 'alice' }).run(run.id);
    const output = { expired: false, approved: true, by: 'alice' };
    assert.deepEqual(await again.result(), { status: 'completed', output });
  });

  it('that nobody decides expires', async () => {
    const { run, clock } = await asked(mayPay);
    await clock.advance(3_600_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: { expired: true } });
  });

  it('is decided over another node too', async () => {
    const { run, clock, store, workflow } = await asked(mayPay);
    const other = await createTestEngine({ store, clock, workflows: [workflow], seed: 2 });
    const refused = codeOf((await other.engine.as({ user: 'alice' }).run(run.id)).approve('pay', { approved: true }));
    const done = (await other.engine.as(boss).run(run.id)).approve('pay', { approved: true });
    await clock.advance(1_000);
    assert.equal(await refused, 'forbidden');
    await done;
    assert.equal((await run.result()).status, 'completed');
  });

  it('is not what another wait is, and needs a prompt', async () => {
    const { run } = await asked((ctx) => ctx.wait('w', { signal: 'go' }));
    assert.equal(await codeOf(run.approve('w', { approved: true })), 'conflict');
    assert.equal(await codeOf(run.approve('w', { approved: 'yes' as never })), 'invalid_input');
    assert.equal(await codeOf(run.approve('w', { approved: true, note: 7 as never })), 'invalid_input');
    const wrong = await asked((ctx) => ctx.wait('w', { approval: { prompt: ' ' } }));
    const outcome = await wrong.run.result();
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'invalid_input');
  });
});
