import { clip, ValidationError } from './errors.ts';
import { limits } from './limits.ts';

const namePattern = /^[A-Za-z][A-Za-z0-9_.-]*$/;

/** The name of an agent, tool, workflow or step: it becomes part of paths, so it has no separators in it. */
export function parseName(name: unknown, what: string): string {
  if (typeof name === 'string' && name.length <= limits.nameCharsMax && namePattern.test(name)) return name;
  const near = typeof name === 'string' ? name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[^A-Za-z]+|-+$/g, '') : '';
  throw new ValidationError(`"${clip(String(name))}" can't be the name of ${what}.`, {
    hint: `${namePattern.test(near) ? `Write "${clip(near)}": a` : 'Use a'} letter, then letters, digits, "_", "." or "-", at most ${limits.nameCharsMax} characters.`,
  });
}

/** "Did you mean": the known name that is nearest to a wrong one, if any is near. */
export function nearestName(wrong: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Levenshtein's distance, by rows; names are short, so the table is small. */
function editDistance(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough) return enough;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? enough;
}
