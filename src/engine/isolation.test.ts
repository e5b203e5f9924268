/** P2: nothing of one user is another's to see. The kit does the looking; here is what it looks at. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import { limits } from '../core/limits.ts';
import type { Log } from '../core/log.ts';
import type { RunRow } from '../journal/run-row.ts';
import { memory } from '../stores/memory.ts';
import { assertAsUnknown, assertNoneMissing, checkIsolation } from '../testing/isolation-kit.ts';
import { createTestEngine, type TestEngineOptions } from '../testing/test-engine.ts';
import { eventsOf, journalOf, storeWith } from './run.fixture.ts';
import type { RunHandle } from './run-handle.ts';

const whisper = defineTool({
  name: 'whisper',
  description: 'Says it back.',
  effect: 'read',
  input: z.object({ text: z.string() }),
  run: ({ input, user }) => `${user.tenant}/${user.user}: ${input.text}`,
});
const clerk = defineAgent({ name: 'clerk', instructions: ({ user }) => `For ${user}.`, tools: [whisper] });
/** Everything that can hold a secret: tool, agent, thread, key, blob, signal, note, failure. */
const everything = defineWorkflow({
  name: 'everything',
  version: 1,
  input: z.object({ question: z.string() }),
  run: async (ctx, { question }) => {
    await ctx.tool(whisper, { text: question }, { key: question });
    ctx.note(`about ${question}`, { question });
    await ctx.step('large', () => question.repeat(Math.ceil(limits.blobFromBytes / question.length) + 1));
    await ctx
      .step('fails', () => {
        throw new Error(`no ${question}`);
      })
      .catch(() => undefined);
    const answer = await ctx.agent(clerk, question);
    return { said: answer.output };
  },
});

async function open(options: TestEngineOptions = {}) {
  const lines: string[] = [];
  const keep = (message: string, facts?: object): void => void lines.push(`${message} ${JSON.stringify(facts)}`);
  const log: Log = { info: keep, warn: keep, error: keep };
  const made = await createTestEngine({
    agents: [clerk],
    workflows: [everything],
    log,
    // A model that gives away all that it was told.
    script: (request) =>
      request.messages.length < 3
        ? { toolCalls: [{ name: 'whisper', input: { text: JSON.stringify(request.messages) } }] }
        : JSON.stringify([request.instructions, request.messages]),
    ...options,
  });
  return { ...made, lines };
}

describe('two users of one engine', () => {
  it('see nothing of one another, whatever they do at the same time (P2)', async () => {
    const { engine, lines } = await open();
    await checkIsolation({
      engine,
      start: (door, secret, options) => door.start(everything, { question: secret }, options),
      seen: () => lines,
    });
  });

  it('are told what is theirs and no more while both follow what happens (P2)', async () => {
    const { engine, clock } = await open();
    const doors = ['alice', 'bob'].map((user) => ({ user, door: engine.as({ user }), told: new Set<string>() }));
    const stop = new AbortController();
    const following = doors.map(async ({ door, told }) => {
      for await (const { events } of door.frames({ signal: stop.signal }))
        for (const { user } of events) told.add(user);
    });
    await clock.settle();
    for (const { user, door } of doors) await (await door.start(everything, { question: `of ${user}` })).result();
    await clock.settle();
    stop.abort();
    await Promise.all(following);
    for (const { user, told } of doors) assert.deepEqual([...told], [user]);
  });

  it('see nothing of one another in a thread of the same name', async () => {
    const { engine } = await open();
    const texts = new Map<string, string>();
    for (const round of [1, 2]) {
      for (const principal of [
        { tenant: 'acme', user: 'alice' },
        { tenant: 'acme', user: 'bob' },
        { tenant: 'umbrella', user: 'alice' },
      ]) {
        const owner = `${principal.tenant}/${principal.user}`;
        const run = await engine.as(principal).start(clerk, `secret of ${owner}, ${round}`, { thread: 'same' });
        const outcome = await run.result();
        texts.set(owner, outcome.status === 'completed' ? outcome.output : '');
      }
    }
    for (const [owner, text] of texts) {
      assert.ok(text.includes(`secret of ${owner}, 1`), 'it remembers its own');
      for (const other of texts.keys()) if (other !== owner) assert.ok(!text.includes(`secret of ${other}`));
    }
  });

  it('can not read a large value by its name, unless they have the same themselves', async () => {
    const { engine } = await open();
    const [alice, bob] = [engine.as({ user: 'alice' }), engine.as({ user: 'bob' })];
    const run = await alice.start(everything, { question: 'what both may say' });
    await run.result();
    const large = eventsOf(await journalOf(run), 'step.completed').find(({ path }) => path === 'large');
    const reference = large?.data.output as { readonly $blob: string; readonly bytes: number };
    const value = (name: string) => bob.value({ ...reference, $blob: name });
    await assertAsUnknown(reference.$blob, 'f'.repeat(64), value);
    await (await bob.start(everything, { question: 'what both may say' })).result();
    assert.equal(await bob.value(reference), await alice.value(reference));
  });
});

/** What a stranger might do with a handle of another's run, however it was come by. */
const handleCases: { readonly [Method in keyof RunHandle]: ((run: RunHandle) => Promise<unknown>) | undefined } = {
  id: undefined,
  events: (run) => run.events()[Symbol.asyncIterator]().next(),
  result: (run) => run.result(),
  cancel: (run) => run.cancel(),
  signal: (run) => run.signal('word', 'mine'),
  decide: (run) => run.decide('everything', 'happened'),
  approve: (run) => run.approve('everything', { approved: true }),
  state: (run) => run.state(),
  // It is what the lying store answers, and no more.
  row: undefined,
};

describe('a handle', () => {
  it("gives nothing of a run that is not its user's, by any of its methods", async () => {
    const store = memory();
    let forged: RunRow | undefined;
    // Whoever asks while `forged` is set is told that the run is theirs: so a handle of it can be had.
    const lying = storeWith(store, {
      run: (tenant, user, run) => (forged === undefined ? store.run(tenant, user, run) : Promise.resolve(forged)),
    });
    const { engine } = await open({ store: lying });
    const run = await engine.as({ user: 'alice' }).start(everything, { question: 'x' });
    await run.result();
    const [row] = await engine.as({ user: 'alice' }).runs();
    const bob = engine.as({ user: 'bob' });
    assertNoneMissing('a handle', run, handleCases);
    for (const call of Object.values(handleCases)) {
      if (call === undefined) continue;
      await assertAsUnknown(run.id, 'unknown', async (id) => {
        forged = row;
        const handle = await bob.run(id);
        forged = undefined;
        return call(handle);
      });
    }
    assert.equal((await bob.head()).userSeq, 0, 'and nothing was written');
  });
});

describe('the kit itself', () => {
  const subject = async (options: TestEngineOptions) => {
    const { engine } = await open(options);
    return checkIsolation({
      engine,
      start: (door, secret, more) => door.start(everything, { question: secret }, more),
    });
  };

  it('sees a tool that remembers the others', async () => {
    let last = '';
    const leaky = defineWorkflow({
      name: 'everything',
      version: 1,
      input: z.object({ question: z.string() }),
      run: async (ctx, { question }) => {
        const before = last;
        last = question;
        return ctx.step('say', () => [before, question]);
      },
    });
    const { engine } = await createTestEngine({ workflows: [leaky] });
    const check = checkIsolation({
      engine,
      start: (door, secret, options) => door.start(leaky, { question: secret }, options),
    });
    await assert.rejects(check, { name: 'AssertionError', message: /can see "secret-/ });
  });

  it('sees a store that does not look at the tenant', async () => {
    const store = memory();
    const blind = storeWith(store, {
      run: async (tenant, user, run) => (await store.run(tenant, user, run)) ?? store.run('acme', 'alice', run),
    });
    await assert.rejects(subject({ store: blind }), { name: 'AssertionError' });
  });

  it('sees a door with a method that nobody thought of', () => {
    class More {
      read(): void {}
      export(): void {}
    }
    assert.throws(() => assertNoneMissing('a door', new More(), { read: 1 }), /needs a case of isolation/);
  });
});
