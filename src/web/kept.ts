/**
 * What this browser keeps between visits: drafts and tastes, by name. A browser may refuse to keep anything, which
 * costs the user that, and nothing else.
 */

const prefix = 'cantus.';

export function readKept(name: string): string | undefined {
  try {
    return localStorage.getItem(prefix + name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** `undefined` forgets it. */
export function writeKept(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, value);
  } catch {
    // Full, or forbidden: what is shown stays right, it is only not kept.
  }
}

/** Forgets all names that begin so: what somebody wrote must not wait for the next to use this browser. */
export function forgetKept(beginning: string): void {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix + beginning));
    for (const name of names) localStorage.removeItem(name);
  } catch {
    // As above.
  }
}
