/**
 * The events of AG-UI 1.0 that Cantus sends, as its specification has them. An optional member is left out, never null.
 *
 * They are written down here so that nothing of AG-UI's packages is needed to run; the tests hold them against those.
 */
import type { Json } from '../core/json.ts';
import type { ErrorInfo } from '../core/errors.ts';

/** The version that `RUN_STARTED` declares. */
export const aguiProtocolVersion = '1.0';

/** Where in the journal an event comes from: `metadata.cantus` of each. */
export type AguiPlace = {
  readonly run: string;
  readonly seq: number;
  readonly userSeq: number;
  readonly path?: string;
  /** Of RUN_ERROR: the whole error, with its hint. */
  readonly error?: ErrorInfo;
  /** Of a cancelled RUN_FINISHED. */
  readonly reason?: string;
  /** It was open when the segment before was interrupted, and goes on. */
  readonly reopened?: true;
};

/** Tokens of one model, as totals and parts of them. */
export type AguiUsage = {
  readonly provider: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly cachedInputTokens?: number;
  readonly reasoningTokens?: number;
};

/** What a run waits for that somebody can answer: a signal, or the decision of a call in doubt. */
export type AguiInterrupt = {
  /** `<run>#<segment that it ended>:<seq of what began the wait>`. */
  readonly id: string;
  readonly reason: 'cantus.signal' | 'cantus.doubt' | 'cantus.approval';
  readonly message: string;
  readonly subagentRunId?: string;
  readonly toolCallId?: string;
  readonly responseSchema?: { readonly [key: string]: Json };
  readonly expiresAt?: string;
  readonly metadata: { readonly cantus: { readonly path: string; readonly signal?: string } };
};

export type AguiOutcome =
  | { readonly type: 'success' }
  | { readonly type: 'interrupt'; readonly interrupts: readonly AguiInterrupt[] }
  | { readonly type: 'cancelled' };

type OfSubagent = { readonly subagentRunId?: string };

/** What an event says, by its type. */
export type AguiBody =
  | {
      readonly type: 'RUN_STARTED';
      readonly threadId: string;
      readonly runId: string;
      readonly protocolVersion: typeof aguiProtocolVersion;
    }
  | {
      readonly type: 'RUN_FINISHED';
      readonly threadId: string;
      readonly runId: string;
      readonly outcome: AguiOutcome;
      readonly result?: Json;
      readonly usage?: readonly AguiUsage[];
    }
  | {
      readonly type: 'RUN_ERROR';
      readonly message: string;
      readonly code: string;
      readonly usage?: readonly AguiUsage[];
    }
  | ({ readonly type: 'STEP_STARTED' | 'STEP_FINISHED'; readonly stepName: string } & OfSubagent)
  | ({ readonly type: 'TEXT_MESSAGE_START'; readonly messageId: string; readonly role: 'assistant' } & OfSubagent)
  | ({ readonly type: 'TEXT_MESSAGE_CONTENT'; readonly messageId: string; readonly delta: string } & OfSubagent)
  | ({ readonly type: 'TEXT_MESSAGE_END'; readonly messageId: string } & OfSubagent)
  | ({
      readonly type: 'TOOL_CALL_START';
      readonly toolCallId: string;
      readonly toolCallName: string;
      readonly parentMessageId?: string;
    } & OfSubagent)
  | ({ readonly type: 'TOOL_CALL_ARGS'; readonly toolCallId: string; readonly delta: string } & OfSubagent)
  | ({ readonly type: 'TOOL_CALL_END'; readonly toolCallId: string } & OfSubagent)
  | ({
      readonly type: 'TOOL_CALL_RESULT';
      readonly messageId: string;
      readonly toolCallId: string;
      readonly content: string;
      readonly role: 'tool';
    } & OfSubagent)
  | ({
      readonly type: 'ACTIVITY_SNAPSHOT';
      readonly messageId: string;
      readonly activityType: string;
      readonly content: { readonly [key: string]: Json };
    } & OfSubagent)
  | {
      readonly type: 'SUBAGENT_STARTED';
      readonly subagentRunId: string;
      readonly name: string;
      readonly parentSubagentRunId?: string;
    }
  | {
      readonly type: 'SUBAGENT_FINISHED';
      readonly subagentRunId: string;
      readonly outcome:
        | { readonly type: 'success' }
        | { readonly type: 'suspended'; readonly interruptIds: readonly string[] };
      readonly result?: Json;
    }
  | {
      readonly type: 'SUBAGENT_ERROR';
      readonly subagentRunId: string;
      readonly message: string;
      readonly code: string;
    }
  | ({ readonly type: 'CUSTOM'; readonly name: `cantus.${string}`; readonly value: Json } & OfSubagent);

/** An AG-UI event as it is sent. `timestamp` is the journal's, in ms since 1970. */
export type AguiEvent = AguiBody & {
  readonly timestamp: number;
  readonly metadata: { readonly cantus: AguiPlace };
};

/** Does it end an AG-UI run? */
export function endsAguiRun({ type }: Pick<AguiEvent, 'type'>): boolean {
  return type === 'RUN_FINISHED' || type === 'RUN_ERROR';
}
