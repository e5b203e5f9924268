/** For people: numbers of at most four significant digits, thousands separated, units behind or before them; texts. */

export type Unit = 'usd' | 'ms' | 'tokens' | 'calls' | 'share' | 'number' | 'text';

export type Cell = string | number | null;

/** A value in its unit; a missing one is a dash. */
export function formatCell(value: Cell, unit: Unit): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  switch (unit) {
    case 'usd':
      return formatUsd(value);
    case 'ms':
      return `${formatNumber(value)} ms`;
    case 'share':
      return `${formatNumber(value * 100)} %`;
    default:
      return formatNumber(value);
  }
}

/** Whole numbers in full, others with four significant digits. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 10_000) return group(Math.round(value).toString());
  const [whole = '', decimals] = trimmed(Number(value.toPrecision(4))).split('.');
  return decimals === undefined ? group(whole) : `${group(whole)}.${decimals}`;
}

/** Two decimals from a dollar up, four below; less than that by its first digits. */
export function formatUsd(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (size >= 1 || size === 0) {
    const [whole = '', cents = ''] = size.toFixed(2).split('.');
    return `${sign}$${group(whole)}.${cents}`;
  }
  return size >= 0.0001 ? `${sign}$${size.toFixed(4)}` : `${sign}$${trimmed(Number(size.toPrecision(2)))}`;
}

/** Without an exponent, and without trailing zeros. */
function trimmed(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(12).replace(/0+$/u, '') : text;
}

function group(digits: string): string {
  return digits.replaceAll(/\B(?=(\d{3})+$)/gu, ',');
}

/** Text of a user or of their data, that can't begin a line of its own and pass for a fact or a heading. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim();
}
