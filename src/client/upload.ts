import { fromErrorInfo, type EngineError } from '../core/errors.ts';
import { otherRoutes, type Uploaded } from '../protocol/operations.ts';
import type { Problem } from '../protocol/problem.ts';
import { problemError, unreachableServer, type Calls } from './calls.ts';

/** Who is told how far it is, and what stops it. */
export type UploadOptions = {
  /** Told as it goes where the platform can tell it (browsers), and once at the end everywhere. */
  readonly onProgress?: (sentBytes: number, allBytes: number) => void;
  readonly signal?: AbortSignal;
};

/** The part of XMLHttpRequest that is used: only it tells how much of a request has gone. */
type ProgressRequest = {
  readonly upload: {
    addEventListener(
      name: 'progress',
      listener: (event: { readonly loaded: number; readonly total: number }) => void,
    ): void;
  };
  readonly status: number;
  readonly responseText: string;
  addEventListener(name: 'load' | 'error' | 'abort', listener: () => void): void;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  send(body: unknown): void;
  abort(): void;
};

/** Sends a file. It is not sent again by itself: that would begin at its first byte. Throws an EngineError. */
export async function upload(
  calls: Calls,
  data: Blob | Uint8Array<ArrayBuffer>,
  name: string,
  options: UploadOptions = {},
): Promise<Uploaded> {
  const { method, path } = otherRoutes['files.put'];
  const target = `${path}?name=${encodeURIComponent(name)}`;
  const { XMLHttpRequest } = globalThis as { readonly XMLHttpRequest?: new () => ProgressRequest };
  if (XMLHttpRequest !== undefined && options.onProgress !== undefined)
    return sendWatched(
      new XMLHttpRequest(),
      { method, url: calls.urlOf(target), headers: calls.authorization },
      data,
      options,
    );
  const response = await calls.request(target, {
    method,
    body: data,
    headers: { 'content-type': 'application/octet-stream' },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const bytes = data instanceof Uint8Array ? data.byteLength : data.size;
  options.onProgress?.(bytes, bytes);
  return (await response.json()) as Uploaded;
}

type Watched = { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string>> };

function sendWatched(
  request: ProgressRequest,
  { method, url, headers }: Watched,
  data: Blob | Uint8Array<ArrayBuffer>,
  { onProgress, signal }: UploadOptions,
): Promise<Uploaded> {
  return new Promise<Uploaded>((resolve, reject) => {
    const abort = (): void => request.abort();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress?.(loaded, total));
    request.addEventListener('load', () => {
      signal?.removeEventListener('abort', abort);
      const answer = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(answer as Uploaded);
      else reject(problemError(answer as Partial<Problem>) ?? unreachableServer());
    });
    request.addEventListener('error', () => reject(unreachableServer()));
    request.addEventListener('abort', () => reject(aborted()));
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) reject(aborted());
    else request.send(data);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function aborted(): EngineError {
  return fromErrorInfo({ code: 'cancelled', message: 'The upload was cancelled.', retryable: false });
}
