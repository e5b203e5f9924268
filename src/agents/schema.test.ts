import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { z } from 'zod';
import { ValidationError } from '../core/errors.ts';
import { jsonSchemaOf, parseWith, type JsonSchema, type Schema } from './schema.ts';

const given: JsonSchema = { type: 'object', properties: { a: { type: 'number' } } };
const schemas: [string, Schema<{ a: number }>][] = [
  ['zod', z.object({ a: z.number() })],
  ['valibot', v.object({ a: v.number() })],
];

describe('parseWith', () => {
  for (const [library, schema] of schemas) {
    it(`gives what the schema of ${library} gives`, async () => {
      assert.deepEqual(await parseWith(schema, { a: 1, b: 2 }, 'the input'), { a: 1 });
    });

    it(`names the place of each issue of ${library}`, async () => {
      await assert.rejects(parseWith(schema, { a: 'x' }, 'The input of tool "add"'), (error: unknown) => {
        assert.ok(error instanceof ValidationError);
        assert.match(error.message, /^The input of tool "add" is not valid: a: /);
        const { issues } = error.details as { issues: { at: string; message: string }[] };
        assert.equal(issues.length, 1);
        assert.equal(issues[0]?.at, 'a: ');
        return true;
      });
    });
  }

  it('waits for a schema that checks asynchronously', async () => {
    const even = z.number().refine(async (n) => Promise.resolve(n % 2 === 0), 'must be even');
    assert.equal(await parseWith(even, 2, 'it'), 2);
    await assert.rejects(parseWith(even, 3, 'it'), /it is not valid: must be even/);
  });

  it('names a place in a list, and at most ten issues', async () => {
    const list = z.object({ rows: z.array(z.object({ n: z.number() })) });
    const rows = Array.from({ length: 30 }, () => ({ n: 'x' }));
    await assert.rejects(parseWith(list, { rows }, 'it'), (error: unknown) => {
      assert.ok(error instanceof ValidationError);
      const { issues } = error.details as { issues: { at: string }[] };
      assert.equal(issues.length, 10);
      assert.equal(issues[1]?.at, 'rows.1.n: ');
      return true;
    });
  });
});

describe('jsonSchemaOf', () => {
  it('asks a schema that can say itself', () => {
    const document = jsonSchemaOf(z.object({ a: z.number() }), undefined, 'tool "add"');
    assert.equal(document['type'], 'object');
    assert.deepEqual(document['required'], ['a']);
    assert.ok(Object.isFrozen(document));
  });

  it('says what goes in, not what comes out, where the two differ', () => {
    const document = jsonSchemaOf(z.object({ n: z.number().default(1) }), undefined, 'tool "add"');
    assert.equal(document['required'], undefined);
  });

  it('takes the one that is given before any other', () => {
    assert.equal(jsonSchemaOf(v.object({ a: v.number() }), given, 'x'), given);
    assert.equal(jsonSchemaOf(z.object({}), given, 'x'), given);
  });

  it('refuses a schema that can not say itself, with the way out', () => {
    assert.throws(
      () => jsonSchemaOf(v.object({ a: v.number() }), undefined, 'tool "add"'),
      (error: unknown) => {
        assert.ok(error instanceof ValidationError);
        assert.match(error.message, /^The schema of tool "add" can't say itself as JSON Schema/);
        assert.match(error.hint ?? '', /inputJsonSchema/);
        return true;
      },
    );
  });
});
