/** Tells text from what is plainly something else, by how it begins and by what no text has in it. */
import { EngineError } from '../core/errors.ts';

const kinds: readonly { readonly name: string; readonly magic: readonly number[] }[] = [
  { name: 'a ZIP archive (an Excel workbook is one)', magic: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'an empty ZIP archive', magic: [0x50, 0x4b, 0x05, 0x06] },
  { name: 'a gzip archive', magic: [0x1f, 0x8b] },
  { name: 'a bzip2 archive', magic: [0x42, 0x5a, 0x68] },
  { name: 'an xz archive', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'a Zstandard archive', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'a 7-Zip archive', magic: [0x37, 0x7a, 0xbc, 0xaf] },
  { name: 'a PDF document', magic: [0x25, 0x50, 0x44, 0x46, 0x2d] },
  { name: 'an old Office document', magic: [0xd0, 0xcf, 0x11, 0xe0] },
  { name: 'a PNG image', magic: [0x89, 0x50, 0x4e, 0x47] },
  { name: 'a JPEG image', magic: [0xff, 0xd8, 0xff] },
  { name: 'a GIF image', magic: [0x47, 0x49, 0x46, 0x38] },
  { name: 'an ELF program', magic: [0x7f, 0x45, 0x4c, 0x46] },
  { name: 'a Parquet file', magic: [0x50, 0x41, 0x52, 0x31] },
  { name: 'an SQLite database', magic: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66] },
];

/** Throws `media_unsupported` for a piece of something that is no text. */
export function checkText(chunk: Uint8Array, isFirst: boolean): void {
  const kind = isFirst ? kindOf(chunk) : undefined;
  if (kind !== undefined) throw refused(`The file is ${kind}.`);
  if (chunk.includes(0)) throw refused('The file has bytes in it that no text in UTF-8 has.');
}

function kindOf(chunk: Uint8Array): string | undefined {
  const known = kinds.find(({ magic }) => magic.every((byte, index) => chunk[index] === byte));
  if (known !== undefined) return known.name;
  // "MZ" alone could begin a text.
  return chunk[0] === 0x4d && chunk[1] === 0x5a && chunk.includes(0) ? 'a Windows program' : undefined;
}

function refused(message: string): EngineError {
  return new EngineError('media_unsupported', message, {
    hint: 'Files are text in UTF-8: CSV with a line of names, or JSON Lines. Export a table as CSV.',
  });
}
