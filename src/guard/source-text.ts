/** Bytes of a source file as text, or why they are none. */
import type { Skipped } from './concept.ts';
import { limits } from '../core/limits.ts';

export type SourceText = { readonly text: string; readonly note?: Skipped['why'] } | { readonly why: Skipped['why'] };

const strict = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 with or without a BOM, UTF-16 with one, and else Latin-1, in which every byte is a character. */
export function decodeSource(bytes: Uint8Array): SourceText {
  if (bytes.length > limits.guardFileBytesMax) return { why: 'too-large' };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return checked(new TextDecoder('utf-16le').decode(bytes));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return checked(new TextDecoder('utf-16be').decode(bytes));
  if (bytes.subarray(0, 8_192).includes(0)) return { why: 'binary' };
  try {
    return checked(strict.decode(bytes));
  } catch {
    return { ...checked(new TextDecoder('latin1').decode(bytes)), note: 'encoding' };
  }
}

function checked(text: string): SourceText {
  const lines = text.split('\n', 2_000).length;
  if (text.length > 20_000 && text.length / lines > limits.guardLineCharsMean) return { why: 'minified' };
  return { text };
}
