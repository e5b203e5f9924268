/** What somebody chose for the app's options, before it is asked. */
import type { AppInfo, Ask } from '../protocol/operations.ts';

export type AppOption = AppInfo['options'][number];

/** A file that is on its way, on the server, or refused. */
export type FileChoice = {
  readonly name: string;
  readonly bytes: number;
  /** 0 to 1. */
  readonly progress: number;
  readonly file: string | undefined;
  readonly error: string | undefined;
};

export type OptionValue = string | true | FileChoice;
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** As they are asked with. A text of an option that may be given several times has one value a line. */
export function askedOptions(options: readonly AppOption[], values: OptionValues): NonNullable<Ask['options']> {
  const asked: Record<string, string | readonly string[] | true> = {};
  for (const { name, many } of options) {
    const value = values[name];
    if (value === undefined) continue;
    if (value === true) asked[name] = true;
    else if (typeof value === 'object') {
      if (value.file !== undefined) asked[name] = many ? [value.file] : value.file;
    } else if (many) {
      const lines = value
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      if (lines.length > 0) asked[name] = lines;
    } else if (value.trim() !== '') asked[name] = value.trim();
  }
  return asked;
}

/** Is a file still on its way? */
export function isUploading(values: OptionValues): boolean {
  return Object.values(values).some(
    (value) => typeof value === 'object' && value.file === undefined && value.error === undefined,
  );
}

/** Why nothing can be asked yet: a file that was chosen is not on the server, and asking without it would mislead. */
export function blockedBy(values: OptionValues): string | undefined {
  const files = Object.values(values).filter((value) => typeof value === 'object');
  const refused = files.find(({ error }) => error !== undefined);
  if (refused !== undefined) return `${refused.name} was not taken: remove it, or choose another file.`;
  const coming = files.find(({ file }) => file === undefined);
  return coming === undefined ? undefined : `${coming.name} is still being sent.`;
}

/** `skip-bad-rows` as a label: `Skip bad rows`. */
export function optionLabel({ name }: AppOption): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
