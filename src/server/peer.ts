/**
 * Who is at the other end of a connection.
 *
 * PE1  What a request says of its own way (`X-Forwarded-For`, `-Proto`) is believed as far as our own proxies wrote it:
 *      with n of them the n-th from the right. Without any, nothing of it is.
 */
import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';

export type Peer = {
  /** Undefined on the local socket, and where the connection is gone. */
  readonly address: string | undefined;
  readonly isEncrypted: boolean;
};

const peers = new WeakMap<IncomingMessage, Peer>();

/** Notes who sent it, before anything else looks at it (PE1). */
export function notePeer(incoming: IncomingMessage, proxies: number): void {
  if (proxies === 0) return;
  const told = fromRight(incoming.headersDistinct['x-forwarded-for'], proxies);
  const address = told !== undefined && isIP(told) !== 0 ? plain(told) : plain(incoming.socket.remoteAddress);
  peers.set(incoming, {
    address,
    isEncrypted: fromRight(incoming.headersDistinct['x-forwarded-proto'], 1) === 'https',
  });
}

export function peerOf(incoming: IncomingMessage): Peer {
  return peers.get(incoming) ?? { address: plain(incoming.socket.remoteAddress), isEncrypted: false };
}

function fromRight(values: readonly string[] | undefined, place: number): string | undefined {
  const list = (values ?? []).join(',').split(',');
  return list.at(-place)?.trim();
}

function plain(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** One key for what one person can easily have: an IPv4 address, or an IPv6 network of 64 bits. */
export function addressKey(address: string | undefined): string {
  if (address === undefined || !isIPv6(address)) return address ?? 'local';
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
