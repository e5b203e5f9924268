/**
 * Reads a file whose kind and size nobody has vouched for: a tree may hold pipes, devices and files without end, and
 * reading must neither wait for one nor take more memory than it may.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** Without waiting for somebody who writes into a pipe. */
const atOnce = constants.O_RDONLY | constants.O_NONBLOCK;

/** The bytes of a regular file, or why there are none. Throws nothing. */
export function readRegularFile(file: string, bytesMax: number): Buffer | 'unreadable' | 'too-large' {
  let handle: number | undefined;
  try {
    handle = openSync(file, atOnce);
    const stats = fstatSync(handle);
    if (!stats.isFile()) return 'unreadable';
    return stats.size > bytesMax ? 'too-large' : readFileSync(handle);
  } catch {
    return 'unreadable';
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
