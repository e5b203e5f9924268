/**
 * Schemas as users bring them: any library that speaks Standard Schema (zod, valibot, arktype, ...).
 * The JSON Schema that a model needs is made once, at registration: per call it would cost 20 µs and more.
 */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { ValidationError } from '../core/errors.ts';
import { isJsonObject, toJson, type Json } from '../core/json.ts';

/** A schema that turns unknown input into `Output`. */
export type Schema<Output> = StandardSchemaV1<unknown, Output>;

/** A JSON Schema document (draft 2020-12). */
export type JsonSchema = { readonly [key: string]: Json };

/** Throws a ValidationError for what is no schema, as a definition in plain JavaScript may have it. */
export function checkSchema(schema: unknown, what: string): void {
  if (typeof (schema as Partial<StandardSchemaV1> | undefined)?.['~standard']?.validate === 'function') return;
  throw new ValidationError(`The schema of ${what} is missing, or is none.`, {
    hint: 'Give a schema of zod, valibot, arktype or any other library of Standard Schema: input: z.object({ ... }).',
  });
}

/** Parses `value`; throws a ValidationError that lists each issue with its place. */
export async function parseWith<Output>(schema: Schema<Output>, value: unknown, what: string): Promise<Output> {
  let result = schema['~standard'].validate(value);
  if (result instanceof Promise) result = await result;
  if (result.issues === undefined) return result.value;
  const issues = result.issues.slice(0, 10).map((issue) => ({ at: placeOf(issue), message: issue.message }));
  throw new ValidationError(`${what} is not valid: ${issues.map(({ at, message }) => `${at}${message}`).join('; ')}`, {
    details: { issues },
  });
}

function placeOf(issue: StandardSchemaV1.Issue): string {
  const keys = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  return keys.length === 0 ? '' : `${keys.join('.')}: `;
}

/**
 * The JSON Schema of a schema. Libraries that speak Standard JSON Schema (zod 4) make their own;
 * for others `given` is needed. Throws a ValidationError when there is neither.
 */
export function jsonSchemaOf(schema: Schema<unknown>, given: JsonSchema | undefined, what: string): JsonSchema {
  if (given !== undefined) return given;
  const standard = schema['~standard'] as Partial<StandardJSONSchemaV1.Props>;
  if (standard.jsonSchema === undefined) {
    throw new ValidationError(`The schema of ${what} can't say itself as JSON Schema, which models need.`, {
      hint: 'Give it beside the schema as `inputJsonSchema` or `outputJsonSchema`, or use zod 4.',
    });
  }
  const document = toJson(standard.jsonSchema.input({ target: 'draft-2020-12' }), `the JSON Schema of ${what}`);
  if (!isJsonObject(document)) throw new ValidationError(`The JSON Schema of ${what} is not an object.`);
  return document;
}
