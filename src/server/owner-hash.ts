import { createHash } from 'node:crypto';
import { ownerKey, type Principal } from '../core/principal.ts';

/** Stands for a user where the name must not be: in the log, and as a folder's name. Hex of 128 bits. */
export function ownerHash({ tenant, user }: Pick<Principal, 'tenant' | 'user'>): string {
  return createHash('sha256').update(ownerKey(tenant, user)).digest('hex').slice(0, 32);
}
