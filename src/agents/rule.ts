/** What a rule is: data that answers where there is no language model. What runs it is models/rules.ts. */
import type { Json } from '../core/json.ts';
import type { ModelRequest } from './model.ts';

export type RuleCall = { readonly name: string; readonly input: Json };

/** What a rule answers: words, calls of the agent's tools, or a value of the shape asked for. */
export type RuleReply =
  | { readonly text: string }
  | { readonly toolCalls: readonly RuleCall[] }
  | { readonly output: Json };

/** One rule: whom it answers for, when, and with what. */
export type Rule = {
  /** Only for this agent; for each if not given. */
  readonly agent?: string;
  /** Only for requests it says yes to; for each if not given. */
  readonly when?: (request: ModelRequest) => boolean;
  readonly reply: (request: ModelRequest) => RuleReply;
};
