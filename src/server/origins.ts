/**
 * From where the server may be spoken to.
 *
 * OG1  A name is known if it can't be bent by a stranger's DNS: an address written in figures, `localhost`, or a name
 *      that was configured. Any other name is refused, whatever address it led to (DNS rebinding).
 * OG2  A page may send what changes something if it came from here (its origin is the `Host` it speaks to) or from an
 *      origin that was configured, letter by letter. `null`, the origin of sandboxed and local files, is neither.
 */
import { isIP } from 'node:net';
import { ValidationError } from '../core/errors.ts';
import type { Origins } from './parts.ts';

/** Throws a ValidationError for what is no origin. */
export function originsOf(configured: readonly string[]): Origins & { readonly foreign: ReadonlySet<string> } {
  const foreign = new Set(configured.map(parseOrigin));
  const names = new Set([...foreign].map((origin) => new URL(origin).hostname));
  const knowsHost = (host: string | undefined): boolean => {
    const name = nameOf(host);
    return name !== undefined && (isFixed(name) || names.has(name));
  };
  return {
    foreign,
    knowsHost,
    allows(origin, host) {
      if (origin === undefined || origin === 'null') return false;
      if (foreign.has(origin)) return true;
      return knowsHost(host) && hostOf(origin) === host?.toLowerCase();
    },
  };
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '')) return url.origin;
  throw new ValidationError(`"${text}" is no origin.`, {
    hint: 'An origin is a scheme, a name and perhaps a port: https://chat.example.com',
  });
}

/** `host:port` as a browser writes it into `Host`: without the port that the scheme has anyway. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) && /^https?:\/\//.test(origin) ? new URL(origin).host : undefined;
}

function nameOf(host: string | undefined): string | undefined {
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return undefined;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}

function isFixed(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** Of a connection that no browser can make: the socket in the data folder. */
export const localOrigins: Origins = { allows: () => true, knowsHost: () => true };
