/**
 * What an HTTP answer that is no success means, for every adapter that speaks HTTP.
 *
 * HF1 No message, hint or cause holds a key. A server's words are quoted with the secrets struck out, and never for a
 *     refused key (providers quote it).
 * HF2 Retryable is what the same call may get over: 408, 409, 425, 429 and 5xx, but not an account without credit.
 */
import { clip, ModelError } from '../core/errors.ts';

export type HttpFailure = {
  readonly status: number;
  readonly provider: string;
  readonly model: string;
  /** The server's own words, secrets struck out; empty if it said none. */
  readonly said: string;
  /** The provider's word for the error, for example `insufficient_quota`. */
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Where the base URL points, for whoever set it wrong. */
  readonly where?: string | undefined;
  /** Where the key is from, for example `OPENAI_API_KEY`; undefined if no key was given. */
  readonly keyName?: string | undefined;
};

const saidCharsMax = 300;

/** The one table from HTTP status to ModelError. */
export function failureOfStatus(failure: HttpFailure): ModelError {
  const { status, provider, model, code } = failure;
  if (status === 401 || status === 403) return keyRefused(failure);
  if (status === 404) return modelMissing(failure);
  const details = { status, provider, model };
  if (status === 402 || code === 'insufficient_quota') {
    return new ModelError('model_failed', `${provider} says that the account has no credit left (HTTP ${status}).`, {
      hint: 'Add credit at the provider, or use another key or model.',
      details,
    });
  }
  const retryable = status >= 500 || retryableBelow500.has(status);
  const after = failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs };
  const what = retryable ? 'could not answer' : 'did not accept the request';
  return new ModelError(
    status === 429 ? 'model_rate_limited' : 'model_failed',
    `${provider} ${status === 429 ? 'limits the rate of calls' : what} (HTTP ${status}).${quote(failure)}`,
    { retryable, details, ...after },
  );
}

const retryableBelow500: ReadonlySet<number> = new Set([408, 409, 425, 429]);

function modelMissing(failure: HttpFailure): ModelError {
  const { status, provider, model, where } = failure;
  const place = where === undefined ? '' : ` and the base URL (${where})`;
  return new ModelError(
    'model_failed',
    `${provider} has no model "${clip(model)}" (HTTP ${status}).${quote(failure)}`,
    {
      hint:
        provider === 'ollama'
          ? `Run \`ollama pull ${model}\`, or name a model that \`ollama list\` shows.`
          : `Check the model's name${place}.`,
      details: { status, provider, model },
    },
  );
}

function keyRefused({ status, provider, model, keyName }: HttpFailure): ModelError {
  const given = keyName !== undefined;
  return new ModelError(
    'model_failed',
    given
      ? `${provider} refused the key (HTTP ${status}).`
      : `${provider} wants a key (HTTP ${status}); none was given.`,
    {
      hint: given
        ? `Check ${keyName}: is it whole, in force, and for ${provider}, and may it use "${clip(model)}"?`
        : 'Give `apiKey`.',
      details: { status, provider, model },
    },
  );
}

function quote({ said }: HttpFailure): string {
  return said === '' ? '' : ` It says: ${clip(said.replaceAll(/\s+/g, ' ').trim(), saidCharsMax)}`;
}

/** `Retry-After` as seconds or as an HTTP date, in ms from now; undefined if there is none that can be read. */
export function parseRetryAfter(value: string | null | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  // An HTTP date begins with the day's name. Date.parse alone reads "-5" and "12.30" as dates, too.
  if (!/^[A-Z][a-z]{2}/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** A call that got no answer at all: nothing listens, no such host, cut, a bad certificate. */
export function failureOfConnection(thrown: unknown, provider: string, where: string): ModelError {
  const code = causeCode(thrown);
  const hint = `Is the server running at ${where}? Start it, or fix the base URL.`;
  const details = { provider, code: code ?? 'unknown' };
  if (code === 'ECONNREFUSED') {
    return new ModelError('model_failed', `Nothing listens at ${where}.`, { hint, details, retryable: true });
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const online = 'Is this machine online, and may it reach the host from here? Else fix the base URL.';
    const told = { hint: online, details, retryable: true };
    return new ModelError('model_failed', `The host of ${where} was not found.`, told);
  }
  const certificate = code !== undefined && /CERT|TLS|SSL|SELF_SIGNED|ISSUER/.test(code);
  return new ModelError(
    'model_failed',
    `The call to ${where} got no answer${code === undefined ? '' : ` (${code})`}.`,
    {
      hint: certificate ? 'The certificate of the server is not trusted here.' : hint,
      details,
      retryable: !certificate,
    },
  );
}

function causeCode(thrown: unknown): string | undefined {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 4; error = error.cause, depth++) {
    if ('code' in error && typeof error.code === 'string') return error.code;
  }
  return undefined;
}

/** What a server said, and its word for the error. */
export type ErrorWords = { readonly said: string; readonly code: string | undefined };

/** The message and code out of the shapes that servers give errors: OpenAI's, Gemini's list of one, FastAPI's, plain text. */
export function errorWords(text: string): ErrorWords {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { said: text.trimStart().startsWith('<') ? '' : text, code: undefined };
  }
  const outer = memberOf(Array.isArray(body) ? body[0] : body, 'error') ?? body;
  const said = [memberOf(outer, 'message'), memberOf(outer, 'detail'), outer].find((word) => typeof word === 'string');
  const code = [memberOf(outer, 'code'), memberOf(outer, 'type')].find((word) => typeof word === 'string');
  return { said: typeof said === 'string' ? said : '', code: typeof code === 'string' ? code : undefined };
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
