/** Files that the user names on the command line. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ValidationError } from '../core/errors.ts';

/** The bytes of a file, named from `folder`. Throws a ValidationError that says what is in the way. */
export async function readUserFile(folder: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(resolve(folder, path)));
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    throw new ValidationError(`${path} can't be read: ${reasons[code ?? ''] ?? message}.`, { hint: 'Check the path.' });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
};
