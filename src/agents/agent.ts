/** What an agent is: data. What moves it is the engine (engine/agent-loop.ts). */
import { ValidationError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { parseName } from '../core/names.ts';
import type { Principal } from '../core/principal.ts';
import type { ModelKind } from './model.ts';
import { jsonSchemaOf, type JsonSchema, type Schema } from './schema.ts';
import type { Tool } from './tool.ts';

/** An agent as `defineAgent` makes it: frozen, with every default filled in. */
export type Agent<Output = unknown> = {
  readonly kind: 'agent';
  readonly name: string;
  readonly description: string;
  readonly instructions: string | ((user: Principal) => string);
  /** Names of the engine's models, tried in this order. A later one that answers makes the run degraded. */
  readonly models: readonly string[];
  readonly tools: readonly Tool[];
  readonly output: Schema<Output> | undefined;
  readonly outputJsonSchema: JsonSchema | undefined;
  readonly turnsMax: number;
  readonly outputTokensMax: number;
  readonly temperature: number | undefined;
  /** Tokens of its thread's earlier messages that it sees. 0: none. */
  readonly threadTokensMax: number;
  readonly onBusy: OnBusy;
};

/**
 * What a message does that comes while the thread has an active run: it waits for its turn (`queue`), is refused, or is
 * taken up by the agent that is at work, before its next model call (`steer`). One that comes too late for that waits.
 */
export type OnBusy = 'queue' | 'steer' | 'refuse';

type AgentDefinition<Output> = {
  readonly name: string;
  readonly description?: string;
  readonly instructions: string | ((user: Principal) => string);
  /** One name or several in order; `default` if not given. */
  readonly model?: string | readonly string[];
  readonly tools?: readonly Tool[];
  /** Asks for an answer of this shape instead of text. */
  readonly output?: Schema<Output>;
  readonly outputJsonSchema?: JsonSchema;
  readonly turnsMax?: number;
  readonly outputTokensMax?: number;
  readonly temperature?: number;
  readonly threadTokensMax?: number;
  readonly onBusy?: OnBusy;
};

/** What an agent answered, and by which model. Tokens and cost are in the run's state. */
export type AgentAnswer<Output> = {
  readonly output: Output;
  /** The model's last words, also when `output` is structured. */
  readonly text: string;
  readonly turns: number;
  readonly model: AnsweringModel;
  /** The tool calls that gave it a result, in order: what its answer can be checked against. */
  readonly calls: readonly AnsweredCall[];
  /** The tool calls that failed it, where the same tool gave it no answer later: what its answer had to do without. */
  readonly failed: readonly FailedCall[];
};

/** A tool call that gave a result. `path` is where the journal has it. */
export type AnsweredCall = {
  readonly path: string;
  readonly tool: string;
  readonly input: Json;
  readonly output: Json;
};

/** A tool call that failed for good. `path` is where the journal has it. */
export type FailedCall = { readonly path: string; readonly tool: string; readonly message: string };

/** Which model answered, and what kind of thing it is. */
export type AnsweringModel = { readonly id: string; readonly kind: ModelKind };

/**
 * Defines an agent. Without `output` it answers text.
 *
 * @example
 * const clerk = defineAgent({ name: 'clerk', instructions: 'Answer briefly.', tools: [add] });
 */
export function defineAgent<Output = string>(definition: AgentDefinition<Output>): Agent<Output> {
  const name = parseName(definition.name, 'an agent');
  const tools = definition.tools ?? [];
  if (new Set(tools.map((tool) => tool.name)).size < tools.length) {
    throw new ValidationError(`Agent "${name}" has two tools of one name.`, {
      hint: 'Rename one: a model calls tools by name.',
    });
  }
  return Object.freeze({
    kind: 'agent',
    name,
    description: definition.description ?? '',
    instructions: definition.instructions,
    models: parseModels(name, definition.model ?? 'default'),
    tools: Object.freeze([...tools]),
    output: definition.output,
    outputJsonSchema:
      definition.output &&
      jsonSchemaOf(definition.output, definition.outputJsonSchema, `the answer of agent "${name}"`),
    turnsMax: definition.turnsMax ?? limits.agentTurnsMax,
    outputTokensMax: definition.outputTokensMax ?? limits.outputTokensMax,
    temperature: definition.temperature,
    threadTokensMax: definition.threadTokensMax ?? limits.threadTokensMax,
    onBusy: definition.onBusy ?? 'queue',
  });
}

function parseModels(agent: string, given: string | readonly string[]): readonly string[] {
  const models = typeof given === 'string' ? [given] : [...given];
  if (models.length > 0 && new Set(models).size === models.length) return Object.freeze(models);
  throw new ValidationError(`Agent "${agent}" needs one model, or several different ones.`, {
    hint: 'A model that fails is tried again by itself; the list says who is asked instead of it.',
  });
}
