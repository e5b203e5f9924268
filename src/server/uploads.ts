/**
 * Files that users bring along: kept below the data folder, by owner.
 *
 * UP1  A file is there whole or not at all: it is written beside its place and renamed.
 * UP2  Its id is random and its place is made of the id and of a hash of the owner: no text of a client is ever part
 *      of a path. Another user's id is answered as an unknown one (P2).
 * UP3  What is read as data is text: what is plainly something else is refused while it comes in, not kept and then
 *      misread. Its size is bounded while it comes in, whatever its headers say.
 * UP4  An owner keeps the newest `uploadsKeptPerUser`.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clip, EngineError, NotFoundError, ValidationError } from '../core/errors.ts';
import type { Principal } from '../core/principal.ts';
import type { AppOption } from '../agents/app.ts';
import type { Uploaded } from '../protocol/operations.ts';
import { checkText } from './file-kind.ts';
import { ownerHash } from './owner-hash.ts';
import type { ServerParts } from './parts.ts';

export type Uploads = {
  /** Keeps what comes. Throws `too_large`, `media_unsupported`, or a ValidationError for an empty file. */
  put(owner: Principal, name: string, body: AsyncIterable<Uint8Array>): Promise<Uploaded>;
  /** The name that its owner knows it by. Throws a NotFoundError. */
  name(owner: Principal, file: string): Promise<string>;
  /** Its bytes. Throws a NotFoundError. */
  read(owner: Principal, file: string): Promise<Uint8Array>;
};

type Parts = Pick<ServerParts, 'served' | 'limits' | 'random'>;

export function uploadsOf({ served, limits, random }: Parts): Uploads {
  const folderOf = (owner: Principal): string => join(served.folder, 'uploads', ownerHash(owner));
  const place = (owner: Principal, file: string): string => {
    if (!idPattern.test(file)) throw new NotFoundError('file', file);
    return join(folderOf(owner), file);
  };
  return {
    async put(owner, name, body) {
      const file = random.id();
      const folder = folderOf(owner);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, file);
      try {
        const bytes = await writeText(`${path}${unfinished}`, body, limits.uploadBytesMax);
        await writeFile(`${path}.json`, JSON.stringify({ name: plainName(name) }), { mode: 0o600 });
        await rename(`${path}${unfinished}`, path);
        await prune(folder, limits.uploadsKeptPerUser);
        return { file, name: plainName(name), bytes };
      } catch (thrown) {
        await rm(`${path}${unfinished}`, { force: true });
        await rm(`${path}.json`, { force: true });
        throw thrown;
      }
    },
    async name(owner, file) {
      const path = place(owner, file);
      await found(file, stat(path));
      const { name } = JSON.parse(await found(file, readFile(`${path}.json`, 'utf8'))) as { readonly name: string };
      return name;
    },
    read: (owner, file) =>
      found(
        file,
        Promise.resolve().then(() => readFile(place(owner, file))),
      ),
  };
}

/** Does the option take a file? Its flag says so: `--data <file>`. */
export function isFileOption({ flag }: AppOption): boolean {
  return flag.endsWith('<file>');
}

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const unfinished = '.unfinished';

async function found<T>(file: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (thrown) {
    if (!isAbsent(thrown)) throw thrown;
    throw new NotFoundError('file', file, 'Send the file again: only the newest ones are kept.');
  }
}

function isAbsent(thrown: unknown): boolean {
  if (EngineError.is(thrown)) return thrown.code === 'not_found';
  return (thrown as NodeJS.ErrnoException).code === 'ENOENT';
}

/** As people see it: the last part of a path, without what a terminal or a page would stumble over. */
function plainName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  return clip(last.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').trim(), 120) || 'file';
}

/** Writes it to the disk and returns its bytes. */
async function writeText(path: string, body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<number> {
  let bytes = 0;
  async function* checked(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      if (chunk.byteLength === 0) continue;
      checkText(chunk, bytes === 0);
      bytes += chunk.byteLength;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      yield chunk;
    }
  }
  await pipeline(
    Readable.from(checked(), { objectMode: false }),
    createWriteStream(path, { mode: 0o600, flush: true }),
  );
  if (bytes === 0) throw new ValidationError('The file is empty.');
  return bytes;
}

export function tooLarge(bytesMax: number): EngineError {
  const shown = bytesMax >= 1_048_576 ? `${Math.floor(bytesMax / 1_048_576)} MB` : `${bytesMax} bytes`;
  return new EngineError('too_large', `It is larger than ${shown}.`, { details: { bytesMax } });
}

/** UP4. Looks at the files alone, so that what a crash left over goes too. */
async function prune(folder: string, kept: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => idPattern.test(name));
  const files = await Promise.all(names.map(async (name) => ({ name, at: await ageOf(join(folder, name)) })));
  const old = files.toSorted((a, b) => b.at - a.at).slice(kept);
  for (const { name } of old)
    for (const suffix of ['', '.json']) await rm(join(folder, `${name}${suffix}`), { force: true });
}

async function ageOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

/** Removes what a process that died in the middle of an upload left behind. For the start of a server. */
export async function sweepUploads(folder: string): Promise<void> {
  const root = join(folder, 'uploads');
  const owners = await readdir(root).catch(() => []);
  for (const owner of owners) {
    const names = await readdir(join(root, owner)).catch(() => []);
    for (const name of names) if (name.endsWith(unfinished)) await rm(join(root, owner, name), { force: true });
  }
}
