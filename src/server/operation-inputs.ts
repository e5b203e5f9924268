/** What each operation takes, as schemas: checked alike for routes, for calls on a socket, and in the OpenAPI document. */
import { z } from 'zod';
import { clip, ValidationError } from '../core/errors.ts';
import { toJson, type Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { nearestName } from '../core/names.ts';
import { runStatuses } from '../journal/run-row.ts';
import type { OperationName, Operations } from '../protocol/operations.ts';

const id = z.string().min(1).max(limits.idCharsMax);
const place = z.int().min(0);
const limit = z.int().min(1);
const json = z.custom<Json>((value) => value !== undefined, 'must be JSON');
const none = z.strictObject({});
const ofRun = { run: id };

const ask = {
  workflow: z.string().max(limits.idCharsMax).exactOptional(),
  question: z.string().max(limits.questionCharsMax).exactOptional(),
  input: json.exactOptional(),
  options: z.record(z.string(), z.union([z.string(), z.array(z.string()), z.literal(true)])).exactOptional(),
  thread: id.exactOptional(),
};

const status = z.enum(runStatuses);

const paging = { before: place.exactOptional(), limit: limit.exactOptional() };

/** By operation. Objects are strict: a member that nobody reads is a slip, and its sender is told. */
export const operationInputs = {
  'app.read': none,
  'me.read': none,
  'runs.prepare': z.strictObject(ask),
  'runs.start': z.strictObject({ ...ask, key: id, deadlineMs: z.number().positive().exactOptional() }),
  'runs.list': z.strictObject({ thread: id.exactOptional(), status: z.array(status).exactOptional(), ...paging }),
  'runs.read': z.strictObject(ofRun),
  'runs.answer': z.strictObject(ofRun),
  'runs.events': z.strictObject({ ...ofRun, after: place.exactOptional(), limit: limit.exactOptional() }),
  'runs.cancel': z.strictObject({ ...ofRun, reason: z.string().max(limits.reasonCharsMax).exactOptional() }),
  'runs.signal': z.strictObject({ ...ofRun, name: id, value: json.exactOptional(), key: id.exactOptional() }),
  'runs.decide': z.strictObject({
    ...ofRun,
    path: z.string(),
    decision: z.enum(['happened', 'did-not-happen', 'give-up'] as const),
    output: json.exactOptional(),
  }),
  'runs.approve': z.strictObject({
    ...ofRun,
    path: z.string(),
    approved: z.boolean(),
    note: z.string().max(limits.reasonCharsMax).exactOptional(),
  }),
  'threads.list': z.strictObject({ search: z.string().max(limits.titleCharsMax).exactOptional(), ...paging }),
  'threads.rename': z.strictObject({ thread: id, title: z.string().min(1).max(limits.titleCharsMax) }),
  'threads.delete': z.strictObject({ thread: id }),
  'events.list': z.strictObject({ after: z.string().exactOptional(), limit: limit.exactOptional() }),
  'events.head': none,
  'values.read': z.strictObject({ blob: id }),
} as const satisfies { readonly [Name in OperationName]: z.ZodType<Operations[Name]['input']> };

/** Throws a ValidationError that names the first member at fault, and what was perhaps meant. */
export function parseInput<Name extends OperationName>(name: Name, input: unknown): Operations[Name]['input'] {
  const plain = toJson(input ?? {}, `the input of ${name}`);
  const schema: z.ZodObject = operationInputs[name];
  const result = schema.safeParse(plain);
  if (result.success) return result.data;
  throw refusal(name, schema, result.error.issues[0]);
}

function refusal(name: string, schema: z.ZodObject, issue: z.core.$ZodIssue | undefined): ValidationError {
  const at = (issue?.path ?? []).map((part) => clip(String(part))).join('.');
  if (issue?.code !== 'unrecognized_keys')
    return new ValidationError(`${name}: ${at === '' ? 'the input' : at} is wrong: ${issue?.message}.`, {
      hint: 'What each operation takes is in /v1/openapi.json.',
    });
  const wrong = issue.keys[0] ?? '';
  const members = Object.keys(schema.shape);
  const near = nearestName(wrong, members);
  const there = members.length === 0 ? 'It takes nothing.' : `It takes: ${members.join(', ')}.`;
  return new ValidationError(`${name} takes no "${clip(wrong)}".`, {
    hint: near === undefined ? there : `Did you mean "${near}"? ${there}`,
  });
}

/** The members of an operation's input whose text in an address stands for a number, or for a list. */
export function queryKinds(name: OperationName): Readonly<Record<string, 'text' | 'number' | 'list'>> {
  const { shape }: z.ZodObject = operationInputs[name];
  return Object.fromEntries(Object.entries(shape).map(([member, schema]) => [member, kindOf(schema as z.ZodType)]));
}

function kindOf(schema: z.ZodType): 'text' | 'number' | 'list' {
  const inner = schema instanceof z.ZodExactOptional ? (schema.unwrap() as z.ZodType) : schema;
  if (inner instanceof z.ZodNumber) return 'number';
  return inner instanceof z.ZodArray ? 'list' : 'text';
}
