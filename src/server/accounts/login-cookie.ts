/**
 * The login as a browser and a program send it.
 *
 * LC1  The cookie is HttpOnly, SameSite=Lax and of this host alone; over https it is Secure and its name says so to the
 *      browser (`__Host-`), and then no other name is looked at.
 * LC2  A request that presents two different credentials presents none: nobody could say for whom it acts.
 */
import { parse, serialize } from 'hono/utils/cookie';
import type { AuthRequest, Login } from '../login.ts';
import { parseCredential, type Credential } from './secret.ts';

export type Presented = { readonly credential: Credential; readonly by: Login['by'] };

type Request = Pick<AuthRequest, 'url' | 'headers'>;

/** What the request presents; `undefined` for nothing, for what can't be ours, and for two of them (LC2). */
export function presentedIn({ url, headers }: Request): Presented | undefined {
  const cookie = cookieIn(headers, cookieName(url));
  const bearer = bearerIn(headers);
  if (cookie !== undefined && bearer !== undefined && cookie !== bearer) return undefined;
  const credential = parseCredential(bearer ?? cookie ?? '');
  if (credential === undefined) return undefined;
  if (bearer !== undefined) return { credential, by: 'bearer' };
  return credential.kind === 'login' ? { credential, by: 'cookie' } : undefined;
}

/** The empty text where there are two: another port or path of this host may have set one of them (LC2). */
function cookieIn(headers: Headers, name: string): string | undefined {
  const pairs = (headers.get('cookie') ?? '').split(';').filter((pair) => pair.trimStart().startsWith(`${name}=`));
  const values = new Set(pairs.map((pair) => parse(pair, name)[name] ?? ''));
  return values.size > 1 ? '' : [...values][0];
}

/** The empty text for an `Authorization` that is no bearer's: it is a credential, if none of ours. */
function bearerIn(headers: Headers): string | undefined {
  const authorization = headers.get('authorization');
  if (authorization === null) return undefined;
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
}

/** The `Set-Cookie` that logs a browser in for `ageMs`, or out when there is no credential. */
export function loginCookie(url: URL, credential: string | undefined, ageMs: number): string {
  return serialize(cookieName(url), credential ?? '', {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: isSecure(url),
    maxAge: credential === undefined ? 0 : Math.min(Math.floor(ageMs / 1_000), cookieSecondsMax),
  });
}

/** What browsers keep a cookie for at most: 400 days. */
const cookieSecondsMax = 34_560_000;

/** LC1 */
function cookieName(url: URL): string {
  return isSecure(url) ? '__Host-cantus' : 'cantus';
}

function isSecure(url: URL): boolean {
  return url.protocol === 'https:';
}
