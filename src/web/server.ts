/** The server that this page came from. */
import { remoteLogin, type RemoteLogin } from '../client/login.ts';
import { EngineError } from '../core/errors.ts';

/** Its address: beside this page. */
export function serverUrl(): string {
  return new URL('.', location.href).href.replace(/\/$/, '');
}

export function loginHere(): RemoteLogin {
  return remoteLogin({ url: serverUrl() });
}

/** What to tell of a run that could not be loaded. */
export function missingWords(thrown: unknown): string {
  if (EngineError.is(thrown) && thrown.code === 'not_found') return 'There is no such run. It may have been deleted.';
  return wordsOf(thrown);
}

/** What to tell the user of a failure: what happened, and how to mend it. */
export function wordsOf(thrown: unknown): string {
  if (!EngineError.is(thrown)) return 'Something went wrong in the page. Reload it, and try again.';
  return [thrown.message, thrown.hint].filter((part) => part !== undefined).join(' ');
}
