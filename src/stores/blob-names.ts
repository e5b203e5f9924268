/** Which blobs an event names: what keeps them, here and in what is read back from a disk. */
import type { Json } from '../core/json.ts';
import { isBlobRef } from '../journal/event.ts';

/** Calls `found` with the name of each blob that `value`, the data of an event, refers to at any depth. */
export function eachBlobName(value: Json, found: (sha256: string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (isBlobRef(value)) found(value.$blob);
  else for (const member of Object.values(value)) eachBlobName(member, found);
}
