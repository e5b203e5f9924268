/**
 * Where deprecation pointers lead: `deprecated` of guard.json says from where to where, and what it leads to may be
 * deprecated itself.
 *
 * VL1  Pointers are followed to the end: whoever uses the first is told the last.
 * VL2  Pointers that go in a circle have no end; the whole circle is told, and nothing of it is proposed.
 */
import type { Unit } from './concept.ts';
import { configName, type DeclaredConcept, type GuardConfig } from './config.ts';
import { joinPlace, modulePaths, nameTest, pathTest, splitPlace } from './globs.ts';
import type { RuleInput } from './rules/rule.ts';

/** The last place of a chain, or the circle: each place once, and the first again. */
export type PointerEnd = { readonly end: string } | { readonly loop: readonly string[] };

/** Follows what is deprecated from a place (`src/old.ts#Old`, `app.old#Old`) on. */
export function followPointers({ deprecated = [] }: GuardConfig, from: string): PointerEnd {
  const pointers = deprecated.flatMap(({ from: old, to }) =>
    to === undefined ? [] : [{ isMeant: pointerTest(old), to }],
  );
  const seen: string[] = [from];
  for (;;) {
    const at = seen.at(-1) ?? from;
    const next = pointers.find(({ isMeant }) => isMeant(at));
    if (next === undefined) return { end: at };
    const to = named(next.to, at);
    const again = seen.findIndex((one) => isSamePlace(one, to));
    if (again >= 0) return { loop: [...seen.slice(again), to] };
    seen.push(to);
  }
}

/** Every circle once, by its first place. */
export function pointerLoops(config: GuardConfig): readonly (readonly string[])[] {
  const loops = new Map<string, readonly string[]>();
  for (const { to } of config.deprecated ?? []) {
    const found = to === undefined ? undefined : followPointers(config, to);
    if (found === undefined || !('loop' in found)) continue;
    const key = found.loop.slice(1).toSorted().join('\n');
    if (!loops.has(key)) loops.set(key, found.loop);
  }
  return [...loops.values()];
}

/** The unit that a concept is to have in the end: its canonical one, or what that points to. */
export function canonicalAfter(
  { config, tree }: Pick<RuleInput, 'config' | 'tree'>,
  { canonical }: DeclaredConcept,
): Unit | { readonly loop: readonly string[] } | undefined {
  const followed = followPointers(config, canonical);
  if ('loop' in followed) return followed;
  const own = tree.units.get(canonical);
  if (followed.end === canonical) return own;
  const { path, name } = splitPlace(followed.end);
  const found = modulePaths(path)
    .filter((one) => !one.includes('*'))
    .map((one) => tree.units.get(joinPlace({ path: one, name })));
  return found.find((unit) => unit !== undefined) ?? own;
}

/** A sentence for whoever has to mend a circle. */
export function loopText(loop: readonly string[]): string {
  return `What is deprecated points in a circle: ${loop.join(' → ')}; take one of them out of "deprecated" in ${configName}`;
}

/** Is a place what a `from` names? */
function pointerTest(from: string): (place: string) => boolean {
  const meant = splitPlace(from);
  const isPath = pathTest([meant.path, ...modulePaths(meant.path)]);
  const isName = meant.name === '' ? () => true : nameTest([meant.name]);
  return (place) => {
    const { path, name } = splitPlace(place);
    return (
      isName(name) &&
      (path === meant.path || [path, ...modulePaths(path)].some((one) => !one.includes('*') && isPath(one)))
    );
  };
}

/** A pointer to a whole module keeps the name. */
function named(to: string, from: string): string {
  const { path, name } = splitPlace(to);
  return name === '' ? joinPlace({ path, name: splitPlace(from).name }) : to;
}

function isSamePlace(a: string, b: string): boolean {
  const [one, two] = [splitPlace(a), splitPlace(b)];
  const paths = new Set(modulePaths(one.path));
  return one.name === two.name && (one.path === two.path || modulePaths(two.path).some((path) => paths.has(path)));
}
