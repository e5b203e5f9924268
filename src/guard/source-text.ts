/**
 * Bytes of a source file as text, or why they are none.
 *
 * GE7  What is told of a text can't move a cursor or begin a line of its own: its control characters, and those that turn
 *      the direction of text, are read as spaces. The places of everything else stay.
 */
import type { Skipped } from './concept.ts';
import { limits } from '../core/limits.ts';

export type SourceText = { readonly text: string; readonly note?: Skipped['why'] } | { readonly why: Skipped['why'] };

const strict = new TextDecoder('utf-8', { fatal: true });

/**
 * UTF-8 with or without a BOM, UTF-16 with one, what Python is told by `coding:`, and else Latin-1, in which every byte is
 * a character.
 */
export function decodeSource(bytes: Uint8Array): SourceText {
  if (bytes.length > limits.guardFileBytesMax) return { why: 'too-large' };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return checked(new TextDecoder('utf-16le').decode(bytes));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return checked(new TextDecoder('utf-16be').decode(bytes));
  if (bytes.subarray(0, 8_192).includes(0)) return { why: 'binary' };
  try {
    return checked(strict.decode(bytes));
  } catch {
    const declared = decodeDeclared(bytes);
    if (declared !== undefined) return checked(declared);
    return { ...checked(new TextDecoder('latin1').decode(bytes)), note: 'encoding' };
  }
}

/** By a comment in the first two lines (`# -*- coding: latin-1 -*-`); nothing where there is none that holds. */
function decodeDeclared(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 400)).split('\n', 2).join('\n');
  const declared = /^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)/m.exec(head)?.[1];
  if (declared === undefined) return undefined;
  const label = declared
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^(?:iso-)?latin-/, 'latin');
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function checked(text: string): SourceText {
  if (text.length > 20_000 && text.length / countLines(text) > limits.guardLineCharsMean) return { why: 'minified' };
  return { text: isPlain.test(text) ? text : text.replaceAll(unprintable, ' ') };
}

/* oxlint-disable no-control-regex -- they are what is looked for */
/** All control characters but tabs and the ends of lines and pages, and what overrides the direction of text. */
const unprintable = /[\0-\u0008\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
const isPlain = /^[^\0-\u0008\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$/;
/* oxlint-enable no-control-regex */

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
