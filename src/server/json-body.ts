/**
 * Bodies of requests.
 *
 * JB1  A body is JSON, in no encoding but identity: what isn't unpacked can't be a bomb.
 * JB2  Its size is bounded whatever its headers say; its depth where it is read (toJson).
 * JB3  So is how many values it has, before any schema looks at them: each may be wrong, and said to be.
 */
import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import { EngineError, ValidationError } from '../core/errors.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { ServerEnv } from './env.ts';
import type { ServerLimits } from './parts.ts';
import { tooLarge } from './uploads.ts';

/** Refuses bodies that are no JSON before they are read, and too large ones while they are. */
export function jsonBodies({ requestBytesMax }: Pick<ServerLimits, 'requestBytesMax'>): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    if (!hasBody(context)) return next();
    checkEncoding(context);
    const type = context.req.header('content-type') ?? '';
    if (!/^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i.test(type))
      throw unsupported('The body is not said to be JSON.', 'Send `content-type: application/json`.');
    if (Number(context.req.header('content-length') ?? 0) > requestBytesMax) throw tooLarge(requestBytesMax);
    const { incoming } = context.env;
    // Where the adapter of Node's requests looks for a body that was read before.
    Object.assign(incoming, { rawBody: await readBytes(incoming, requestBytesMax) });
    return next();
  };
}

async function readBytes(incoming: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of piecesOf(incoming)) {
    bytes += piece.length;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/**
 * The body as it comes. Whoever stops in the middle can still answer: the connection is not torn down by that. Throws a
 * ValidationError where the body breaks off, which is its sender's doing and no fault of the server.
 */
export async function* piecesOf(incoming: IncomingMessage): AsyncGenerator<Buffer, void> {
  try {
    yield* incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new ValidationError('The body breaks off.', { cause });
  }
}

/** Throws for a body that would have to be unpacked (JB1). */
export function checkEncoding({ req }: Context): void {
  const encoding = req.header('content-encoding') ?? 'identity';
  const transfer = req.header('transfer-encoding') ?? 'chunked';
  if (encoding.toLowerCase() !== 'identity' || transfer.toLowerCase() !== 'chunked')
    throw unsupported('Packed bodies are not taken.', 'Send it without a content-encoding.');
}

export function unsupported(message: string, hint: string): EngineError {
  return new EngineError('media_unsupported', message, { hint });
}

function hasBody({ req }: Context): boolean {
  return req.header('transfer-encoding') !== undefined || Number(req.header('content-length') ?? 0) > 0;
}

/** The members of the body; none for an absent one. Throws a ValidationError for what is no JSON object. */
export async function readObject(context: Context): Promise<{ readonly [member: string]: Json }> {
  const text = await context.req.text();
  if (text.trim() === '') return {};
  const value = parsed(text);
  checkValueCount(value);
  if (isJsonObject(value)) return value;
  throw new ValidationError('The body is not a JSON object.');
}

/** JB3. Throws `too_large`. What is no JSON is left to whoever reads it. */
export function checkValueCount(value: unknown): void {
  const { requestValuesMax } = limits;
  const left = [value];
  for (let count = 0; left.length > 0; count++) {
    if (count + left.length > requestValuesMax)
      throw new EngineError('too_large', `It has more than ${requestValuesMax} values.`, {
        hint: 'Send large data as a file.',
        details: { valuesMax: requestValuesMax },
      });
    const next = left.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const member of Object.values(next)) left.push(member);
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new ValidationError('The body is not JSON.');
  }
}
