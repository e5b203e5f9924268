/** Times, sizes and sums as people read them. */

/** `0.04 s`, `1.2 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function tellMs(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 0.095) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return pair(whole, 60, 'min', 's');
  if (whole < 86_400) return pair(Math.round(whole / 60), 60, 'h', 'min');
  return pair(Math.round(whole / 3_600), 24, 'd', 'h');
}

function pair(count: number, per: number, large: string, small: string): string {
  const rest = count % per;
  return `${Math.floor(count / per)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** A moment as people write it, in their own time zone: `2026-11-22 14:07:31`. */
export function tellTime(ms: number): string {
  const at = new Date(ms);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `1,234`. */
export function tellCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 run`, `2 runs`. */
export function tellMany(count: number, what: string): string {
  return `${tellCount(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** US dollars; null is a sum of which a part has no known price. */
export function tellUsd(usd: number | null): string {
  if (usd === null) return 'unknown (a model has no known price)';
  if (usd === 0) return '$0';
  return usd >= 0.01 ? `$${usd.toFixed(2)}` : `$${Number(usd.toPrecision(2))}`;
}

/** `812 B`, `12 kB`, `3.4 MB`. */
export function tellBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
