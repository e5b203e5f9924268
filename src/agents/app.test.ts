import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from './agent.ts';
import { defineApp, optionName } from './app.ts';
import { defineWorkflow } from './workflow.ts';

const clerk = defineAgent({ name: 'clerk', instructions: '' });
const sum = defineWorkflow({ name: 'sum', version: 1, input: z.unknown(), run: async () => 1 });
const place = { folder: '/data' };

describe('defineApp', () => {
  it('fills in what was left out, and freezes what was given', async () => {
    const app = defineApp({ agents: [clerk], workflows: [sum] });
    assert.deepEqual(
      { ...app, serve: undefined },
      {
        kind: 'app',
        name: 'app',
        description: '',
        default: undefined,
        models: {},
        rules: [],
        options: [],
        samples: [],
        serve: undefined,
        prepare: undefined,
        render: undefined,
      },
    );
    assert.deepEqual(await app.serve(place), { agents: [clerk], workflows: [sum] });
    assert.ok(Object.isFrozen(app) && Object.isFrozen(app.options) && Object.isFrozen(app.samples));
  });

  it('serves what is made for a place, and checks that too', async () => {
    const seen: string[] = [];
    const app = defineApp({
      serve: ({ folder }) => {
        seen.push(folder);
        return { workflows: [sum] };
      },
    });
    assert.deepEqual(await app.serve(place), { workflows: [sum] });
    assert.deepEqual(seen, ['/data']);
    const wrong = defineApp({ serve: () => ({ agents: [sum as never] }) });
    await assert.rejects(async () => wrong.serve(place), /agents\[0\] is of kind "workflow"/);
  });

  it('takes an app again, as one of another copy of the package is', () => {
    assert.equal(defineApp(defineApp({ agents: [clerk], name: 'mine' }) as never).name, 'mine');
  });

  it('names what is wrong', () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /it is undefined, not an object/],
      [[clerk], /it is list, not an object/],
      [{}, /it serves nothing: it has neither/],
      [{ agents: [] }, /it serves nothing: its lists are empty/],
      [{ agents: [clerk], serve: () => ({}) }, /it has serve, and agents or workflows beside it/],
      [{ agents: clerk }, /agents is object, and must be a list/],
      [{ agents: [clerk], render: 'x' }, /render is string, and must be a function/],
      [{ agents: [clerk], sample: [] }, /"sample" is no member of one \(did you mean "samples"\?\)/],
      [{ agents: [clerk], samples: [''] }, /samples must be questions/],
      [{ agents: [clerk], models: { default: {} } }, /models\.default is not a model/],
      [{ workflows: [sum], options: [{ flag: '--x-y', help: '' }] }, /no prepare that would look at them/],
    ];
    for (const [definition, message] of wrong) assert.throws(() => defineApp(definition as never), message);
  });

  it('refuses options that a command line could not take', () => {
    const withOptions = (...options: unknown[]) =>
      defineApp({ workflows: [sum], options, prepare: () => ({ input: 1 }) } as never);
    assert.throws(() => withOptions({ flag: 'data', help: '' }), /"data" is no flag/);
    assert.throws(() => withOptions({ flag: '--data file', help: '' }), /is no flag/);
    assert.throws(() => withOptions({ flag: '--data <file>' }), /--data <file> has no help/);
    assert.throws(() => withOptions({ flag: '--data', help: '', many: true }), /has no value to give twice/);
    assert.throws(() => withOptions({ flag: '--da', help: '' }, { flag: '--da <x>', help: '' }), /has "--da" twice/);
    assert.equal(optionName({ flag: '--skip-bad-rows', help: '' }), 'skip-bad-rows');
    assert.equal(optionName({ flag: '--data <file>', help: '' }), 'data');
  });
});
