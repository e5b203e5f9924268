/**
 * What a tool is: data, and one function that does the work.
 *
 * A tool says what a repetition would do, and the engine decides by it what happens after a failure:
 * - `read`: changes nothing; repeated freely.
 * - `idempotent`: repeated with the same `key`, so that the other side can tell.
 * - `once`: never repeated unasked. An attempt that ends without a result or a thrown `NotApplied` is in doubt.
 */
import { limits } from '../core/limits.ts';
import { parseName } from '../core/names.ts';
import type { Principal } from '../core/principal.ts';
import type { RetryPolicy } from './retry.ts';
import { checkSchema, jsonSchemaOf, type JsonSchema, type Schema } from './schema.ts';

/** What a repetition of the call would do; the engine decides by it what happens after a failure. */
export type Effect = 'read' | 'idempotent' | 'once';

/** What a tool's `run` is given. Identity comes beside the input, never in it. */
export type ToolCall<Input> = {
  readonly input: Input;
  readonly user: Principal;
  readonly run: string;
  /** Aborts when the call is cancelled or out of time. A tool that ignores it is left behind. */
  readonly signal: AbortSignal;
  /** The same in every attempt and recovery of this call, and of no other: the idempotency key for the other side. */
  readonly key: string;
};

/** A tool as `defineTool` makes it: frozen, with every default filled in. */
export type Tool<Input = unknown, Output = unknown> = {
  readonly kind: 'tool';
  readonly name: string;
  readonly description: string;
  readonly input: Schema<Input>;
  readonly inputJsonSchema: JsonSchema;
  readonly output: Schema<Output> | undefined;
  readonly effect: Effect;
  readonly retry: RetryPolicy | undefined;
  readonly timeoutMs: number;
  /** One of these the caller must have. Undefined: every user whose agent or workflow offers the tool. */
  readonly roles: readonly string[] | undefined;
  run(call: ToolCall<Input>): Promise<Output> | Output;
};

type ToolDefinition<Input, Output> = {
  readonly name: string;
  /** For the model: what it does and when to use it. */
  readonly description: string;
  readonly input: Schema<Input>;
  readonly inputJsonSchema?: JsonSchema;
  /** Checked after `run`; a result of the wrong shape fails the call. */
  readonly output?: Schema<Output>;
  readonly timeoutMs?: number;
  readonly roles?: readonly string[];
  run(call: ToolCall<Input>): Promise<Output> | Output;
} & (
  | { readonly effect: 'read' | 'idempotent'; readonly retry?: RetryPolicy }
  | { readonly effect: 'once'; readonly retry?: never }
);

/**
 * Defines a tool. Throws a ValidationError for a bad name or a schema that models can't be told.
 *
 * @example
 * const add = defineTool({
 *   name: 'add', description: 'Adds two numbers.', effect: 'read',
 *   input: z.object({ a: z.number(), b: z.number() }),
 *   run: ({ input }) => input.a + input.b,
 * });
 */
export function defineTool<Input, Output>(definition: ToolDefinition<Input, Output>): Tool<Input, Output> {
  const name = parseName(definition.name, 'a tool');
  checkSchema(definition.input, `the input of tool "${name}"`);
  return Object.freeze({
    kind: 'tool',
    name,
    description: definition.description,
    input: definition.input,
    inputJsonSchema: jsonSchemaOf(definition.input, definition.inputJsonSchema, `tool "${name}"`),
    output: definition.output,
    effect: definition.effect,
    retry: definition.retry,
    timeoutMs: definition.timeoutMs ?? limits.toolTimeoutMs,
    roles: definition.roles,
    run: definition.run.bind(definition),
  });
}

/** The permission lives on the tool: everyone who wants to call or offer it asks here. */
export function mayUse(tool: Tool, user: Principal): boolean {
  return tool.roles === undefined || tool.roles.some((role) => user.roles.includes(role));
}
