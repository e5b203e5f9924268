/** Who is at the other end of a connection: the key by which strangers are counted. */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/** The peer's address; undefined on the local socket, and where the connection is gone. */
export function peerOf(incoming: IncomingMessage): string | undefined {
  return incoming.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '');
}

/** One key for what one person can easily have: an IPv4 address, or an IPv6 network of 64 bits. */
export function addressKey(address: string | undefined): string {
  if (address === undefined || !isIPv6(address)) return address ?? 'gone';
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
