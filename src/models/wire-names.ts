/**
 * Tool names on the wire. Providers allow letters, digits, "_" and "-"; ours may have dots (`files.read`).
 *
 * WN1  Two tools of one request never share a wire name.
 * WN2  A name that comes back and was not sent is delivered as it came: the engine answers the model that there is none.
 */
import { limits } from '../core/limits.ts';

export type WireNames = {
  readonly toWire: (name: string) => string;
  readonly fromWire: (wireName: string) => string;
};

export function wireNames(names: readonly string[]): WireNames {
  const byName = new Map<string, string>();
  const byWireName = new Map<string, string>();
  // Names that need no change keep theirs, so that only the others can be renamed around them.
  const ordered = names.toSorted((a, b) => Number(plain(a) !== a) - Number(plain(b) !== b));
  for (const name of ordered) {
    let wireName = plain(name);
    for (let copy = 2; byWireName.has(wireName); copy++)
      wireName = `${plain(name).slice(0, limits.nameCharsMax - 4)}_${copy}`;
    byName.set(name, wireName);
    byWireName.set(wireName, name);
  }
  return {
    toWire: (name) => byName.get(name) ?? plain(name),
    fromWire: (wireName) => byWireName.get(wireName) ?? wireName,
  };
}

function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, limits.nameCharsMax);
}
