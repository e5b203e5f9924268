/** `ctx.tool`: who may call it, with what, and what it is given (C1 to C3). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { z } from 'zod';
import { defineTool, type Tool, type ToolCall } from '../agents/tool.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import { toErrorInfo } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { eventsOf, journalOf } from './run.fixture.ts';

/** Calls the tool once in a workflow, which gives what came of it. */
async function call(tool: Tool, input: unknown, roles: readonly string[] = []) {
  const flow = defineWorkflow({
    name: 'flow',
    version: 1,
    input: z.null(),
    run: async (ctx) => {
      try {
        return { output: (await ctx.tool(tool, input)) as Json };
      } catch (thrown) {
        const { code, message } = toErrorInfo(thrown);
        return { code, message };
      }
    },
  });
  const { engine } = await createTestEngine({ workflows: [flow] });
  const run = await engine.as({ tenant: 'acme', user: 'alice', roles }).start(flow, null);
  const outcome = await run.result();
  const events = await journalOf(run);
  return { outcome, events, run, tools: events.filter(({ type }) => type.startsWith('tool.')) };
}

const said = async (tool: Tool, input: unknown, roles: readonly string[] = []) => {
  const { outcome, tools } = await call(tool, input, roles);
  assert.ok('output' in outcome);
  return {
    output: outcome.output as { readonly output?: Json; readonly code?: string; readonly message?: string },
    tools,
  };
};

describe('a tool', () => {
  it('gets its input as its schema makes it, with zod and with valibot', async () => {
    const zod = defineTool({
      name: 'z',
      description: '',
      effect: 'read',
      input: z.object({ n: z.number().default(7), text: z.string().trim() }),
      run: ({ input }) => input,
    });
    const valibot = defineTool({
      name: 'v',
      description: '',
      effect: 'read',
      input: v.object({ text: v.pipe(v.string(), v.toUpperCase()) }),
      inputJsonSchema: { type: 'object' },
      run: ({ input }) => input.text,
    });
    assert.deepEqual((await said(zod, { text: ' a ' })).output, { output: { n: 7, text: 'a' } });
    assert.deepEqual((await said(valibot, { text: 'a' })).output, { output: 'A' });
    for (const [tool, place] of [
      [zod, 'text: '],
      [valibot, 'text: '],
    ] as const) {
      const { output, tools } = await said(tool, { text: 7 });
      assert.equal(output.code, 'invalid_input');
      assert.ok(output.message?.includes(place));
      assert.deepEqual(tools, [], 'no tool event without a tool that runs (C1)');
    }
  });

  it('gets who asks beside its input, whatever the input says', async () => {
    const given: ToolCall<unknown>[] = [];
    const tool = defineTool({
      name: 'who',
      description: '',
      effect: 'read',
      input: z.looseObject({}),
      run: (one) => void given.push(one),
    });
    const { run } = await call(tool, { user: { user: 'bob' }, context: 'bob', run: 'other', key: 'mine' });
    assert.deepEqual(given[0]?.user, { tenant: 'acme', user: 'alice', roles: [] });
    assert.ok(Object.isFrozen(given[0]?.user));
    assert.equal(given[0]?.run, run.id);
    assert.equal(given[0]?.key, `${run.id}/who`);
    assert.equal(given[0]?.signal.aborted, false);
  });

  it('is refused without one of its roles, before anything is told of it', async () => {
    let ran = 0;
    const tool = defineTool({
      name: 'pay',
      description: '',
      effect: 'read',
      roles: ['boss', 'clerk'],
      input: z.null(),
      run: () => ++ran,
    });
    for (const roles of [[], ['bos'], ['boss,clerk'], ['Boss']]) {
      const { output, tools } = await said(tool, null, roles);
      assert.equal(output.code, 'forbidden');
      assert.deepEqual(tools, []);
    }
    assert.equal(ran, 0);
    assert.deepEqual((await said(tool, null, ['x', 'clerk'])).output, { output: 1 });
  });

  it('gives what its output schema makes of it, which is what the journal has (C3)', async () => {
    const tool = defineTool({
      name: 'shape',
      description: '',
      effect: 'read',
      input: z.null(),
      output: z.object({ n: z.number() }),
      run: () => ({ n: 1, secret: 'dropped by the schema' }),
    });
    const { outcome, events } = await call(tool, null);
    assert.deepEqual(outcome, { status: 'completed', output: { output: { n: 1 } } });
    assert.deepEqual(eventsOf(events, 'tool.completed')[0]?.data.output, { n: 1 });
  });

  it('fails with its own words, once, and is not told as completed', async () => {
    const tool = defineTool({
      name: 'broken',
      description: '',
      effect: 'read',
      input: z.null(),
      run: () => {
        throw new TypeError('no wheels');
      },
    });
    const { outcome, events } = await call(tool, null);
    assert.equal(outcome.status, 'degraded');
    assert.deepEqual(outcome.status === 'degraded' && outcome.output, {
      code: 'thrown',
      message: 'TypeError: no wheels',
    });
    assert.equal(eventsOf(events, 'tool.failed').length, 1);
    assert.equal(eventsOf(events, 'tool.completed').length, 0);
  });

  it('that gives nothing gives null', async () => {
    const tool = defineTool({ name: 'mute', description: '', effect: 'read', input: z.null(), run: () => undefined });
    assert.deepEqual((await said(tool, null)).output, { output: null });
  });
});
