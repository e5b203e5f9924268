import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { ValidationError } from '../core/errors.ts';
import { defineWorkflow, type Context } from './workflow.ts';

const define = (name: string, version: number): ReturnType<typeof defineWorkflow> =>
  defineWorkflow({ name, version, input: z.unknown(), run: async () => Promise.resolve(null) });

describe('defineWorkflow', () => {
  it('gives frozen data', () => {
    const workflow = define('greet', 3);
    assert.ok(Object.isFrozen(workflow));
    const { kind, name, version, description, deadlineMs } = workflow;
    assert.deepEqual([kind, name, version, description, deadlineMs], ['workflow', 'greet', 3, '', undefined]);
  });

  it('refuses a version that can not be counted on', () => {
    for (const version of [0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1]) {
      assert.throws(() => define('greet', version), /needs a version: 1, 2, 3/, String(version));
    }
  });

  it('refuses an input without a schema, which plain JavaScript may leave out', () => {
    for (const input of [undefined, null, {}, { '~standard': {} }]) {
      const definition = { name: 'greet', version: 1, input: input as never, run: async () => Promise.resolve(null) };
      assert.throws(() => defineWorkflow(definition), /The schema of the input of workflow "greet" is missing/);
    }
  });

  it('leaves the names of agents to agents', () => {
    assert.throws(() => define('agent.clerk', 1), ValidationError);
    assert.equal(define('agents', 1).name, 'agents');
  });

  it('refuses a name that can not stand in a path', () => {
    assert.throws(() => define('a/b', 1), ValidationError);
  });

  it('keeps `this` of a definition that uses it', async () => {
    const greeter = {
      name: 'greet',
      version: 1,
      input: z.string(),
      word: 'Hello',
      run(_ctx: Context, who: string): Promise<string> {
        return Promise.resolve(`${this.word}, ${who}!`);
      },
    };
    assert.equal(await defineWorkflow(greeter).run({} as Context, 'Ada'), 'Hello, Ada!');
  });
});
