/**
 * Datasets as files: one folder for each user, one file for each content.
 *
 * Both are named by digests, so that no name a user chooses becomes a path. Files are for their owner alone (0600),
 * written beside their place, synced and renamed, so that a process that dies leaves a whole file or none.
 */
import { randomUUID } from 'node:crypto';
import { promises } from 'node:fs';
import { join } from 'node:path';
import type { Principal } from 'cantus';
import { readApart } from '../apart.ts';
import { notStored, ownerText, refOf, sha256, type DatasetRef, type DatasetStore } from './source.ts';

/** Keeps datasets below `folder`, which is made when the first is put. */
export function folderSource(folder: string): DatasetStore {
  const placeOf = (user: Principal): string => join(folder, sha256(ownerText(user)));
  return {
    async put(user, content, options) {
      await readApart(content, options);
      const ref = refOf(content, options);
      const place = placeOf(user);
      await promises.mkdir(place, { recursive: true, mode: 0o700 });
      await writeDurably(place, `${ref.sha256}.calls`, content);
      return ref;
    },
    async load(user, ref) {
      const content = await readStored(join(placeOf(user), `${ref.sha256}.calls`), ref);
      if (sha256(content) !== ref.sha256) throw notStored(ref);
      return readApart(content, ref);
    },
  };
}

async function readStored(path: string, ref: DatasetRef): Promise<Uint8Array> {
  try {
    return await promises.readFile(path);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') throw notStored(ref);
    throw thrown;
  }
}

async function writeDurably(place: string, name: string, content: string | Uint8Array): Promise<void> {
  const draft = join(place, `${name}.${randomUUID()}.draft`);
  const file = await promises.open(draft, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await promises.rename(draft, join(place, name));
  // The rename itself is durable only when its folder is.
  const directory = await promises.open(place, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
