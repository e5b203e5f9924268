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
import { datasetStore, ownerText, sha256, type ContentStore, type DatasetStore } from './source.ts';

/** Keeps datasets below `folder`, which is made when the first is put. */
export function folderSource(folder: string): DatasetStore {
  return datasetStore(folderContents(folder));
}

function folderContents(folder: string): ContentStore {
  const placeOf = (user: Principal): string => join(folder, sha256(ownerText(user)));
  return {
    async keep(user, digest, content) {
      const place = placeOf(user);
      await promises.mkdir(place, { recursive: true, mode: 0o700 });
      await writeDurably(place, `${digest}.calls`, content);
    },
    async find(user, digest) {
      const content = await readStored(join(placeOf(user), `${digest}.calls`));
      // A file that was changed is not what was stored.
      return content === undefined || sha256(content) !== digest ? undefined : content;
    },
  };
}

async function readStored(path: string): Promise<Uint8Array | undefined> {
  try {
    return await promises.readFile(path);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
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
