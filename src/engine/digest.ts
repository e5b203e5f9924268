import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '../core/json.ts';

/** The sha256 of a value's canonical JSON: equal values, equal digests. */
export function digestOf(value: Json): string {
  return hash('sha256', canonicalJson(value), 'base64url');
}

/** The name of a blob: the sha256 of its JSON text, in hex. */
export function blobName(text: string): string {
  return hash('sha256', text, 'hex');
}
