/**
 * Where the owner of a data folder listens for the commands of this machine.
 *
 * SK1  Who may open the socket may act as any user: it is for the one account of the machine that owns the folder.
 *      The server makes it with mode 0600, and what stands at its place is believed only if that account made it.
 * SK2  A path of more bytes than a socket may have is replaced by one in a folder (0700) of the machine's folder for
 *      temporary things, named by a digest of the data folder.
 * SK3  Whoever has the folder's lock removes what a killed owner left; nobody else does.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { StoreError } from '../core/errors.ts';

const fileName = 'cantus.sock';
/** Bytes of a socket's path: Linux takes 107, others 103. */
const pathBytesMax = 100;

/** The path of the owner's socket, whether there is one or not (SK2). */
export function localSocketPath(folder: string, temporary = tmpdir()): string {
  const near = join(resolve(folder), fileName);
  if (Buffer.byteLength(near) <= pathBytesMax) return near;
  const digest = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 24);
  return join(temporary, `cantus-${digest}`, fileName);
}

/** Makes room for the socket of a folder that this process has locked. Throws a StoreError where others were before it. */
export function prepareLocalSocket(folder: string, temporary = tmpdir()): string {
  const path = localSocketPath(folder, temporary);
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { mode: 0o700 });
  if (!path.startsWith(resolve(folder))) checkOwn(dirname(path), 'folder');
  rmSync(path, { force: true });
  return path;
}

/** The path of the owner's socket if one listens there, in this account's name (SK1). */
export async function listeningAt(folder: string, temporary = tmpdir()): Promise<string | undefined> {
  const path = localSocketPath(folder, temporary);
  if (!existsSync(path)) return undefined;
  if (!path.startsWith(resolve(folder))) checkOwn(dirname(path), 'folder');
  checkOwn(path, 'socket');
  return (await answers(path)) ? path : undefined;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolved) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolved(true);
    });
    socket.once('error', () => resolved(false));
  });
}

/** SK1 */
function checkOwn(path: string, what: 'folder' | 'socket'): void {
  const { uid, mode } = lstatSync(path);
  const isOthers = process.getuid !== undefined && uid !== process.getuid();
  const isOpen = (mode & 0o077) !== 0;
  if (!isOthers && !isOpen) return;
  throw new StoreError(
    'store_failed',
    `The ${what} ${path} ${isOthers ? 'is of another account' : 'is open to others'}.`,
    {
      hint: `Run this as who runs the server, or remove that ${what} if you know that it is nobody's.`,
    },
  );
}
