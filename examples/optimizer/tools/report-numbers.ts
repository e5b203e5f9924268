/**
 * Whether a text only has numbers that a tool computed. A model may choose and explain figures; it may not make any.
 */

/** The numbers in a text that no evidence has, as they were written. */
export function unsupportedNumbers(text: string, evidence: readonly unknown[]): string[] {
  const known = new Set<number>();
  for (const value of evidence) collect(value, known);
  const unsupported = numbersIn(text).filter((written) => !isSupported(written, known));
  return [...new Set(unsupported)];
}

/** Numbers that stand alone: not parts of names such as gpt-4o or of dates, and not marks or the numbering of a list. */
function numbersIn(text: string): string[] {
  const body = text
    .replaceAll(/^\s*(?:\d+[.)]|#+)\s/gmu, ' ')
    .replaceAll(/\[\d+\]/gu, ' ')
    .replaceAll(/\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z?)?/gu, ' ')
    .replaceAll(/(\d{1,2}):00\b/gu, '$1')
    .replaceAll(/(?<![\p{L}\p{N}_.-])\p{L}[\p{L}\p{N}_]*(?:[.-][\p{L}\p{N}_]+)*/gu, ' ');
  return body.match(/\d+(?:,\d{3})*(?:\.\d+)?/gu) ?? [];
}

/** A number is supported if some figure, or a share as percent, rounds to it at the digits that were written. */
function isSupported(written: string, known: ReadonlySet<number>): boolean {
  const plain = written.replaceAll(',', '');
  const value = Number(plain);
  const decimals = plain.split('.')[1]?.length ?? 0;
  const near = 0.5 * 10 ** -decimals + 1e-9;
  for (const figure of known) {
    const size = Math.abs(figure);
    if (Math.abs(size - value) <= near || Math.abs(size * 100 - value) <= near) return true;
  }
  return false;
}

function collect(value: unknown, into: Set<number>): void {
  if (typeof value === 'number') into.add(value);
  else if (typeof value === 'string')
    for (const digits of value.match(/\d+(?:\.\d+)?/gu) ?? []) into.add(Number(digits));
  else if (Array.isArray(value)) for (const member of value) collect(member, into);
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) collect(member, into);
}
