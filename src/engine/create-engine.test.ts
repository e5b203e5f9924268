/** CE1 to CE3: one factory, one door, and nothing that comes in by another way or changes afterwards. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineTool } from '../agents/tool.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import { ConstructionError, EngineError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { memory } from '../stores/memory.ts';
import { storeWith } from './run.fixture.ts';
import { scripted } from '../testing/scripted.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { createEngine, type Engine, type EngineLimits, type EngineOptions } from './create-engine.ts';
import type { Door } from './user-door.ts';

const clerk = defineAgent({ name: 'clerk', instructions: '' });
const forbidden = { name: 'ConstructionError', code: 'construct_forbidden' };

type Made = new (...given: readonly unknown[]) => object;
const classOf = (made: object): Made => made.constructor as Made;

/** Every member of a class: methods and getters, those of its instances and those that anybody may borrow. */
function membersOf(made: Made): [string, PropertyDescriptor][] {
  return Object.entries(Object.getOwnPropertyDescriptors(made.prototype)).filter(([name]) => name !== 'constructor');
}

type Borrowed = (this: unknown) => unknown;

/** What a member does on a `this` that is not what it belongs to. */
async function borrow(member: PropertyDescriptor, foreign: unknown): Promise<unknown> {
  const { get, value } = member as { readonly get?: Borrowed; readonly value?: Borrowed };
  const result = (get ?? value)?.call(foreign);
  // An iterator begins when it is first asked.
  if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result)
    return (result as AsyncGenerator).next();
  return result;
}

async function assertOnlyFrom(factory: string, made: object): Promise<void> {
  const Class = classOf(made);
  class Sub extends Class {}
  const ways: Record<string, () => unknown> = {
    new: () => new Class(),
    'new with what looks like the key': () => new Class(Symbol('made by createEngine'), {}, { tenant: 't', user: 'u' }),
    subclass: () => new Sub(),
    'Reflect.construct': () => Reflect.construct(Class, [undefined, {}]),
    'Reflect.construct for another': () => Reflect.construct(Class, [undefined, {}], Object),
  };
  for (const [way, construct] of Object.entries(ways)) {
    assert.throws(construct, (thrown: EngineError) => {
      assert.ok(thrown instanceof ConstructionError, way);
      assert.match(thrown.hint ?? '', new RegExp(factory));
      return thrown.code === 'construct_forbidden';
    });
  }
  const foreigners: Record<string, unknown> = {
    'an empty object': {},
    nothing: undefined,
    'a text': 'x',
    'Object.create(prototype)': Object.create(Class.prototype as object),
    'Object.create(a true one)': Object.create(made),
    'a proxy of a true one': new Proxy(made, {}),
    'a copy': { ...made },
  };
  const members = membersOf(Class);
  assert.ok(members.length >= 3);
  for (const [name, member] of members) {
    for (const [what, foreign] of Object.entries(foreigners))
      await assert.rejects(async () => borrow(member, foreign), forbidden, `${name} of ${what}`);
  }
}

describe('an engine', () => {
  it('comes from createEngine and from nowhere else (CE1)', async () => {
    const { engine } = await createTestEngine();
    await assertOnlyFrom('createEngine', engine);
  });

  it('has a door that comes from engine.as and from nowhere else (P8)', async () => {
    const { engine } = await createTestEngine();
    const door = engine.as({ user: 'alice' });
    await assertOnlyFrom('engine.as', door);
  });

  it('has nothing to start, read, stream or cancel with (CE2)', async () => {
    const { engine } = await createTestEngine();
    assert.deepEqual(
      membersOf(classOf(engine)).map(([name]) => name),
      ['as', 'store', 'close'],
    );
    assert.deepEqual(Reflect.ownKeys(engine), []);
  });

  it('can not be changed, nor can its door or a run: nobody becomes another user by an assignment', async () => {
    const { engine } = await createTestEngine({ agents: [clerk], script: ['Hi.'] });
    const door = engine.as({ user: 'alice' });
    const run = await door.start(clerk, 'Hello');
    for (const made of [engine, door, run, door.principal, door.principal.roles]) assert.ok(Object.isFrozen(made));
    assert.throws(() => Object.assign(door, { principal: { tenant: 'main', user: 'bob', roles: [] } }), TypeError);
    await run.result();
  });

  it('keeps what it was given, whatever its giver does with it later (CE3)', async () => {
    const limits: { runningMax: number } = { runningMax: 5 };
    const agents = [clerk];
    const roles = ['boss'];
    const models: EngineOptions['models'] & object = { default: scripted(() => 'first') };
    const engine = await createEngine({ store: memory(), agents, models, limits });
    const input: Record<string, Json> = { text: 'a' };
    const door = engine.as({ user: 'alice', roles });
    agents.length = 0;
    limits.runningMax = 0;
    roles.push('god');
    Object.assign(models, { default: scripted(() => 'second') });
    const run = await door.start(clerk, 'x');
    input['text'] = 'b';
    assert.deepEqual(await run.result(), { status: 'completed', output: 'first' });
    assert.deepEqual(door.principal.roles, ['boss']);
    await engine.close();
  });

  it('says which store it is on', async () => {
    const { engine } = await createTestEngine();
    assert.deepEqual(engine.store, { name: 'memory', durable: false });
  });
});

describe('what createEngine refuses', () => {
  const store = memory();
  const other = defineAgent({ name: 'clerk', instructions: 'another' });
  const lost = defineAgent({ name: 'lost', instructions: '', model: 'nowhere' });
  const table: Record<string, [EngineOptions, RegExp]> = {
    'no options': [undefined as unknown as EngineOptions, /needs a store/],
    'no store': [{} as EngineOptions, /needs a store/],
    'a store that is none': [{ store: {} } as EngineOptions, /needs a store/],
    'two agents of one name': [{ store, agents: [clerk, other], models: { default: scripted([]) } }, /given twice/],
    'an agent without its model': [{ store, agents: [lost], models: { default: scripted([]) } }, /model "nowhere"/],
    'a limit that is none': [{ store, limits: { runningMx: 1 } as EngineLimits }, /no limit "runningMx"/],
    'a limit that every object has': [{ store, limits: { toString: 1 } as unknown as EngineLimits }, /no limit/],
    'a count of nothing': [{ store, limits: { runningMax: 0 } }, /from 1 up/],
    'half a run': [{ store, limits: { runningPerUserMax: 1.5 } }, /from 1 up/],
    'a text for a number': [{ store, limits: { queuedMax: '5' as unknown as number } }, /from 1 up/],
    'all slots for who has none': [{ store, limits: { freshUserSlotShare: 1 } }, /share/],
  };
  for (const [what, [options, message]] of Object.entries(table)) {
    it(what, async () => {
      await assert.rejects(createEngine(options), { code: 'invalid_input', message });
    });
  }
});

describe('an engine that closes', () => {
  const wait = defineWorkflow({
    name: 'wait',
    version: 1,
    input: z.null(),
    run: (ctx) => ctx.step('long', () => new Promise((resolve) => setImmediate(resolve, 'done'))),
  });

  it('gives what runs its time, and begins nothing more meanwhile', async () => {
    const { engine } = await createTestEngine({ workflows: [wait] });
    const alice = engine.as({ user: 'alice' });
    const run = await alice.start(wait, null);
    const result = run.result();
    const closed = engine.close({ graceMs: 5_000 });
    await assert.rejects(alice.start(wait, null), { code: 'closed' });
    await closed;
    assert.deepEqual(await result, { status: 'completed', output: 'done' });
  });

  it('closes its store once, however often it is asked', async () => {
    let closed = 0;
    const store = memory();
    const counted = storeWith(store, { close: async () => void closed++ });
    const { engine } = await createTestEngine({ store: counted });
    await Promise.all([engine.close({ graceMs: 10 }), engine.close(), engine.close()]);
    await engine.close();
    assert.equal(closed, 1);
  });

  it('answers everything with "closed" from then on', async () => {
    const { engine } = await createTestEngine({ workflows: [wait] });
    const alice = engine.as({ user: 'alice' });
    const run = await alice.start(wait, null);
    await engine.close();
    const calls: Record<string, () => Promise<unknown>> = {
      start: () => alice.start(wait, null),
      run: () => alice.run(run.id),
      runs: () => alice.runs(),
      head: () => alice.head(),
      frames: () => alice.frames()[Symbol.asyncIterator]().next(),
      value: () => alice.value({ $blob: 'x', bytes: 1 }),
      result: () => run.result(),
      cancel: () => run.cancel(),
    };
    for (const [name, call] of Object.entries(calls)) await assert.rejects(call, { code: 'closed' }, name);
  });

  it('refuses a grace that is no number of ms', async () => {
    const { engine } = await createTestEngine();
    for (const graceMs of [Number.NaN, -1, '5' as unknown as number])
      await assert.rejects(engine.close({ graceMs }), { code: 'invalid_input' });
    await engine.close();
  });
});

/** Never run: that it compiles is the test. */
export async function typesHold(engine: Engine, TheEngine: typeof Engine, TheDoor: typeof Door): Promise<void> {
  // @ts-expect-error An engine can't be made of anything a caller has.
  void new TheEngine(Symbol('made'), {});
  // @ts-expect-error Nor a door.
  void new TheDoor(Symbol('made'), {}, { tenant: 't', user: 'u', roles: [] });
  // @ts-expect-error The engine starts nothing.
  void engine.start;
  // @ts-expect-error It reads nothing.
  void engine.run;
  // @ts-expect-error It streams nothing.
  void engine.frames;
  // @ts-expect-error No identity, no door.
  engine.as();
  // @ts-expect-error A door needs a user.
  engine.as({ tenant: 't' });
  const door = engine.as({ user: 'alice' });
  // @ts-expect-error A door is its user's for good.
  door.principal = { tenant: 't', user: 'bob', roles: [] };

  const shaped = defineAgent({ name: 'shaped', instructions: '', output: z.object({ sum: z.number() }) });
  const flow = defineWorkflow({
    name: 'flow',
    version: 1,
    input: z.object({ n: z.number() }),
    run: async (ctx, { n }) => {
      const answer = await ctx.agent(shaped, String(n));
      const sum: number = answer.output.sum;
      // @ts-expect-error The tool's input is what its schema says.
      await ctx.tool(add, { a: '1' });
      const added: number = await ctx.tool(add, { a: sum });
      return { added };
    },
  });
  const add = defineTool({
    name: 'add',
    description: '',
    effect: 'read',
    input: z.object({ a: z.number() }),
    run: ({ input }) => input.a + 1,
  });
  // @ts-expect-error What may not be repeated has no retry.
  defineTool({ name: 'x', description: '', effect: 'once', retry: { attempts: 2 }, input: z.null(), run: () => 1 });
  // @ts-expect-error An agent is asked with text.
  await door.start(shaped, { n: 1 });
  // @ts-expect-error A workflow's input is what its schema says.
  await door.start(flow, { n: '1' });
  const outcome = await (await door.start(flow, { n: 1 })).result();
  // @ts-expect-error An outcome is not read without looking at its status.
  void outcome.output;
  if (outcome.status === 'completed') {
    const added: number = outcome.output.added;
    void added;
  }
  const answer = await (await door.start(shaped, 'x')).result();
  if (answer.status === 'degraded') {
    const sum: number = answer.output.sum;
    void sum;
  }
}
