/**
 * Every error Cantus raises on purpose.
 *
 * E1  A message says what happened and why; `hint` says how to fix it.
 * E2  `code` is stable and is what callers and the wire switch on, never the text.
 * E3  `retryable` is decided where the error is born: true only if the same call may succeed later.
 * E4  No message, hint or detail names another user's data or says that it exists.
 */
import type { Json } from './json.ts';

/** What went wrong, for callers and the wire to switch on. A code keeps its meaning for ever (E2). */
export type ErrorCode =
  | 'invalid_input'
  | 'identity_required'
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
  constructor(what: 'run' | 'agent' | 'workflow' | 'tool' | 'thread' | 'step' | 'blob', name: string, hint?: string) {
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

/** Turns whatever was thrown into what the journal keeps. A foreign error keeps its message, not its stack. */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  if (EngineError.is(thrown)) {
    return {
      code: thrown.code,
      message: clip(thrown.message, 4_000),
      retryable: thrown.retryable,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
      ...(thrown.details === undefined ? {} : { details: thrown.details }),
    };
  }
  return { code: 'thrown', message: clip(textOf(thrown), 4_000), retryable: true };
}

/** Foreign values come from anyone's code: some can't be made text, and saying so must not fail in its turn. */
function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `Thrown: ${String(thrown)}`;
  } catch {
    return 'Thrown: a value that has no text';
  }
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
