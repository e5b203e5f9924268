/** What a question is for when it doesn't say. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineAgent } from './agent.ts';
import { defineApp, type AppDefinition } from './app.ts';
import { defaultRunnable, startName } from './ask.ts';
import { defineWorkflow } from './workflow.ts';

const clerk = defineAgent({ name: 'clerk', instructions: 'Answer.' });
const cook = defineAgent({ name: 'cook', instructions: 'Cook.' });
const settle = defineWorkflow({
  name: 'settle',
  version: 1,
  input: z.object({ invoice: z.string() }),
  run: async () => Promise.resolve(null),
});
const look = defineWorkflow({
  name: 'look',
  version: 1,
  input: z.object({ question: z.string() }),
  run: async () => Promise.resolve(null),
});

async function chosen(definition: AppDefinition): Promise<string> {
  const app = defineApp(definition);
  return startName(defaultRunnable(app, await app.serve({ folder: '.' })));
}

describe('what is asked when nobody says which', () => {
  it('is the default of the app, before all else', async () => {
    assert.equal(await chosen({ agents: [clerk], workflows: [look, settle], default: 'settle' }), 'settle');
  });

  it('is the only workflow that takes a question, or the only agent where none does', async () => {
    assert.equal(await chosen({ agents: [clerk, cook], workflows: [look, settle] }), 'look');
    assert.equal(await chosen({ agents: [clerk], workflows: [settle] }), 'agent.clerk');
    assert.equal(await chosen({ workflows: [settle] }), 'settle');
    assert.equal(await chosen({ agents: [clerk], workflows: [settle], prepare: () => ({ input: 1 }) }), 'settle');
  });

  it('has to be said where there are several', async () => {
    await assert.rejects(chosen({ agents: [clerk, cook], workflows: [settle] }), /the app has no default/);
    await assert.rejects(chosen({ workflows: [look, { ...look, name: 'see' }] }), { code: 'invalid_input' });
  });
});
