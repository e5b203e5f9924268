/**
 * Frames of a client, checked: nothing of what a client sends reaches the server's state unchecked.
 *
 * FD1  A frame is JSON text, an object, and of a type that `ClientFrame` has; members it does not need are ignored.
 * FD2  What is no such frame is refused with a reason that says what is wrong, never with what was sent.
 */
import { limits } from '../core/limits.ts';
import type { Cursor } from '../journal/store.ts';
import { closeCodes, protocolVersion, type ClientFrame } from '../protocol/frames.ts';

/** A call whose operation and input have still to be checked: a wrong one is answered, not hung up on. */
export type CallRequest = {
  readonly type: 'call';
  readonly id: string;
  readonly operation: string;
  readonly input: unknown;
};

/** A frame of a client, or why the socket is closed. */
export type Received =
  | Exclude<ClientFrame, { readonly type: 'call' }>
  | CallRequest
  | { readonly type: 'refused'; readonly code: number; readonly reason: string };

type Members = Readonly<Record<string, unknown>>;

export function readFrame(text: string): Received {
  const frame = parseMembers(text);
  if (frame === undefined) return refused('A frame is a JSON object.');
  switch (frame['type']) {
    case 'hello':
      return readHello(frame);
    case 'call':
      return readCall(frame);
    case 'pong':
      return { type: 'pong' };
    default:
      return refused('The type of a frame is hello, call or pong.');
  }
}

function readHello({ protocol, after, gapMax }: Members): Received {
  if (protocol !== protocolVersion) {
    const reason = `This server speaks protocol ${protocolVersion}.`;
    return { type: 'refused', code: closeCodes.protocol, reason };
  }
  if (gapMax !== undefined && !isPlace(gapMax)) return refused('`gapMax` of hello is a whole number from 0 up.');
  const gap = gapMax === undefined ? {} : { gapMax };
  if (after === undefined || after === null) return { type: 'hello', protocol, ...gap };
  if (after === 'start') return { type: 'hello', protocol, after, ...gap };
  const cursor = readCursor(after);
  if (cursor === undefined) return refused('`after` of hello is a cursor { generation, userSeq }, or "start".');
  return { type: 'hello', protocol, after: cursor, ...gap };
}

function readCursor(value: unknown): Cursor | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { generation, userSeq } = value as Members;
  return typeof generation === 'string' && isPlace(userSeq) ? { generation, userSeq } : undefined;
}

function readCall({ id, operation, input }: Members): Received {
  if (typeof id !== 'string' || id === '' || id.length > limits.idCharsMax)
    return refused(`The id of a call is text of 1 to ${limits.idCharsMax} characters.`);
  if (typeof operation !== 'string') return refused('The operation of a call is text.');
  return { type: 'call', id, operation, input: input === undefined ? {} : input };
}

function parseMembers(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function refused(reason: string): Received {
  return { type: 'refused', code: closeCodes.badFrame, reason };
}
