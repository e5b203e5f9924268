import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ValidationError } from 'cantus';
import { parseAssumptions } from './assume.ts';
import { mapColumns, parseMapping } from './columns.ts';

const fieldsOf = (header: readonly string[]): Record<string, string> =>
  Object.fromEntries(mapColumns(header, {}, 'f').recognised.map(({ column, field }) => [column, field]));

describe('mapColumns', () => {
  it('recognises names whatever their case and separators', () => {
    for (const name of [
      'prompt_tokens',
      'PromptTokens',
      'Prompt Tokens',
      'prompt-tokens',
      'PROMPT_TOKENS',
      'promptTokens',
    ])
      assert.equal(fieldsOf([name])[name], 'inputTokens', name);
    assert.deepEqual(
      fieldsOf(['created_at', 'ContextTokens', 'GeneratedTokens', 'HTTPStatus', 'endpoint', 'user_id', 'cost_usd']),
      {
        created_at: 'time',
        ContextTokens: 'inputTokens',
        GeneratedTokens: 'outputTokens',
        HTTPStatus: 'status',
        endpoint: 'feature',
        user_id: 'user',
        cost_usd: 'cost',
      },
    );
  });

  it('reads the unit of a latency from its name', () => {
    const unit = (name: string): string | undefined => mapColumns([name], {}, 'f').recognised[0]?.unit;
    assert.deepEqual(['latency_ms', 'durationSeconds', 'elapsed (s)', 'latency in ms', 'latency'].map(unit), [
      'ms',
      's',
      's',
      'ms',
      undefined,
    ]);
  });

  it('lists what it does not know', () => {
    assert.deepEqual(mapColumns(['model', 'region'], {}, 'f').unmapped, ['region']);
  });

  it('refuses two columns for one field and asks which', () => {
    assert.throws(
      () => mapColumns(['prompt_tokens', 'input_tokens'], {}, 'f'),
      (error: ValidationError) =>
        /"prompt_tokens" and "input_tokens" could each be the input tokens/u.test(error.message) &&
        error.hint === 'Say which with the option "map" (--map input_tokens=prompt_tokens).',
    );
  });

  it('lets a given mapping decide, also what is left out', () => {
    const header = ['prompt_tokens', 'input_tokens', 'tag', 'endpoint'];
    const map = mapColumns(header, { inputTokens: 'input_tokens', feature: '-' }, 'f');
    assert.deepEqual(
      map.recognised.map(({ field, column, how }) => [field, column, how]),
      [['inputTokens', 'input_tokens', 'given']],
    );
    assert.deepEqual(map.unmapped, ['prompt_tokens', 'tag', 'endpoint']);
  });

  it('refuses a column that is not there and says which was meant', () => {
    assert.throws(
      () => mapColumns(['prompt_len', 'model'], { inputTokens: 'promt_len' }, 'f'),
      (error: ValidationError) =>
        /no column "promt_len".*Did you mean "prompt_len"/u.test(error.message) &&
        /prompt_len, model/u.test(error.hint ?? ''),
    );
    assert.throws(() => mapColumns(['a'], { model: 'a', user: 'a' }, 'f'), /given as .* and as/u);
  });
});

describe('parseMapping and parseAssumptions', () => {
  it('read pairs and name what there is when one is wrong', () => {
    assert.deepEqual(parseMapping(['input_tokens=a=b', 'requestId=r']), { inputTokens: 'a=b', requestId: 'r' });
    assert.throws(
      () => parseMapping(['colour=red']),
      (error: ValidationError) => /input_tokens/u.test(error.hint ?? ''),
    );
    assert.throws(() => parseMapping(['model']), /names no column/u);
    assert.deepEqual(parseAssumptions(['model=gpt-4o', 'latency_unit=s']), { model: 'gpt-4o', latencyUnit: 's' });
    assert.throws(() => parseAssumptions(['cost=5']), /can't be assumed/u);
    assert.throws(() => parseAssumptions(['latency_unit=hours']), /no unit of latency/u);
  });
});
