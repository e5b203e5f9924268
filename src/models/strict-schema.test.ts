import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { JsonSchema } from '../agents/schema.ts';
import { strictSchema } from './strict-schema.ts';

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
}

test('an object whose keys are all required is closed at each level and strict', () => {
  const schema = jsonSchema(z.object({ city: z.string(), days: z.array(z.object({ high: z.number() })) }));
  const { strict, schema: sent } = strictSchema(schema);
  assert.equal(strict, true);
  assert.equal(sent['additionalProperties'], false);
  assert.match(JSON.stringify(sent), /"high".*"additionalProperties":false.*"additionalProperties":false/);
  assert.equal('$schema' in sent, false);
});

test('an optional key makes it not strict, and nothing is made required', () => {
  const { strict, schema } = strictSchema(jsonSchema(z.object({ city: z.string(), note: z.string().optional() })));
  assert.equal(strict, false);
  assert.deepEqual(schema['required'], ['city']);
});

test('what strict mode does not know makes it not strict', () => {
  const loose: z.ZodType[] = [
    z.object({ any: z.unknown() }),
    z.object({ map: z.record(z.string(), z.string()) }),
    z.object({ pair: z.tuple([z.string(), z.number()]) }),
    z.object({ deep: z.object({ note: z.string().optional() }) }),
    z.looseObject({ a: z.string() }),
  ];
  for (const schema of loose)
    assert.equal(strictSchema(jsonSchema(schema)).strict, false, JSON.stringify(jsonSchema(schema)));
});

test('unions, enums, nullables and bounds stay strict', () => {
  const schema = z.object({
    kind: z.enum(['a', 'b']),
    count: z.int().min(1),
    note: z.string().nullable(),
    either: z.union([z.string(), z.object({ x: z.number() })]),
  });
  assert.equal(strictSchema(jsonSchema(schema)).strict, true);
});
