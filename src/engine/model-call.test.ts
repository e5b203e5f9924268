/** One model call: its tries, its fallbacks, what it costs, and what a model may do wrong in the middle of an answer. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineAgent } from '../agents/agent.ts';
import type { Model, ModelPart } from '../agents/model.ts';
import { ModelError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { foldRun } from '../journal/run-state.ts';
import { scripted, type Script, type ScriptedOptions } from '../testing/scripted.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { eventsOf, journalOf } from './run.fixture.ts';

const clerk = defineAgent({ name: 'clerk', instructions: 'Be brief.', outputTokensMax: 50 });
const limited = (retryAfterMs?: number): ModelError =>
  new ModelError('model_rate_limited', 'slow down', {
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

async function ask(models: Readonly<Record<string, Model>>, clock = new SimClock(), agent = clerk) {
  const { engine } = await createTestEngine({ agents: [agent], models, clock });
  const run = await engine.as({ user: 'alice' }).start(agent, 'Hi');
  const outcome = await run.result();
  const events = await journalOf(run);
  return { outcome, events, clock, run };
}

async function askScript(script: Script, options: ScriptedOptions = {}) {
  const clock = new SimClock();
  return ask({ default: scripted(script, { clock, ...options }) }, clock);
}

/** A model written out by hand, for what no honest one does. */
function model(stream: Model['stream']): Model {
  return { id: 'wild', provider: 'testing', kind: 'scripted', stream };
}

const finish: ModelPart = { type: 'finish', reason: 'stop', usage: { inputTokens: 1, outputTokens: 1 } };

describe('a model call that fails', () => {
  it('is tried again after what its provider asked for, and then is as if it had not', async () => {
    const begun: number[] = [];
    const clock = new SimClock();
    const slow = scripted(
      (_, call) => {
        begun.push(clock.monotonic());
        return call === 0 ? { error: limited(900) } : 'Hello.';
      },
      { clock, delayMs: 0 },
    );
    const { outcome, events } = await ask({ default: slow }, clock);
    assert.deepEqual(outcome, { status: 'completed', output: 'Hello.' });
    assert.deepEqual(
      eventsOf(events, 'model.failed').map(({ data }) => data.retryInMs),
      [900],
    );
    assert.equal((begun[1] ?? 0) - (begun[0] ?? 0), 900);
  });

  it('is not waited for longer than the bound', async () => {
    const { outcome, events } = await askScript([{ error: limited(limits.retryAfterMsMax + 1) }]);
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'model_rate_limited');
    assert.deepEqual(
      eventsOf(events, 'model.failed').map(({ data }) => data.retryInMs),
      [null],
    );
  });

  it('is tried a bounded number of times, waiting longer each time', async () => {
    const { outcome, events } = await askScript(() => ({ error: limited() }));
    assert.equal(outcome.status, 'failed');
    assert.deepEqual(
      eventsOf(events, 'model.failed').map(({ data }) => data.retryInMs),
      [500, 1000, null],
    );
  });

  it('for good is not tried again: a refusal is the answer of this model', async () => {
    const { outcome, events } = await askScript([{ text: 'I', finish: 'refusal' }]);
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'model_refused');
    assert.equal(eventsOf(events, 'model.started').length, 1);
  });

  it('with an error of its own is a failed model call that may pass', async () => {
    const broken = model(() => {
      throw new RangeError('odd');
    });
    const { outcome } = await ask({ default: broken });
    assert.equal(outcome.status === 'failed' && outcome.error.code, 'model_failed');
  });

  it('in the middle takes back what was shown, and the next try says which it is', async () => {
    const { outcome, events } = await askScript([
      { text: ['Hel', 'lo fro'], cut: true, delayMs: 60 },
      { text: ['Good ', 'day'], delayMs: 60 },
    ]);
    assert.deepEqual(outcome, { status: 'completed', output: 'Good day' });
    const told = events
      .filter(({ type }) => type.startsWith('model.'))
      .map((event) => [
        event.type,
        event.attempt ?? 1,
        event.type === 'model.delta' ? event.data.text : event.type === 'model.failed' ? event.data.retryInMs : '',
      ]);
    assert.deepEqual(told, [
      ['model.started', 1, ''],
      ['model.delta', 1, 'Hel'],
      ['model.delta', 1, 'lo fro'],
      ['model.failed', 1, 500],
      ['model.started', 2, ''],
      ['model.delta', 2, 'Good '],
      ['model.delta', 2, 'day'],
      ['model.completed', 2, ''],
    ]);
    const state = foldRun(events);
    assert.equal(state?.steps.get('clerk/model:1')?.text, 'Good day');
  });
});

describe('the models of an agent', () => {
  const agent = defineAgent({ name: 'clerk', instructions: '', model: ['first', 'second', 'third'] });
  const down = (id: string) =>
    scripted(() => ({ error: new ModelError('model_failed', `${id} is down`) }), { id, delayMs: 0 });

  it('are asked in their order, and one that stands in makes the run degraded with the reasons', async () => {
    const third = scripted(['From the third.'], { id: 'third', delayMs: 0 });
    const models = { first: down('first'), second: down('second'), third };
    const { outcome, events } = await ask(models, new SimClock(), agent);
    assert.equal(outcome.status, 'degraded');
    assert.deepEqual(outcome.status === 'degraded' && outcome.reasons.map(({ message }) => message), [
      'first is down',
      'second is down',
    ]);
    assert.deepEqual(
      eventsOf(events, 'model.started').map(({ data }) => data.model),
      ['first', 'second', 'third'],
    );
    assert.deepEqual(eventsOf(events, 'agent.completed')[0]?.data.model, { id: 'third', kind: 'scripted' });
    // One turn, so it is thought about once.
    assert.equal(eventsOf(events, 'agent.thinking').length, 1);
  });

  it('fail together with what the last one said', async () => {
    const models = { first: down('first'), second: down('second'), third: down('third') };
    const { outcome, events } = await ask(models, new SimClock(), agent);
    assert.equal(outcome.status === 'failed' && outcome.error.message, 'third is down');
    assert.equal(eventsOf(events, 'agent.completed').length, 0);
  });

  it('are not asked when the first answers', async () => {
    const first = scripted(['First.'], { delayMs: 0 });
    const { outcome } = await ask({ first, second: down('second'), third: down('third') }, new SimClock(), agent);
    assert.deepEqual(outcome, { status: 'completed', output: 'First.' });
  });
});

describe('what a model call costs', () => {
  const usage = { inputTokens: 10, outputTokens: 4 };
  const turns: Script = [
    { toolCalls: [{ name: 'none', input: {} }], usage },
    { text: 'ok', usage },
  ];

  it('is summed in the state of its run', async () => {
    const price = () => ({ usd: 0.25, source: 'list' });
    const { events } = await askScript(turns, { price });
    assert.deepEqual(foldRun(events)?.usage, { modelCalls: 2, inputTokens: 20, outputTokens: 8, usd: 0.5 });
    assert.equal(eventsOf(events, 'model.completed')[0]?.data.priceSource, 'list');
  });

  it('is unknown when one of its prices is', async () => {
    let calls = 0;
    // The reservation asks for a price as well: the second turn is the third and fourth question.
    const price = () => (calls++ < 2 ? { usd: 0.25, source: 'list' } : undefined);
    const { events } = await askScript(turns, { price });
    assert.equal(foldRun(events)?.usage.usd, null);
    assert.deepEqual(
      eventsOf(events, 'model.completed').map(({ data }) => data.usd),
      [0.25, null],
    );
  });

  it('is reserved at its worst before it begins: all that is sent, and all the output it may give', async () => {
    const price = ({ inputTokens, outputTokens }: { inputTokens: number; outputTokens: number }) => ({
      usd: inputTokens + 1000 * outputTokens,
      source: 'list',
    });
    const { events } = await askScript(turns, { price });
    const [first, second] = eventsOf(events, 'model.started').map(({ data }) => data.reservation);
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(first.outputTokens, clerk.outputTokensMax);
    assert.equal(first.usd, first.inputTokens + 1000 * first.outputTokens);
    const said = JSON.stringify({ id: 'call_0_0', name: 'none', input: '{}' }).length / 8;
    assert.ok(second.inputTokens > first.inputTokens + said / 4, 'the second is asked with the calls of the first');
  });
});

describe('a model that breaks its contract', () => {
  it('by stopping without a finish has failed', async () => {
    const stops = model(async function* () {
      yield { type: 'text', text: 'Hel' };
    });
    const { outcome, events } = await ask({ default: stops });
    assert.match(outcome.status === 'failed' ? outcome.error.message : '', /stopped in the middle/);
    assert.equal(eventsOf(events, 'model.completed').length, 0);
  });

  it('by going on after its finish has failed', async () => {
    const goesOn = model(async function* () {
      yield finish;
      yield { type: 'text', text: 'and another thing' };
    });
    const { outcome } = await ask({ default: goesOn });
    assert.match(outcome.status === 'failed' ? outcome.error.message : '', /went on after its end/);
  });

  it('by saying too much, in text or in the arguments of its calls, has failed', async () => {
    const half = 'x'.repeat(limits.modelTextCharsMax / 2);
    const parts: ModelPart[][] = [
      [{ type: 'text', text: half }, { type: 'text', text: half }, { type: 'text', text: '!' }, finish],
      [{ type: 'text', text: half }, { type: 'tool-call', id: '1', name: 'add', input: half }, finish],
      [
        { type: 'tool-call', id: '1', name: 'add', input: half },
        { type: 'tool-call', id: '2', name: 'add', input: half },
        finish,
      ],
    ];
    for (const said of parts) {
      const talks = model(async function* () {
        yield* said;
      });
      const { outcome } = await ask({ default: talks });
      assert.match(outcome.status === 'failed' ? outcome.error.message : '', /more than 1000000 characters/);
    }
  });

  it('by not hearing its signal tells nothing more of the call that timed out', async () => {
    const clock = new SimClock();
    let call = 0;
    const deaf = model(async function* () {
      const mine = ++call;
      yield { type: 'text', text: `${mine}` };
      if (mine === 1) {
        // Longer than a model call may take; then it goes on as if nothing had been.
        await new Promise<void>((resolve) => void clock.after(limits.modelTimeoutMs + 1_200, resolve));
        yield { type: 'text', text: 'late' };
        await new Promise<void>((resolve) => void clock.after(60, resolve));
        yield { type: 'text', text: 'later' };
      } else await new Promise<void>((resolve) => void clock.after(5_000, resolve));
      yield finish;
    });
    const { engine } = await createTestEngine({ agents: [clerk], models: { default: deaf }, clock });
    const run = await engine.as({ user: 'alice' }).start(clerk, 'Hi');
    await clock.settle();
    await clock.advance(limits.modelTimeoutMs + 10_000);
    assert.deepEqual(await run.result(), { status: 'completed', output: '2' });
    const events = await journalOf(run);
    assert.deepEqual(
      eventsOf(events, 'model.delta').map(({ data, attempt }) => [data.text, attempt ?? 1]),
      [
        ['1', 1],
        ['2', 2],
      ],
    );
    assert.equal(eventsOf(events, 'model.failed')[0]?.data.error.code, 'deadline_exceeded');
  });

  it('is stopped by the cancel of its run, and its run ends as cancelled', async () => {
    const clock = new SimClock();
    let stopped = false;
    const endless = model(async function* (_, { signal }) {
      try {
        for (let piece = 0; ; piece++) {
          signal.throwIfAborted();
          yield { type: 'text', text: String(piece) };
          await new Promise<void>((resolve) => void clock.after(2_000, resolve));
        }
      } finally {
        stopped = true;
      }
    });
    const { engine } = await createTestEngine({ agents: [clerk], models: { default: endless }, clock });
    const run = await engine.as({ user: 'alice' }).start(clerk, 'Hi');
    await clock.settle();
    await run.cancel('enough');
    await clock.advance(2_000);
    assert.deepEqual(await run.result(), { status: 'cancelled', reason: 'enough' });
    assert.equal(stopped, true);
    const types = (await journalOf(run)).map(({ type }) => type);
    assert.deepEqual(types.slice(-3), ['model.failed', 'agent.failed', 'run.cancelled']);
  });
});
