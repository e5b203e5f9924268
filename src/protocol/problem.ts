/** Errors over HTTP: RFC 9457 problem details, with the code, the hint and the id that the log has of the request. */
import type { ErrorCode, ErrorInfo } from '../core/errors.ts';

export const problemType = 'application/problem+json';

export type Problem = {
  readonly type: 'about:blank';
  /** The HTTP status, and in words. */
  readonly status: number;
  readonly title: string;
  /** What happened and why. */
  readonly detail: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly hint?: string;
  readonly details?: ErrorInfo['details'];
  readonly requestId: string;
};

/** Every code has one status, here alone. What is the server's own fault is 500 and more. */
export const statusOf = {
  invalid_input: 400,
  identity_required: 401,
  login_required: 401,
  login_failed: 401,
  not_found: 404,
  conflict: 409,
  fenced: 503,
  cancelled: 409,
  interrupted: 503,
  deadline_exceeded: 504,
  limit_exceeded: 429,
  rate_limited: 429,
  too_large: 413,
  media_unsupported: 415,
  method_unsupported: 405,
  forbidden: 403,
  origin_refused: 403,
  draining: 503,
  tool_failed: 502,
  tool_unknown: 500,
  tool_output_invalid: 500,
  not_applied: 409,
  in_doubt: 409,
  model_failed: 502,
  model_refused: 502,
  model_output_invalid: 502,
  model_rate_limited: 503,
  turns_exhausted: 500,
  store_failed: 503,
  store_locked: 503,
  store_corrupt: 500,
  path_reused: 500,
  divergence: 500,
  no_progress: 500,
  construct_forbidden: 500,
  closed: 503,
  thrown: 500,
  bug: 500,
} as const satisfies Readonly<Record<ErrorCode, number>>;
