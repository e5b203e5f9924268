import { isJsonObject, type Json } from '../core/json.ts';
import type { JsonSchema } from '../agents/schema.ts';

/** What providers accept in a schema that they hold the model to ("strict"). Anything else makes them refuse the call. */
const strictKeywords = new Set(
  (
    'type,properties,required,additionalProperties,items,enum,const,anyOf,description,title,$ref,$defs,pattern,format,' +
    'minimum,maximum,exclusiveMinimum,exclusiveMaximum,multipleOf,minItems,maxItems'
  ).split(','),
);

/** A schema as `response_format` wants it, and whether the provider can be told to hold the model to it. */
export type StrictSchema = { readonly schema: JsonSchema; readonly strict: boolean };

/**
 * Strict mode needs each object closed and each of its keys required. Closing an object only narrows what the model may
 * say; making an optional key required would make it invent a value, so such a schema is sent unchanged, not strict.
 */
export function strictSchema(given: JsonSchema): StrictSchema {
  const { $schema: _dialect, ...schema } = given;
  const closed = close(schema);
  return closed === undefined ? { schema, strict: false } : { schema: closed, strict: true };
}

function close(schema: Json | undefined): JsonSchema | undefined {
  if (!isJsonObject(schema) || Object.keys(schema).length === 0) return undefined;
  const out: Record<string, Json> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (!strictKeywords.has(keyword)) return undefined;
    const kept = closeKeyword(keyword, value);
    if (kept === undefined) return undefined;
    out[keyword] = kept;
  }
  const isObject = schema['type'] === 'object' || schema['properties'] !== undefined;
  return isObject ? closeObject(out) : out;
}

function closeObject(schema: Record<string, Json>): JsonSchema | undefined {
  const { properties, required, additionalProperties } = schema;
  if (!isJsonObject(properties) || (additionalProperties !== undefined && additionalProperties !== false))
    return undefined;
  const isRequired = new Set(Array.isArray(required) ? required : []);
  if (Object.keys(properties).some((key) => !isRequired.has(key))) return undefined;
  return { ...schema, additionalProperties: false };
}

function closeKeyword(keyword: string, value: Json): Json | undefined {
  if (keyword === 'items') return close(value);
  if (keyword === 'anyOf') return Array.isArray(value) ? closeAll(value) : undefined;
  if (keyword !== 'properties' && keyword !== '$defs') return value;
  if (!isJsonObject(value)) return undefined;
  const closed = closeAll(Object.values(value));
  return closed && Object.fromEntries(Object.keys(value).map((key, index) => [key, closed[index] ?? null]));
}

function closeAll(schemas: readonly Json[]): JsonSchema[] | undefined {
  const closed = schemas.map(close);
  return closed.every((schema) => schema !== undefined) ? closed : undefined;
}
