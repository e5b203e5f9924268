import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { z } from 'zod';
import { ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { defineAgent } from './agent.ts';
import { estimateTokens } from './message.ts';
import { defineTool } from './tool.ts';

const toolNamed = (name: string): ReturnType<typeof defineTool> =>
  defineTool({ name, description: '', effect: 'read', input: z.unknown(), run: () => 1 });

describe('defineAgent', () => {
  it('gives frozen data with the defaults of the house', () => {
    const agent = defineAgent({ name: 'clerk', instructions: 'Answer.' });
    assert.deepEqual(agent, {
      kind: 'agent',
      name: 'clerk',
      description: '',
      instructions: 'Answer.',
      models: ['default'],
      tools: [],
      output: undefined,
      outputJsonSchema: undefined,
      turnsMax: limits.agentTurnsMax,
      outputTokensMax: limits.outputTokensMax,
      temperature: undefined,
      threadTokensMax: limits.threadTokensMax,
      onBusy: 'queue',
    });
    assert.ok(Object.isFrozen(agent) && Object.isFrozen(agent.models) && Object.isFrozen(agent.tools));
  });

  it('takes one model or several in order', () => {
    const of = (model: string | readonly string[]): readonly string[] =>
      defineAgent({ name: 'clerk', instructions: '', model }).models;
    assert.deepEqual(of('large'), ['large']);
    assert.deepEqual(of(['large', 'rules']), ['large', 'rules']);
  });

  it('keeps a zero that was asked for', () => {
    const agent = defineAgent({ name: 'clerk', instructions: '', threadTokensMax: 0, temperature: 0 });
    assert.deepEqual([agent.threadTokensMax, agent.temperature], [0, 0]);
  });

  it('does not share its lists with the caller', () => {
    const tools = [toolNamed('add')];
    const agent = defineAgent({ name: 'clerk', instructions: '', tools });
    tools.push(toolNamed('pay'));
    assert.deepEqual(
      agent.tools.map(({ name }) => name),
      ['add'],
    );
  });

  it('refuses two tools of one name, which a model could not tell apart', () => {
    assert.throws(
      () => defineAgent({ name: 'clerk', instructions: '', tools: [toolNamed('add'), toolNamed('add')] }),
      /Agent "clerk" has two tools of one name/,
    );
  });

  it('refuses a name that can not stand in a path', () => {
    assert.throws(() => defineAgent({ name: 'a b', instructions: '' }), ValidationError);
  });

  it('tells a model the shape of its answer, and refuses a shape that can not be told', () => {
    const told = defineAgent({ name: 'clerk', instructions: '', output: z.object({ n: z.number() }) });
    assert.deepEqual(told.outputJsonSchema?.['required'], ['n']);
    const untold = v.object({ n: v.number() });
    assert.throws(
      () => defineAgent({ name: 'clerk', instructions: '', output: untold }),
      /the answer of agent "clerk" can't say itself/,
    );
    const given = { type: 'object' };
    assert.equal(
      defineAgent({ name: 'clerk', instructions: '', output: untold, outputJsonSchema: given }).outputJsonSchema,
      given,
    );
  });
});

describe('estimateTokens', () => {
  it('counts four characters a token, rounded up', () => {
    assert.deepEqual(
      [0, 1, 4, 5].map((chars) => estimateTokens(chars)),
      [0, 1, 1, 2],
    );
  });
});

it('needs one model or several different ones', () => {
  for (const model of [[], ['a', 'a']])
    assert.throws(() => defineAgent({ name: 'clerk', instructions: '', model }), { code: 'invalid_input' });
  assert.deepEqual(defineAgent({ name: 'clerk', instructions: '', model: ['a', 'b'] }).models, ['a', 'b']);
});
