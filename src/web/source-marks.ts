/**
 * The marks in a text that say where a figure comes from, as `[2]`.
 *
 * MK1  A mark leads somewhere only where the answer says to which call: any other stays the text that it is.
 */
import type { Answer } from '../agents/answer.ts';

/** The scheme of a link that is a mark; nothing outside the page knows it. */
export const markScheme = 'cantus-source:';

/** Which call each mark of an answer stands for. */
export function sourcesOf({ sections }: Answer): ReadonlyMap<number, string> {
  const sources = new Map<number, string>();
  for (const block of sections.flatMap(({ blocks }) => blocks)) {
    const marked = block.kind === 'figures' ? block.figures : block.kind === 'text' ? [] : [block];
    for (const { mark, source } of marked) if (mark !== undefined && source !== undefined) sources.set(mark, source);
  }
  return sources;
}

/** The text with each known mark as a link of that scheme (MK1). Code is left as it is. */
export function linkMarks(markdown: string, sources: ReadonlyMap<number, string>): string {
  return markdown.replaceAll(/`[^`]*`|\[(\d{1,4})\](?![(:[])/g, (found, mark: string | undefined) =>
    mark !== undefined && sources.has(Number(mark)) ? `[${mark}](${markScheme}${mark})` : found,
  );
}
