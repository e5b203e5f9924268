/**
 * Errors as they leave the server.
 *
 * PB1  What was not thrown on purpose becomes `bug`, and what the store said `store_*`, without a word of it: the log
 *      has its code by the id of the request. No stack, path or other user's id is in any answer (P2).
 */
import { BugError } from '../core/assert.ts';
import { EngineError, toErrorInfo, type ErrorCode, type ErrorInfo } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { problemType, statusOf, type Problem } from '../protocol/problem.ts';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Login required',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'Bad gateway',
  503: 'Unavailable',
  504: 'Timeout',
};

/** What a client may know of what was thrown: the same for HTTP answers and for replies on a socket. */
export function publicError(thrown: unknown): ErrorInfo {
  const info = toErrorInfo(thrown);
  if (!EngineError.is(thrown) || !Object.hasOwn(statusOf, info.code) || isOwnFault(info.code)) return blankOf(info);
  return info;
}

function isOwnFault(code: ErrorCode): boolean {
  return code === 'bug' || code === 'thrown' || code.startsWith('store_');
}

function blankOf({ code, retryable }: ErrorInfo): ErrorInfo {
  if (code.startsWith('store_'))
    return { code, message: 'The journal can not be read or written just now.', retryable };
  return {
    code: 'bug',
    message: 'Something went wrong in the server.',
    retryable: false,
    hint: 'Whoever runs it finds the cause in its log, by the id of this request.',
  };
}

/** An error as a problem of RFC 9457. `statusOf` decides its status. */
export function problemOf(thrown: unknown, requestId: string): Problem {
  const { code, message, retryable, hint, details } = publicError(thrown);
  const status = statusOf[code];
  return {
    type: 'about:blank',
    status,
    title: titles[status] ?? 'Error',
    detail: message,
    code,
    retryable,
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
    requestId,
  };
}

/** The whole answer to a request that failed. */
export function problemResponse(thrown: unknown, requestId: string): Response {
  const problem = problemOf(thrown, requestId);
  const headers = new Headers({
    'content-type': problemType,
    'cache-control': 'no-store',
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
  });
  const retryAfterMs = retryAfterOf(problem);
  if (retryAfterMs !== undefined) headers.set('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  if (problem.status === 401) headers.set('www-authenticate', 'Bearer realm="cantus"');
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

function retryAfterOf({ status, details }: Problem): number | undefined {
  const given = (details as { readonly retryAfterMs?: unknown } | undefined)?.retryAfterMs;
  if (typeof given === 'number') return given;
  return status === 503 ? 1_000 : undefined;
}

/**
 * Tells the log of what is the server's own fault, by id and code. What was asked wrongly is in the request's line, and so
 * is what came while the server stopped: a deploy is no trouble.
 */
export function tellProblem(log: Log, thrown: unknown, requestId: string): void {
  const { code } = toErrorInfo(thrown);
  if (statusOf[code] === undefined || statusOf[code] < 500 || code === 'draining') return;
  log.error('a request failed', { request: requestId, code, ...placeOf(thrown) });
}

/** Where it was thrown, and of what kind it is: names of the code, no text that may hold user content. */
function placeOf(thrown: unknown): { readonly kind?: string; readonly at?: string } {
  if (!(thrown instanceof Error)) return { kind: typeof thrown };
  const at = /\/((?:src|dist|node_modules)\/[\w./@-]+:\d+)/.exec(thrown.stack ?? '')?.[1];
  return {
    kind: thrown instanceof BugError ? 'BugError' : thrown.constructor.name,
    ...(at === undefined ? {} : { at }),
  };
}
