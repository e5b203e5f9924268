/**
 * Requests to the server, for everything that is no stream.
 *
 * CL1  What the server refuses is thrown as the EngineError that its problem names; what never reached a server of
 *      Cantus, or was no answer of one, is of code `closed`, and retryable unless it would be the same again.
 * CL2  Only what is safe to send twice is sent again by itself: reads, and what has a key or can be wished twice.
 */
import type { Clock } from '../core/clock.ts';
import { EngineError, fromErrorInfo, type ErrorCode } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Random } from '../core/random.ts';
import type { LoginOperationName, LoginOperations } from '../protocol/login.ts';
import type { OperationName, Operations } from '../protocol/operations.ts';
import { routes } from '../protocol/operations.ts';
import { statusOf, type Problem } from '../protocol/problem.ts';
import { backoffMs } from './backoff.ts';
import type { Transport } from './transport.ts';

/** Where the server is, who asks, and what time and chance are. */
export type ServerAddress = {
  readonly url: string;
  readonly token?: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
};

export type Route = { readonly method: string; readonly path: string };

/** Sent again, these do no harm: reads, keyed starts and signals, and wishes that are the same twice (CL2). */
const resent: ReadonlySet<OperationName> = new Set([
  'runs.prepare',
  'runs.start',
  'runs.signal',
  'runs.cancel',
  'threads.rename',
]);

type AllOperations = Operations & LoginOperations;

export class Calls {
  readonly #address: ServerAddress;

  constructor(address: ServerAddress) {
    this.#address = address;
  }

  /** The address of a path of the server, with `scheme` in the place of `http`. */
  urlOf(path: string, scheme: 'http' | 'ws' = 'http'): string {
    const url = this.#address.url.replace(/\/+$/, '') + path;
    return scheme === 'http' ? url : url.replace(/^http/, 'ws');
  }

  get authorization(): Readonly<Record<string, string>> {
    const { token } = this.#address;
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Does an operation. Throws an EngineError (CL1). */
  async call<Name extends OperationName>(
    name: Name,
    input: Operations[Name]['input'],
  ): Promise<Operations[Name]['output']> {
    const route: Route = routes[name];
    return route.method === 'GET' || resent.has(name)
      ? this.insist(() => this.once(route, input))
      : this.once<Name>(route, input);
  }

  /** One request of a route with its input, without a second try. */
  async once<Name extends OperationName | LoginOperationName>(
    route: Route,
    input: AllOperations[Name]['input'],
  ): Promise<AllOperations[Name]['output']> {
    const { path, rest } = fill(route.path, input);
    const inBody = route.method === 'POST' || route.method === 'PATCH';
    const response = await this.request(inBody ? path : path + queryOf(rest), {
      method: route.method,
      ...(inBody ? { body: JSON.stringify(rest), headers: { 'content-type': 'application/json' } } : {}),
    });
    return (await bodyOf(response)) as AllOperations[Name]['output'];
  }

  /** Tries until it works, waiting in between, as long as the failure is one that passes. */
  async insist<Result>(attempt: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    for (let failures = 1; ; failures++) {
      try {
        return await attempt();
      } catch (thrown) {
        const waitMs = passingMs(thrown, failures, this.#address.random);
        if (waitMs === undefined || failures >= limits.clientCallAttemptsMax || signal?.aborted === true) throw thrown;
        await pause(this.#address.clock, waitMs, signal);
      }
    }
  }

  /** The answer to one request, if it is a good one. Throws an EngineError otherwise (CL1). */
  async request(path: string, init: RequestInit): Promise<Response> {
    const { transport } = this.#address;
    const headers = { accept: 'application/json', ...(init.headers as object), ...this.authorization };
    let response: Response;
    try {
      response = await transport.fetch(this.urlOf(path), { credentials: 'same-origin', ...init, headers });
    } catch (cause) {
      if (init.signal?.aborted === true) throw cause;
      throw unreachableServer(cause);
    }
    if (response.ok) return response;
    throw await errorOf(response);
  }
}

/** Resolves after `ms`, or as soon as `signal` aborts. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const stop = clock.after(ms, done);
    signal?.addEventListener('abort', done);
  });
}

/** The path with the members of the input that it names, and what is left of the input. */
function fill(path: string, input: Readonly<Record<string, unknown>>): { path: string; rest: Record<string, unknown> } {
  const rest = { ...input };
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  return { path: filled, rest };
}

/** A list is its members, each under the same name. */
function queryOf(rest: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      if (typeof one === 'string' || typeof one === 'number') query.append(name, `${one}`);
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

async function bodyOf(response: Response): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (cause) {
    throw unreachableServer(cause);
  }
  if (text === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notCantus(response.status);
  }
}

/** The error that a refusal is (CL1). */
async function errorOf(response: Response): Promise<EngineError> {
  const problem = (await bodyOf(response).catch(() => undefined)) as Partial<Problem> | null | undefined;
  return problemError(problem) ?? notCantus(response.status);
}

/** The error that a problem document tells, if it is one of Cantus. */
export function problemError(problem: Partial<Problem> | null | undefined): EngineError | undefined {
  const { code, detail, retryable, hint, details } = problem ?? {};
  if (typeof code !== 'string' || !(code in statusOf) || typeof detail !== 'string') return undefined;
  return fromErrorInfo({
    code,
    message: detail,
    retryable: retryable === true,
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(details === undefined ? {} : { details }),
  });
}

/** The network failed: whether the server did what it was asked is not known. */
export function unreachableServer(cause?: unknown): EngineError {
  return new EngineError('closed', 'The server could not be reached, or the line to it broke.', {
    hint: 'Is it running, and is the address right? The same call may work later.',
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

function notCantus(status: number): EngineError {
  return new EngineError('closed', `What answered (with ${status}) does not speak as a Cantus server.`, {
    hint: 'Check the url: it is the address under which the server has /v1. A proxy may also stand in for a server that is down.',
    retryable: status >= 500 || status === 429,
    details: { status },
  });
}

/** How long a refusal says to wait, if it does. */
export function retryAfterMsOf(error: EngineError): number | undefined {
  const asked = (error.details as { readonly retryAfterMs?: unknown } | null | undefined)?.retryAfterMs;
  return typeof asked === 'number' && Number.isFinite(asked) && asked >= 0 ? asked : undefined;
}

const passing: ReadonlySet<ErrorCode> = new Set(['closed', 'draining', 'rate_limited', 'store_failed', 'fenced']);

/** How long to wait before what failed like this may work; undefined when it would not. */
function passingMs(thrown: unknown, failures: number, random: Random): number | undefined {
  if (!EngineError.is(thrown) || !passing.has(thrown.code)) return undefined;
  if (!thrown.retryable && thrown.code !== 'rate_limited') return undefined;
  const asked = retryAfterMsOf(thrown) ?? 0;
  return asked > limits.retryAfterMsMax ? undefined : asked + backoffMs(failures, random);
}
