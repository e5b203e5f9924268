/** The one way in: what it refuses, in which words, and that another user's things are as things that are not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import { toErrorInfo, type ErrorInfo } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { PrincipalInput } from '../core/principal.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { storeWith } from './run.fixture.ts';
import { memory } from '../stores/memory.ts';
import type { StartOptions } from './user-door.ts';
import type { RunHandle } from './run-handle.ts';

const clerk = defineAgent({ name: 'clerk', instructions: '' });
const echo = defineWorkflow({
  name: 'echo',
  version: 1,
  input: z.unknown(),
  run: (ctx, input) => ctx.step('say', () => input),
});
const waiting = defineWorkflow({
  name: 'waiting',
  version: 1,
  input: z.null(),
  run: (ctx) => ctx.wait('word', { signal: 'word' }),
});

const options = { agents: [clerk], workflows: [echo, waiting], script: () => 'Hi.' };

async function open() {
  const made = await createTestEngine(options);
  return { ...made, alice: made.engine.as({ user: 'alice' }), bob: made.engine.as({ user: 'bob' }) };
}

async function refusalOf(call: () => Promise<unknown>): Promise<ErrorInfo> {
  try {
    await call();
  } catch (thrown) {
    return toErrorInfo(thrown);
  }
  return assert.fail('It was not refused.');
}

describe('no identity', () => {
  const bad: Record<string, unknown> = {
    nothing: undefined,
    null: null,
    'a text': 'alice',
    'no user': {},
    'an empty user': { user: '' },
    'spaces for a user': { user: '  ' },
    'a number for a user': { user: 7 },
    'a lost value': { user: 'undefined' },
    'a lost value in capitals': { user: 'Anonymous' },
    'an object as text': { user: '[object Object]' },
    'a user with a line break': { user: 'alice\nbob' },
    'a user with a zero': { user: 'alice\u0000' },
    'a user with spaces around': { user: ' alice' },
    'a very long user': { user: 'a'.repeat(limits.idCharsMax + 1) },
    'an empty tenant': { tenant: '', user: 'alice' },
    'a null tenant': { tenant: null, user: 'alice' },
    'a default tenant': { tenant: 'default', user: 'alice' },
    'roles as a text': { user: 'alice', roles: 'boss' },
    'an empty role': { user: 'alice', roles: [''] },
  };
  for (const [what, principal] of Object.entries(bad)) {
    it(`no door: ${what} (P8)`, async () => {
      const { engine } = await open();
      assert.throws(() => engine.as(principal as PrincipalInput), { code: 'identity_required' });
    });
  }
});

describe('a start that can not be', () => {
  const cases: Record<string, [unknown, unknown, unknown, RegExp, string?]> = {
    'an unknown name': ['clerc', 'Hi', undefined, /no workflow "clerc"/, 'not_found'],
    'an unknown agent': [
      defineAgent({ name: 'clarke', instructions: '' }),
      'Hi',
      undefined,
      /no agent "clarke"/,
      'not_found',
    ],
    'another agent of the name': [
      defineAgent({ name: 'clerk', instructions: 'evil' }),
      'Hi',
      undefined,
      /not the agent "clerk"/,
    ],
    'a name that every object has': ['constructor', 'Hi', undefined, /no workflow/, 'not_found'],
    nothing: [undefined, 'Hi', undefined, /an agent, a workflow, or the name/],
    null: [null, 'Hi', undefined, /an agent, a workflow, or the name/],
    'a number': [7, 'Hi', undefined, /an agent, a workflow, or the name/],
    'a tool': [{ kind: 'tool', name: 'clerk' }, 'Hi', undefined, /an agent, a workflow, or the name/],
    'no text': [clerk, undefined, undefined, /asked with text/],
    'an empty text': [clerk, ' \n', undefined, /asked with text/],
    'an object for a text': [clerk, { text: 'Hi' }, undefined, /asked with text/],
    'a date': [echo, { at: new Date(0) }, undefined, /a Date at \.at/],
    'a NaN': [echo, [Number.NaN], undefined, /NaN at \[0\]/],
    'a function': [echo, () => 1, undefined, /a function/],
    'a bigint': [echo, 1n, undefined, /a bigint/],
    'a map': [echo, new Map(), undefined, /a Map/],
    'too deep': [echo, deep(limits.jsonDepthMax + 2), undefined, /levels/],
    'a wrong shape': [waiting, 'x', undefined, /The input of workflow "waiting" is not valid/],
    'an empty key': [echo, 1, { key: '' }, /A key is a string/],
    'a long key': [echo, 1, { key: 'k'.repeat(limits.idCharsMax + 1) }, /A key is a string/],
    'a number as key': [echo, 1, { key: 7 }, /A key is a string/],
    'a null key': [echo, 1, { key: null }, /A key is a string/],
    'an empty thread': [echo, 1, { thread: '' }, /A thread is a string/],
    'an object as thread': [echo, 1, { thread: {} }, /A thread is a string/],
    'no time': [echo, 1, { deadlineMs: 0 }, /A deadline/],
    'time backwards': [echo, 1, { deadlineMs: -5 }, /A deadline/],
    'a text for time': [echo, 1, { deadlineMs: '5' }, /A deadline/],
    'no end': [echo, 1, { deadlineMs: Infinity }, /A deadline/],
    'a message that is none': [echo, 1, { message: { text: 'x' } }, /A message is text/],
    'a text for options': [echo, 1, 'key', /options of a start are an object/],
    'null for options': [echo, 1, null, /options of a start are an object/],
  };
  for (const [what, [target, input, given, message, code = 'invalid_input']] of Object.entries(cases)) {
    it(`is refused, and nothing is journaled of it: ${what}`, async () => {
      const { alice } = await open();
      const start = () => alice.start(target as string, input, given as StartOptions);
      await assert.rejects(start, { code, message });
      assert.equal((await alice.head()).userSeq, 0);
      assert.deepEqual(await alice.runs(), []);
    });
  }

  it('says what was meant when that is near', async () => {
    const { alice } = await open();
    assert.equal((await refusalOf(() => alice.start('clerc', 'Hi'))).hint, 'Did you mean "clerk"?');
    const far = await refusalOf(() => alice.start('something-else', 'Hi'));
    assert.equal(far.hint, 'There are: echo, waiting, clerk.');
  });

  it('does not change what may be: the same version, or the newest of a name', async () => {
    const second = defineWorkflow({ name: 'echo', version: 2, input: z.unknown(), run: async () => 'second' });
    const { engine } = await createTestEngine({ workflows: [echo, second] });
    const alice = engine.as({ user: 'alice' });
    assert.deepEqual(await (await alice.start(echo, 1)).result(), { status: 'completed', output: 1 });
    assert.deepEqual(await (await alice.start('echo', 1)).result(), { status: 'completed', output: 'second' });
  });
});

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

describe('other wrong input', () => {
  const alicesRun = async () => {
    const made = await open();
    const run = await made.alice.start(waiting, null);
    await made.clock.settle();
    return { ...made, run };
  };
  type Given = Awaited<ReturnType<typeof alicesRun>>;
  const cases: Record<string, (given: Given) => Promise<unknown>> = {
    'a list of no status': ({ alice }) => alice.runs({ status: 'running' as unknown as [] }),
    'a list of a status that is none': ({ alice }) => alice.runs({ status: ['ran' as 'running'] }),
    'a list of nothing': ({ alice }) => alice.runs({ limit: 0 }),
    'a list without end': ({ alice }) => alice.runs({ limit: Number.NaN }),
    'a list before nowhere': ({ alice }) => alice.runs({ before: -1 }),
    'a list of an empty thread': ({ alice }) => alice.runs({ thread: '' }),
    'a list by a text': ({ alice }) => alice.runs('all' as unknown as object),
    'a cursor that is a number': ({ alice }) => first(alice.frames({ after: 5 as unknown as never })),
    'a cursor with half a place': ({ alice }) => first(alice.frames({ after: { generation: 'x', userSeq: 0.5 } })),
    'a cursor before the first': ({ alice }) => first(alice.frames({ after: { generation: 'x', userSeq: -1 } })),
    'a reference that is none': ({ alice }) => alice.value({ sha256: 'x' } as unknown as never),
    'a reference to nothing': ({ alice }) => alice.value(null as unknown as never),
    'events after a text': ({ run }) => first(run.events({ after: '5' as unknown as number })),
    'events after NaN': ({ run }) => first(run.events({ after: Number.NaN })),
    'a signal without a name': ({ run }) => run.signal('', 1),
    'a signal with a number for a name': ({ run }) => run.signal(5 as unknown as string),
    'a signal that JSON can not say': ({ run }) => run.signal('word', new Set()),
    'a signal with an empty key': ({ run }) => run.signal('word', 1, { key: '' }),
    'a cancel for an object': ({ run }) => run.cancel({} as unknown as string),
    'a decision that is none': ({ run }) => run.decide('word', 'maybe' as unknown as 'happened'),
    'a decision of no path': ({ run }) => run.decide(undefined as unknown as string, 'happened'),
  };
  for (const [what, call] of Object.entries(cases)) {
    it(`is refused and changes nothing: ${what}`, async () => {
      const given = await alicesRun();
      const before = (await given.alice.head()).userSeq;
      assert.equal((await refusalOf(() => call(given))).code, 'invalid_input');
      assert.equal((await given.alice.head()).userSeq, before);
    });
  }

  it('may be long where it is only words: the reason of a cancel is cut', async () => {
    const { run } = await alicesRun();
    await run.cancel('r'.repeat(10_000));
    const outcome = await run.result();
    assert.ok(outcome.status === 'cancelled' && outcome.reason.length <= limits.reasonCharsMax + 1);
  });
});

async function first(frames: AsyncIterable<unknown>): Promise<unknown> {
  for await (const frame of frames) return frame;
  return undefined;
}

describe("a run that is not this user's (P2)", () => {
  const foreignIds = ['', ' ', 'x', '../alice', '%00', '\u0000', 'a'.repeat(10_000), '__proto__', 'constructor'];
  const odd = [undefined, null, 7, {}, [], true, Symbol('id')] as unknown as string[];

  it('is answered as one that is not there, but for the id itself', async () => {
    const { alice, bob, engine } = await open();
    const run = await alice.start(waiting, null);
    const unknown = run.id.replaceAll(/[0-9a-f]/g, '7');
    for (const stranger of [bob, engine.as({ tenant: 'other', user: 'alice' })]) {
      const told = await refusalOf(() => stranger.run(run.id));
      const plain = await refusalOf(() => stranger.run(unknown));
      assert.deepEqual(JSON.parse(JSON.stringify(told).replaceAll(run.id, unknown)), plain);
      assert.equal(plain.code, 'not_found');
      assert.deepEqual(Object.keys(plain).toSorted(), ['code', 'message', 'retryable']);
    }
    await run.cancel();
  });

  it('is looked up by one and the same call of the store, which is asked for this user alone', async () => {
    const store = memory();
    const asked: unknown[][] = [];
    const watched = storeWith(store, {
      run: (...given) => {
        asked.push(given);
        return store.run(...given);
      },
    });
    const { engine } = await createTestEngine({ ...options, store: watched });
    const run = await engine.as({ user: 'alice' }).start(waiting, null);
    const bob = engine.as({ user: 'bob' });
    asked.length = 0;
    await refusalOf(() => bob.run(run.id));
    await refusalOf(() => bob.run('unknown'));
    assert.deepEqual(asked, [
      ['main', 'bob', run.id],
      ['main', 'bob', 'unknown'],
    ]);
  });

  it('may have any id, and any value for an id', async () => {
    const { alice } = await open();
    for (const id of [...foreignIds, ...odd]) assert.equal((await refusalOf(() => alice.run(id))).code, 'not_found');
  });
});

describe('the lists of a door', () => {
  it('have the newest first, by thread, status and page', async () => {
    const { alice, clock } = await open();
    const runs: RunHandle[] = [];
    for (let n = 0; n < 5; n++) {
      const run = await alice.start('echo', n, { thread: n % 2 === 0 ? 'even' : 'odd' });
      runs.push(run);
      await run.result();
    }
    const open1 = await alice.start(waiting, null);
    await clock.settle();
    const ids = async (list?: Parameters<typeof alice.runs>[0]) => (await alice.runs(list)).map(({ run }) => run);
    const newest = runs.map(({ id }) => id).toReversed();
    assert.deepEqual(await ids(), [open1.id, ...newest]);
    assert.deepEqual(await ids({ status: ['suspended'] }), [open1.id]);
    assert.deepEqual(await ids({ thread: 'odd' }), [newest[1], newest[3]]);
    const page = await alice.runs({ status: ['completed'], limit: 2 });
    assert.deepEqual(
      page.map(({ run }) => run),
      newest.slice(0, 2),
    );
    const before = page.at(-1)?.firstUserSeq;
    assert.ok(before !== undefined);
    assert.deepEqual(await ids({ before, limit: 2 }), newest.slice(2, 4));
    await open1.cancel();
  });
});
