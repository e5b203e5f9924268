import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { AppAsk, Json, Prepared } from 'cantus';
import { app } from './cantus.config.ts';
import { optimizeInputSchema, type OptimizeInput } from './workflow.ts';

const folder = mkdtempSync(join(tmpdir(), 'cantus-optimizer-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const calls =
  'timestamp,model,input_tokens,output_tokens\n2026-01-01T00:00:00Z,gpt-4o,5,6\n2026-01-02T00:00:00Z,gpt-4o,7,8\n';

async function prepare(changes: Partial<AppAsk> = {}): Promise<Prepared & { readonly input: OptimizeInput }> {
  const ask: AppAsk = {
    workflow: 'optimize',
    question: 'What do my calls cost?',
    options: {},
    user: { tenant: 'main', user: 'alice', roles: [] },
    folder,
    now: Date.UTC(2026, 10, 22, 9),
    previous: undefined,
    readFile: async () => new TextEncoder().encode(calls),
    ...changes,
  };
  const prepared = await app.prepare?.(ask);
  return { ...prepared, input: optimizeInputSchema.parse(prepared?.input) };
}

describe('the data of a question', () => {
  it('are the file that was given, and a generated sample without one', async () => {
    const { input, notes } = await prepare({ options: { data: 'calls.csv' } });
    assert.equal(input.data?.name, 'calls.csv');
    assert.equal(notes?.[0], 'calls: 2 in calls.csv, 24 hours');
    const sample = await prepare();
    assert.equal(sample.input.data?.generated, true);
    assert.match(sample.notes?.join('\n') ?? '', /This sample is generated/u);
  });

  it('are told with options by their names, for the page knows no flags', async () => {
    const first = await prepare({
      options: { data: 'calls.csv' },
      readFile: async () => new TextEncoder().encode(calls.replaceAll('\n', ',x\n')),
    });
    const told = [first, await prepare(), await prepare({ previous: first.input as Json })].flatMap(
      ({ notes = [] }) => notes,
    );
    assert.equal(told.filter((note) => /the option "(data|map)"/iu.test(note)).length, 4);
    assert.ok(!told.some((note) => note.includes('--')), told.join('\n'));
  });

  it('are those of the question before in the same thread, and the note says so', async () => {
    const first = await prepare({ options: { data: 'calls.csv' } });
    const { input, notes } = await prepare({ previous: first.input as Json });
    assert.equal(input.data?.sha256, first.input.data?.sha256);
    assert.match(notes?.[0] ?? '', /goes on with the data of the question before/u);
    assert.match(notes?.[1] ?? '', /calls: 2 in calls\.csv/u);
  });

  it('go on with what was said of them, and what is said now comes on top', async () => {
    const options = { data: 'calls.csv', assume: ['provider=azure'], map: ['user=-'] };
    const first = await prepare({ options });
    const { input } = await prepare({ previous: first.input as Json, options: { assume: ['latency_unit=ms'] } });
    assert.deepEqual(input.data?.assume, { provider: 'azure', latencyUnit: 'ms' });
    assert.deepEqual(input.data?.mapping, { user: '-' });
  });

  it('are a new file where one is given, whatever was asked before', async () => {
    const first = await prepare({ options: { data: 'calls.csv' } });
    const other = await prepare({
      previous: first.input as Json,
      options: { data: 'other.csv' },
      readFile: async () => new TextEncoder().encode(`${calls}2026-01-03T00:00:00Z,gpt-4o,1,1\n`),
    });
    assert.equal(other.input.data?.name, 'other.csv');
    assert.match(other.notes?.[0] ?? '', /calls: 3 in other\.csv/u);
  });

  it('of another user do not come along with the input of the question before', async () => {
    const first = await prepare({ options: { data: 'calls.csv' } });
    await assert.rejects(
      prepare({ previous: first.input as Json, user: { tenant: 'main', user: 'mallory', roles: [] } }),
      { code: 'not_found' },
    );
  });
});

describe('the pace of a question', () => {
  it('is as quick as it can be, or what was asked for, which is told (OZ1)', async () => {
    assert.equal((await prepare()).input.paceMs, undefined);
    const { input, notes } = await prepare({ options: { pace: '2.5' } });
    assert.equal(input.paceMs, 2_500);
    assert.match(notes?.at(-1) ?? '', /Each step waits 2\.5 s/u);
    const next = await prepare({ previous: input as Json });
    assert.equal(next.input.paceMs, undefined, 'one question has it, not its conversation');
  });

  it('is refused where it is no number of seconds, or more than a pace', async () => {
    for (const pace of ['fast', '0', '-1', '31', 'NaN', '0.0001'])
      await assert.rejects(prepare({ options: { pace } }), { code: 'invalid_input', message: /no number of seconds/u });
  });
});
