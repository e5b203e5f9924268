/**
 * Every error Cantus raises on purpose.
 *
 * E1  A message says what happened and why; `hint` says how to fix it.
 * E2  `code` is stable and is what callers and the wire switch on, never the text.
 * E3  `retryable` is decided where the error is born: true only if the same call may succeed later.
 * E4  No message, hint or detail names another user's data or says that it exists.
 * E5  What the journal keeps of an error is bounded, plain JSON whatever was thrown: one that could not be written would
 *     fail the commit of everybody who shares it.
 */
import type { Json } from './json.ts';
import { limits } from './limits.ts';

/** What went wrong, for callers and the wire to switch on. A code keeps its meaning for ever (E2). */
export type ErrorCode =
  | 'invalid_input'
  | 'identity_required'
  | 'login_required'
  | 'login_failed'
  | 'origin_refused'
  | 'rate_limited'
  | 'too_large'
  | 'media_unsupported'
  | 'method_unsupported'
  | 'draining'
  | 'not_found'
  | 'conflict'
  | 'fenced'
  | 'cancelled'
  | 'interrupted'
  | 'deadline_exceeded'
  | 'limit_exceeded'
  | 'forbidden'
  | 'tool_failed'
  | 'tool_unknown'
  | 'tool_output_invalid'
  | 'not_applied'
  | 'in_doubt'
  | 'model_failed'
  | 'model_refused'
  | 'model_output_invalid'
  | 'model_rate_limited'
  | 'turns_exhausted'
  | 'store_failed'
  | 'store_locked'
  | 'store_corrupt'
  | 'path_reused'
  | 'divergence'
  | 'no_progress'
  | 'construct_forbidden'
  | 'closed'
  | 'thrown'
  | 'bug';

/** What is left of an error when it is journaled or sent: plain JSON, no stack. */
export type ErrorInfo = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly hint?: string;
  readonly details?: Json;
};

export type ErrorFacts = {
  readonly hint?: string;
  readonly details?: Json;
  readonly retryable?: boolean;
  readonly cause?: unknown;
};

const marker = Symbol.for('cantus.EngineError');

/** The root of the tree. `EngineError.is` also recognises an error of another copy of the package. */
export class EngineError extends Error {
  readonly [marker] = true;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly hint: string | undefined;
  readonly details: Json | undefined;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = facts.retryable ?? false;
    this.hint = facts.hint;
    this.details = facts.details;
  }

  static is(value: unknown): value is EngineError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}

/** The input is wrong; the same call will fail again until it is changed. */
export class ValidationError extends EngineError {
  constructor(message: string, facts?: ErrorFacts & { readonly code?: ErrorCode }) {
    super(facts?.code ?? 'invalid_input', message, facts);
  }
}

/** There is no such thing for this user. Another user's thing answers exactly the same (P2). */
export class NotFoundError extends EngineError {
  constructor(
    what:
      | 'run'
      | 'agent'
      | 'workflow'
      | 'tool'
      | 'thread'
      | 'step'
      | 'blob'
      | 'file'
      | 'login'
      | 'account'
      | 'token'
      | 'page',
    name: string,
    hint?: string,
  ) {
    super('not_found', `There is no ${what} "${clip(name)}".`, hint === undefined ? {} : { hint });
  }
}

/** Two truths met: an expected sequence was stale, or a key was used again for something else. */
export class ConflictError extends EngineError {
  constructor(message: string, facts?: ErrorFacts) {
    super('conflict', message, facts);
  }
}

/** This node no longer owns the user; another node's epoch is newer (P5). Nothing was written. */
export class FencedError extends EngineError {
  constructor() {
    super('fenced', 'Another node has taken over this user, so this node may no longer write.', {
      hint: 'The run goes on at its new owner; read it again through engine.as(principal).',
      retryable: true,
    });
  }
}

export class CancelledError extends EngineError {
  constructor(reason: string) {
    super('cancelled', `Cancelled: ${reason}`);
  }
}

export class DeadlineError extends EngineError {
  constructor(what: string, ms: number) {
    super('deadline_exceeded', `${what} did not finish within its ${ms} ms.`, {
      hint: 'Give it a longer timeout, or make it do less.',
      retryable: true,
      details: { ms },
    });
  }
}

/** A bound of `core/limits.ts` or of the engine's configuration was reached. */
export class LimitError extends EngineError {
  constructor(message: string, facts?: ErrorFacts) {
    super('limit_exceeded', message, facts);
  }
}

/** A tool failed, is not known, or gave what its schema does not allow. */
export class ToolError extends EngineError {
  constructor(code: ErrorCode & `tool_${string}`, message: string, facts?: ErrorFacts) {
    super(code, message, facts);
  }
}

/**
 * Thrown by a tool to promise that nothing was applied, so that even a `once` tool may be tried again.
 *
 * @example
 * if (response.status === 422) throw new NotApplied('the bank refused the transfer');
 */
export class NotApplied extends EngineError {
  constructor(reason: string, facts?: ErrorFacts) {
    super('not_applied', reason, { retryable: true, ...facts });
  }
}

/** A model did not answer, or not with what was asked for. `retryAfterMs` is what its provider asked to wait. */
export class ModelError extends EngineError {
  readonly retryAfterMs: number | undefined;
  constructor(
    code: ErrorCode & `model_${string}`,
    message: string,
    facts: ErrorFacts & { readonly retryAfterMs?: number } = {},
  ) {
    super(code, message, facts);
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** The journal could not be opened, read or written. */
export class StoreError extends EngineError {
  constructor(code: ErrorCode & `store_${string}`, message: string, facts?: ErrorFacts) {
    super(code, message, facts);
  }
}

/** A run's body did not do on its re-run what its journal says it did. */
export class DivergenceError extends EngineError {
  constructor(message: string, details?: Json) {
    super('divergence', message, {
      hint: 'Give a changed workflow a new version; keep time, chance and I/O inside steps.',
      ...(details === undefined ? {} : { details }),
    });
  }
}

/** Only `createEngine` makes an engine, and only `engine.as` makes a user's door. */
export class ConstructionError extends EngineError {
  constructor(what: string, factory: string) {
    super('construct_forbidden', `${what} can't be constructed directly.`, {
      hint: `Use ${factory}: it is the only way.`,
    });
  }
}

/**
 * Turns whatever was thrown into what the journal keeps. A foreign error keeps its message, not its stack.
 * It comes from anyone's code, so nothing of it is believed: what is no text or no plain JSON is left out (E5).
 */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  try {
    return EngineError.is(thrown) ? infoOf(thrown) : foreign(textOf(thrown));
  } catch {
    return foreign('Thrown: a value that has no text');
  }
}

function infoOf(error: { readonly [Member in keyof EngineError]?: unknown }): ErrorInfo {
  const { code, message, retryable, hint, details } = error;
  const plain = plainDetails(details);
  return {
    code: typeof code === 'string' ? (code as ErrorCode) : 'thrown',
    message: clip(String(message), textCharsMax),
    retryable: retryable === true,
    ...(typeof hint === 'string' ? { hint: clip(hint, textCharsMax) } : {}),
    ...(plain === undefined ? {} : { details: plain }),
  };
}

function foreign(text: string): ErrorInfo {
  return { code: 'thrown', message: clip(text, textCharsMax), retryable: true };
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `Thrown: ${String(thrown)}`;
}

/** Characters of a message, of a hint, and of the JSON text of the details. */
const textCharsMax = 4_000;
const detailsCharsMax = 16_000;

function plainDetails(details: unknown): Json | undefined {
  if (details === undefined) return undefined;
  try {
    const text = JSON.stringify(details) as string | undefined;
    const plain = text === undefined || text.length > detailsCharsMax ? undefined : (JSON.parse(text) as Json);
    return plain === undefined || !isWithin(plain, limits.jsonDepthMax) ? undefined : plain;
  } catch {
    return undefined;
  }
}

function isWithin(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member: Json) => isWithin(member, levels - 1));
}

/** What was thrown, or an error in its stead where it can't even be looked at, as everyone who catches it does. */
export function lookable(thrown: unknown): unknown {
  try {
    if (thrown instanceof Error || EngineError.is(thrown)) return thrown;
  } catch {
    return new Error('a value that can not be looked at was thrown');
  }
  return thrown;
}

/** The way back: an error that was journaled and is thrown again on a re-run. */
export function fromErrorInfo(info: ErrorInfo): EngineError {
  return new EngineError(info.code, info.message, {
    retryable: info.retryable,
    ...(info.hint === undefined ? {} : { hint: info.hint }),
    ...(info.details === undefined ? {} : { details: info.details }),
  });
}

/** Cuts text that came from outside before it is put into a message. */
export function clip(text: string, charsMax = 80): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax)}…`;
}
