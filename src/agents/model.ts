/**
 * The port to whatever answers. Adapters are in `models/`; the engine knows only this.
 *
 * M1  `stream` yields any number of `text` and `tool-call` parts and then exactly one `finish`.
 * M2  It fails by throwing a ModelError whose `retryable` it decides; a stream that just stops is a failure
 *     (`model_failed`, retryable), never a short answer.
 * M3  It stops soon after `signal` aborts.
 */
import type { Message, ToolCallRequest, Usage } from './message.ts';
import type { JsonSchema } from './schema.ts';

/** What kind of thing answers, as the user is told everywhere. Rules are not a language model and never pass for one. */
export type ModelKind = 'language-model' | 'rules' | 'scripted';

/** A tool as a model sees it: nothing of what runs it. */
export type ModelTool = { readonly name: string; readonly description: string; readonly inputSchema: JsonSchema };

/** What a model is asked, the same for every provider. */
export type ModelRequest = {
  /** The agent that asks: rules and scripts choose by it. */
  readonly agent: string;
  readonly instructions: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ModelTool[];
  /** Ask for JSON of this shape instead of free text. */
  readonly outputSchema?: JsonSchema;
  readonly outputTokensMax: number;
  readonly temperature?: number;
};

/** Why a model stopped: it had said all, wants tools called, ran into its output cap, refused, or something else. */
export type FinishReason = 'stop' | 'tool-calls' | 'length' | 'refusal' | 'other';

/** One part of an answer as it streams in. */
export type ModelPart =
  | { readonly type: 'text'; readonly text: string }
  | ({ readonly type: 'tool-call' } & ToolCallRequest)
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: Usage };

/** US dollars, and whose price list said so. */
export type Price = { readonly usd: number; readonly source: string };

/** What an adapter implements; M1 to M3 are its contract. */
export interface Model {
  /** As the provider names it, for example `gpt-5-mini` or `builtin/rules`. */
  readonly id: string;
  readonly provider: string;
  readonly kind: ModelKind;
  stream(request: ModelRequest, call: { readonly signal: AbortSignal }): AsyncIterable<ModelPart>;
  /** What this usage costs, or undefined when no price is known. Never a guess. */
  price?(usage: Usage): Price | undefined;
}

/** Rules are no language model, and are called so wherever a model is named. */
export function modelWords(id: string): string {
  return id === 'builtin/rules' ? 'rules, not a language model' : id;
}
