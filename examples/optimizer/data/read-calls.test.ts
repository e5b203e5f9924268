/** Files as users have them, good and bad: each fault is told with its place, its reason and its cure. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ValidationError } from 'cantus';
import { bounds } from '../bounds.ts';
import { coverage, spanOf, textAt, type Dataset } from './dataset.ts';
import { readCalls, type ReadOptions } from './read-calls.ts';

const pricesAtMs = Date.UTC(2026, 10, 1);

function read(content: string | Uint8Array, options: Partial<ReadOptions> = {}): Dataset {
  return readCalls(content, { name: 'calls.csv', pricesAtMs, ...options });
}

function refusal(content: string | Uint8Array, options: Partial<ReadOptions> = {}): ValidationError {
  try {
    read(content, options);
  } catch (thrown) {
    assert.ok(thrown instanceof ValidationError, String(thrown));
    assert.equal(thrown.code, 'invalid_input');
    assert.ok((thrown.hint ?? '').length > 10, 'a fault says how to fix it');
    return thrown;
  }
  return assert.fail('the file was read');
}

const head = 'timestamp,model,input_tokens,output_tokens,latency_ms,status\n';
const good = '2026-10-01T09:30:00Z,gpt-4o,1200,350,840.5,200\n';

describe('reading calls from CSV', () => {
  it('reads typed columns', () => {
    const dataset = read(head + good);
    assert.equal(dataset.rows, 1);
    assert.deepEqual([...(dataset.numbers.time ?? [])], [Date.UTC(2026, 9, 1, 9, 30)]);
    assert.deepEqual([...(dataset.numbers.inputTokens ?? [])], [1200]);
    assert.deepEqual([...(dataset.numbers.latency ?? [])], [840.5]);
    assert.equal(textAt(dataset.texts.model, 0), 'gpt-4o');
    assert.deepEqual(dataset.assumptions, []);
  });

  it('reads an excerpt of the Azure trace as it is, and says that its times are taken as UTC', () => {
    const file = new URL('../fixtures/azure-llm-inference-2023-code-excerpt.csv', import.meta.url);
    const dataset = read(readFileSync(file), { name: 'azure.csv' });
    assert.equal(dataset.rows, 180);
    assert.equal(dataset.numbers.time?.[0], Date.UTC(2023, 10, 16, 18, 17, 3) + 979.96);
    assert.deepEqual(
      dataset.columns.recognised.map(({ field, column }) => [field, column]),
      [
        ['time', 'TIMESTAMP'],
        ['inputTokens', 'ContextTokens'],
        ['outputTokens', 'GeneratedTokens'],
      ],
    );
    assert.deepEqual(
      dataset.assumptions.map((entry) => entry.text),
      ['times in column "TIMESTAMP" are UTC, as they carry no zone'],
    );
    assert.equal(dataset.texts.model, undefined);
  });

  it('reads semicolons, tabs, a byte order mark, CRLF and quoted cells with delimiters and line breaks', () => {
    const semicolons = '\u{feff}Timestamp;Model;"Prompt Tokens"\r\n2026-10-01 09:30;"a;b ""c""\r\nd";7\r\n';
    const dataset = read(new TextEncoder().encode(semicolons));
    assert.equal(textAt(dataset.texts.model, 0), 'a;b "c"\r\nd');
    assert.equal(dataset.numbers.inputTokens?.[0], 7);
    assert.equal(read('model\tinput_tokens\nm\t5').numbers.inputTokens?.[0], 5);
  });

  it('names the line a record begins at, also after quoted line breaks', () => {
    const error = refusal('model,input_tokens\n"a\nb",1\n"c\nd",x\n');
    assert.match(error.message, /line 4, column 2 "input_tokens": "x" is not a number/u);
  });

  it('keeps an empty cell empty and counts it', () => {
    const dataset = read('model,input_tokens\na,\n,5\n');
    assert.equal(coverage(dataset, 'inputTokens'), 1);
    assert.equal(coverage(dataset, 'model'), 1);
  });

  it('puts rows in an order of their own, so that the order of the file means nothing', () => {
    const rows = ['2026-10-01T09:30:00Z,b,1', '2026-10-01T09:29:00Z,a,2', '2026-10-01T09:30:00Z,a,3'];
    const file = (order: readonly number[]): string =>
      ['time,model,input_tokens', ...order.map((at) => rows[at])].join('\n');
    assert.deepEqual(read(file([2, 0, 1])), read(file([0, 1, 2])));
  });
});

describe('reading times', () => {
  const at = (time: string): number | undefined => read(`time,model\n${time},m\n`).numbers.time?.[0];
  const expected = Date.UTC(2026, 9, 1, 9, 30, 5);

  it('understands ISO 8601 with and without zone, and seconds, ms and µs since 1970', () => {
    assert.equal(at('2026-10-01T09:30:05Z'), expected);
    assert.equal(at('2026-10-01 09:30:05'), expected);
    assert.equal(at('2026-10-01T11:30:05+02:00'), expected);
    assert.equal(at('2026-10-01T04:00:05-0530'), expected);
    assert.equal(at(String(expected / 1000)), expected);
    assert.equal(at(String(expected)), expected);
    assert.equal(at(String(expected * 1000)), expected);
    assert.equal(at('2026-10-01'), Date.UTC(2026, 9, 1));
  });

  it('refuses dates that mean two things, days that are none and years that are impossible', () => {
    assert.match(refusal('time,model\n03/04/2026,m\n').message, /may mean two dates/u);
    assert.match(refusal('time,model\n2026-02-30T00:00:00Z,m\n').message, /does not exist/u);
    assert.match(refusal('time,model\n1026-02-03T00:00:00Z,m\n').message, /in the year 1026/u);
    assert.match(refusal('time,model\n12345,m\n').message, /no time since 1970/u);
    assert.match(refusal('time,model\nyesterday,m\n').message, /is not a time/u);
  });

  it('knows when times are dates alone', () => {
    assert.equal(read('time,model\n2026-10-01,m\n').timeOfDay, false);
    assert.equal(read('time,model\n2026-10-01T00:00Z,m\n').timeOfDay, true);
  });
});

describe('a file that is wrong', () => {
  it('is refused with line and column of the first fault, its value, and the count of the others', () => {
    const rows = `${good}2026-10-01T09:30:00Z,gpt-4o,12 ms,350,1,200\n${good}2026-10-01T09:30:00Z,gpt-4o,1,-5,1,200\n`;
    const error = refusal(head + rows);
    assert.match(error.message, /calls\.csv, line 3, column 3 "input_tokens": "12 ms" has a unit in the cell/u);
    assert.match(error.message, /1 more fault \(line 5\)/u);
    assert.deepEqual(error.details, { line: 3, column: 'input_tokens', columnNumber: 3, value: '12 ms', faults: 2 });
  });

  it('says of each wrong number what is wrong with it', () => {
    const told: readonly (readonly [string, RegExp])[] = [
      ['"1,234"', /comma or another separator/u],
      ['-5', /is negative/u],
      ['1.5', /not a whole number/u],
      ['$3', /currency sign/u],
      ['abc', /is not a number/u],
      ['NaN', /is not a number/u],
      ['0x10', /is not a number/u],
      ['1e999', /too large/u],
      ['99999999999', /more than 1000000000 tokens/u],
    ];
    for (const [cell, problem] of told) assert.match(refusal(`model,input_tokens\nm,${cell}\n`).message, problem);
  });

  it('is refused when cached tokens are more than the input they are part of', () => {
    assert.match(refusal('input_tokens,cached_tokens\n10,11\n').message, /more than the 10 input tokens/u);
  });

  it('is refused when rows are ragged, naming the line and both counts', () => {
    assert.match(
      refusal(`${head}${good}2026-10-01T09:30:00Z,gpt-4o\n`).message,
      /line 3, column 3 .*the row has 2 cells, the header 6/u,
    );
    assert.match(
      refusal('model,input_tokens\nm,1,2\n').message,
      /column 2 "input_tokens": the row has 3 cells, the header 2/u,
    );
  });

  it('is refused when it is empty, only a header, or has no header', () => {
    assert.match(refusal('').message, /is empty/u);
    assert.match(refusal(' \n\n').message, /is empty/u);
    assert.match(refusal(head).message, /a header but no rows/u);
    assert.match(refusal('[{"model":"m"}]').message, /is one JSON array, not JSON Lines/u);
    assert.match(refusal('2026-10-01,gpt-4o,5\n2026-10-02,gpt-4o,6\n').message, /line 1: there is no header/u);
    assert.match(refusal('model,model\na,b\n').message, /columns 1 and 2 are both named "model"/u);
  });

  it('is refused when a quote is never closed, at the record it begins in', () => {
    assert.match(
      refusal('model,input_tokens\na,1\n"b,2\nc,3\n').message,
      /line 3, column 1 "model": a quote is opened and never closed/u,
    );
    assert.match(
      refusal('model,input_tokens\na"b,1\n').message,
      /line 2, column 1 .*a quote stands where none may be/u,
    );
  });

  it('is refused when it is not UTF-8, with the byte and the line', () => {
    const bytes = Uint8Array.from([...new TextEncoder().encode('model,user\na,Zo'), 0xeb, 0x0a, 0x62, 0x2c, 0x63]);
    const error = refusal(bytes);
    assert.match(error.message, /not UTF-8: no valid character begins at byte 15 \(line 2\)/u);
    assert.match(refusal(Uint8Array.from([0xff, 0xfe, 0x61, 0])).message, /UTF-16/u);
    assert.match(refusal(Uint8Array.from([0x50, 0x4b, 3, 4, 9])).message, /Excel/u);
    assert.match(refusal('model,user\na,\0\n').message, /not a text file: line 2/u);
  });

  it('is refused when it is too large, before it is parsed', () => {
    const error = refusal(new Uint8Array(bounds.fileBytesMax + 1));
    assert.match(error.message, /33554433 bytes; at most 33554432 \(32 MiB\)/u);
    const rows = `model\n${'m\n'.repeat(bounds.rowsMax + 1)}`;
    assert.match(refusal(rows).message, /more than 100000 rows/u);
    const wide = Array.from({ length: bounds.columnsMax + 1 }, (_, index) => `c${index}`).join(',');
    assert.match(refusal(`${wide}\n`).message, /201 columns; at most 200/u);
  });

  it('is refused when no column means anything, and says which there are', () => {
    const error = refusal('alpha,beta\n1,2\n');
    assert.match(error.message, /no column is recognised/u);
    assert.match(error.hint ?? '', /alpha, beta.*option "map" \(--map FIELD=COLUMN\)/u);
  });

  it('has its few bad rows skipped when that is allowed, and counts them', () => {
    const rows = Array.from({ length: 199 }, () => 'm,5').join('\n');
    const text = `model,input_tokens\n${rows}\nm,x\n`;
    assert.match(refusal(text).hint ?? '', /option "skip-bad-rows" \(--skip-bad-rows\)/u);
    const dataset = read(text, { skipBadRows: true });
    assert.equal(dataset.rows, 199);
    assert.deepEqual(dataset.skipped, {
      rows: 1,
      examples: ['line 201, column 2 "input_tokens": "x" is not a number'],
    });
  });

  it('is refused all the same when too many rows are bad', () => {
    assert.match(
      refusal('model,input_tokens\nm,5\nm,x\n', { skipBadRows: true }).hint ?? '',
      /Only up to 1 % .*1 of 2/u,
    );
  });
});

describe('reading calls from JSON Lines', () => {
  it('reads members, also nested ones, and takes an absent one as missing', () => {
    const lines = ['{"model":"gpt-4o","usage":{"prompt_tokens":12,"completion_tokens":3}}', '{"model":"gpt-4o"}'];
    const dataset = read(lines.join('\n'));
    assert.equal(dataset.format, 'jsonl');
    assert.equal(dataset.rows, 2);
    assert.equal(coverage(dataset, 'inputTokens'), 1);
    assert.equal(dataset.columns.recognised[1]?.column, 'usage.prompt_tokens');
  });

  it('names line and position of what is no JSON, and a line that is no object', () => {
    assert.match(refusal('{"model":"a"}\n{"model":}\n').message, /line 2, column 10 .*is not JSON/u);
    assert.match(refusal('{"model":"a"}\n{"model":"b"\n').message, /line 2, column 13 .*is not JSON/u);
    assert.match(refusal('{"model":"a"}\n[1]\n').message, /line 2, .*is not an object/u);
  });

  it('names the line and the member of a wrong value', () => {
    const error = refusal('{"model":"a","input_tokens":5}\n{"model":"b","input_tokens":"many"}\n');
    assert.match(error.message, /line 2, column 2 "input_tokens": "many" is not a number/u);
  });
});

describe('what a file leaves open', () => {
  it('takes a model only from the user, and says so', () => {
    const dataset = read('input_tokens\n5\n', { assume: { model: 'gpt-4o' } });
    assert.equal(textAt(dataset.texts.model, 0), 'gpt-4o');
    assert.deepEqual(dataset.assumptions, [{ fields: ['model'], text: 'model of all calls is gpt-4o' }]);
  });

  it('uses an assumed model only where the file names none', () => {
    const dataset = read('model,input_tokens\na,1\n,2\n', { assume: { model: 'b' } });
    assert.deepEqual(
      [0, 1].map((row) => textAt(dataset.texts.model, row)),
      ['a', 'b'],
    );
    assert.equal(dataset.assumptions[0]?.text, 'model of calls without a model is b');
    assert.deepEqual(read('model\na\n', { assume: { model: 'b' } }).assumptions, []);
  });

  it('does not use a latency whose unit nobody says', () => {
    const dataset = read('latency,model\n12,m\n');
    assert.equal(dataset.numbers.latency, undefined);
    assert.match(dataset.unusable[0]?.why ?? '', /doesn't say its unit.*--assume latency_unit=ms/u);
    assert.equal(read('latency,model\n12,m\n', { assume: { latencyUnit: 's' } }).numbers.latency?.[0], 12_000);
    assert.equal(read('duration_seconds,model\n1.5,m\n').numbers.latency?.[0], 1_500);
  });

  it('has no span without times', () => {
    assert.equal(spanOf(read('model\nm\n')), undefined);
  });
});
