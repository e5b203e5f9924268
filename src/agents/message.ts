/** What a model is asked with and answers. */

/** A tool call as a model asks for it; `input` is JSON text, which may be broken. */
export type ToolCallRequest = { readonly id: string; readonly name: string; readonly input: string };

/** One message of the talk a model is given: what the user said, what it answered, what its tools gave. */
export type Message =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls?: readonly ToolCallRequest[] }
  | {
      readonly role: 'tool';
      readonly callId: string;
      readonly name: string;
      readonly content: string;
      readonly failed: boolean;
    };

/** Tokens of one model call as its provider counted them. `inputTokens` and `outputTokens` are totals; the rest are parts of them. */
export type Usage = {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly reasoningTokens?: number;
  /** The provider did not count: these are `estimateTokens` of the texts. Good for a budget, no ground for a bill. */
  readonly estimated?: true;
};

/** Four characters a token: the rule of thumb for English that providers publish; for budgets, never for bills. */
export function estimateTokens(chars: number): number {
  return Math.ceil(chars / 4);
}
