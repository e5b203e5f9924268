/** Turns the bytes of a file into text, or says why they are none. */
import { ValidationError } from 'cantus';
import { bounds } from '../bounds.ts';

/** How files that are not text begin, so that the error can say what was given instead. */
const magics: readonly (readonly [string, readonly number[]])[] = [
  ['a ZIP archive or an Excel workbook', [0x50, 0x4b, 0x03, 0x04]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a Parquet file', [0x50, 0x41, 0x52, 0x31]],
  ['a PDF document', [0x25, 0x50, 0x44, 0x46]],
  ['an old Excel workbook', [0xd0, 0xcf, 0x11, 0xe0]],
];

/** Decodes UTF-8 without its byte order mark. Throws a ValidationError for what is empty, too large or no UTF-8 text. */
export function decodeText(content: string | Uint8Array, name: string): string {
  const bytes = typeof content === 'string' ? content.length : content.byteLength;
  if (bytes > bounds.fileBytesMax) {
    throw new ValidationError(
      `${name} has ${bytes} bytes; at most ${bounds.fileBytesMax} (${bounds.fileBytesMax / 1_048_576} MiB) are read.`,
      { hint: 'Give a shorter period, or a sample of the calls.', details: { bytes, bytesMax: bounds.fileBytesMax } },
    );
  }
  const text = typeof content === 'string' ? content.replace(/^\u{feff}/u, '') : decodeBytes(content, name);
  if (text.trim() === '') {
    throw new ValidationError(`${name} is empty.`, { hint: 'Give a CSV or JSON Lines file of language-model calls.' });
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    throw new ValidationError(`${name} is not a text file: line ${lineAt(text, nul)} holds a NUL character.`, {
      hint: 'Export the calls as CSV or JSON Lines in UTF-8.',
      details: { line: lineAt(text, nul) },
    });
  }
  return text;
}

function decodeBytes(bytes: Uint8Array, name: string): string {
  const magic = magics.find(([, begin]) => begin.every((byte, index) => bytes[index] === byte));
  if (magic !== undefined) {
    throw new ValidationError(`${name} is ${magic[0]}, not text.`, {
      hint: 'Export the calls as CSV or JSON Lines in UTF-8.',
    });
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new ValidationError(`${name} is encoded as UTF-16.`, { hint: 'Save it as UTF-8 ("CSV UTF-8" in Excel).' });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    const offset = beginOfCharacter(bytes, firstInvalidByte(bytes));
    const line = lineAt(new TextDecoder('latin1').decode(bytes.subarray(0, offset)), offset);
    throw new ValidationError(`${name} is not UTF-8: no valid character begins at byte ${offset} (line ${line}).`, {
      hint: 'Save it as UTF-8; a file from an old spreadsheet is often Windows-1252.',
      details: { byte: offset, line },
      cause: thrown,
    });
  }
}

/** By halving: a prefix decodes as a stream exactly if the fault lies behind it. */
function firstInvalidByte(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.byteLength];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodesAsPrefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

/** The fault of a cut-off character shows at the byte behind it; its lead byte is up to three bytes before. */
function beginOfCharacter(bytes: Uint8Array, fault: number): number {
  for (let back = 1; back <= 3 && back <= fault; back++) {
    const byte = bytes[fault - back] ?? 0;
    if (byte < 0x80) break;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0;
    if (length > back) return fault - back;
  }
  return fault;
}

function decodesAsPrefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    // What is asked here is only whether it decodes; the caller reports the fault with its place.
    return false;
  }
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
