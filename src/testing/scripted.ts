/**
 * A model that says what a test wants it to say.
 *
 * X1  A script as a list is one turn a call, in the order of the calls. For several runs at once give a function: it
 *     answers by what is asked, so it does not matter who asks first.
 * X2  Between parts it waits (1 ms unless said otherwise), so that runs truly interleave.
 * X3  A call that the list has no turn for fails with what was asked, and `assertComplete` tells it again.
 */
import { AssertionError } from 'node:assert';
import { estimateTokens, type Usage } from '../agents/message.ts';
import type { FinishReason, Model, ModelPart, ModelRequest, Price } from '../agents/model.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { clip, ModelError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';

/** A tool call of a script. `rawInput` is delivered as it is, so it can be broken JSON. */
export type ScriptedCall = { readonly name: string; readonly id?: string } & (
  | { readonly input: Json }
  | { readonly rawInput: string }
);

/** One answer: what is given is said in this order: text, structured output, tool calls; then it ends. */
export type ScriptedTurn =
  | string
  | {
      /** Whole, or in the pieces it comes in. */
      readonly text?: string | readonly string[];
      readonly output?: Json;
      readonly toolCalls?: readonly ScriptedCall[];
      /** How it ends: with a thrown error, or like a connection that is cut. Otherwise it finishes. */
      readonly error?: Error;
      readonly cut?: true;
      readonly finish?: FinishReason;
      readonly usage?: Usage;
      /** Ms before each part of this turn. */
      readonly delayMs?: number;
    };

/** What a scripted model says: a list of turns, or a function of what it is asked. */
export type Script = readonly ScriptedTurn[] | ((request: ModelRequest, call: number) => ScriptedTurn);

export type ScriptedOptions = {
  readonly id?: string;
  readonly clock?: Clock;
  /** Ms before each part; 0: only what else this turn of the event loop has to do. */
  readonly delayMs?: number;
  readonly price?: (usage: Usage) => Price | undefined;
};

/** A model that says what it was told to say, and keeps what it was asked. */
export type ScriptedModel = Model & {
  /** What was asked, in the order of the calls. */
  readonly requests: readonly ModelRequest[];
  /** Throws unless each turn of the list was used and nothing else was asked. */
  assertComplete(): void;
};

/**
 * A model that follows a script.
 *
 * @example
 * const model = scripted([{ toolCalls: [{ name: 'add', input: { a: 1, b: 2 } }] }, 'That makes 3.']);
 * // ... run an agent with it ...
 * model.assertComplete();
 */
export function scripted(script: Script, options: ScriptedOptions = {}): ScriptedModel {
  const requests: ModelRequest[] = [];
  const unexpected: string[] = [];
  const turnFor = (request: ModelRequest): ScriptedTurn => {
    const call = requests.push(request) - 1;
    if (typeof script === 'function') return script(request, call);
    const turn = script[call];
    if (turn !== undefined) return turn;
    unexpected.push(asked(request));
    throw new ModelError(
      'model_failed',
      `The script has ${script.length} turns; call ${call + 1} is one too many: ${asked(request)}.`,
    );
  };
  return {
    id: options.id ?? 'scripted',
    provider: 'testing',
    kind: 'scripted',
    requests,
    stream: (request, { signal }) => play(turnFor, request, signal, options),
    ...(options.price === undefined ? {} : { price: options.price }),
    assertComplete() {
      if (unexpected.length > 0)
        throw new AssertionError({ message: `The script was asked too often: ${unexpected.join('; ')}.` });
      if (typeof script === 'function' || requests.length >= script.length) return;
      throw new AssertionError({
        message: `The script has ${script.length} turns, and ${requests.length} were asked for.`,
      });
    },
  };
}

async function* play(
  turnFor: (request: ModelRequest) => ScriptedTurn,
  request: ModelRequest,
  signal: AbortSignal,
  { clock = systemClock, delayMs = 1 }: ScriptedOptions,
): AsyncGenerator<ModelPart> {
  signal.throwIfAborted();
  const given = turnFor(request);
  const turn = typeof given === 'string' ? { text: given } : given;
  const parts = partsOf(turn, request);
  for (const part of parts) {
    await pause(clock, turn.delayMs ?? delayMs, signal);
    yield part;
  }
  await pause(clock, turn.delayMs ?? delayMs, signal);
  if (turn.error !== undefined) throw turn.error;
  if (turn.cut === true)
    throw new ModelError('model_failed', 'testing cut the answer off before its end.', { retryable: true });
  yield finishOf(turn, request, parts);
}

type TurnParts = Exclude<ScriptedTurn, string>;

function partsOf(turn: TurnParts, request: ModelRequest): ModelPart[] {
  const pieces = typeof turn.text === 'string' ? [turn.text] : (turn.text ?? []);
  const output = turn.output === undefined ? [] : [JSON.stringify(turn.output)];
  const number = request.messages.filter(({ role }) => role === 'assistant').length;
  const calls = (turn.toolCalls ?? []).map((call, index): ModelPart => {
    const input = 'rawInput' in call ? call.rawInput : JSON.stringify(call.input);
    return { type: 'tool-call', id: call.id ?? `call_${number}_${index}`, name: call.name, input };
  });
  return [...[...pieces, ...output].map((text): ModelPart => ({ type: 'text', text })), ...calls];
}

/** Usage is a function of what was said, so that a test's sums are the same each time; as an estimate it says so. */
function finishOf(turn: TurnParts, request: ModelRequest, parts: readonly ModelPart[]): ModelPart {
  const calls = parts.some(({ type }) => type === 'tool-call');
  const usage = turn.usage ?? {
    inputTokens: estimateTokens(request.instructions.length + JSON.stringify(request.messages).length),
    outputTokens: estimateTokens(JSON.stringify(parts).length),
    estimated: true,
  };
  return { type: 'finish', reason: turn.finish ?? (calls ? 'tool-calls' : 'stop'), usage };
}

/** Ends early by throwing the signal's reason. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal.aborted) reject(signal.reason);
  else {
    let stop: (() => void) | undefined;
    const abort = (): void => {
      stop?.();
      reject(signal.reason);
    };
    const go = (): void => {
      signal.removeEventListener('abort', abort);
      resolve();
    };
    signal.addEventListener('abort', abort, { once: true });
    if (ms > 0) stop = clock.after(ms, go);
    else clock.soon(go);
  }
  return promise;
}

function asked(request: ModelRequest): string {
  const last = request.messages.at(-1);
  const words = last === undefined ? 'nothing' : last.role === 'tool' ? last.content : last.text;
  return `agent "${request.agent}" after ${last?.role ?? 'no message'} "${clip(words, 200)}"`;
}
