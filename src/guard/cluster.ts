/**
 * Groups of units that implement one concept.
 *
 * GU1  Only pairs that are certain or likely join a group; a possible one is attached to a group, or is one of two.
 * GU2  A pair that is excluded does not split a group that others hold together.
 * GU3  What wraps or extends a member is no member, though it may look like another one.
 */
import type { Edge, Tier } from './concept.ts';

export type Group = { readonly units: readonly string[]; readonly tier: Tier; readonly edges: readonly Edge[] };

/** Rival pairs, but for those by which a wrapper of one rival would come in through another (GU3). */
function withoutOutsiders(edges: readonly Edge[]): Edge[] {
  const rivals = edges.filter((edge) => edge.verdict === 'rival');
  const rivalsOf = new Map<string, Set<string>>();
  for (const { a, b, tier } of rivals) {
    if (tier === 'possible') continue;
    rivalsOf.set(a, (rivalsOf.get(a) ?? new Set()).add(b));
    rivalsOf.set(b, (rivalsOf.get(b) ?? new Set()).add(a));
  }
  /** Pairs of an outsider and a rival of what it wraps. */
  const barred = new Set<string>();
  for (const { a, b, outsider } of edges) {
    if (outsider === undefined) continue;
    for (const rival of rivalsOf.get(outsider === a ? b : a) ?? []) barred.add(`${outsider}\0${rival}`);
  }
  return rivals.filter(({ a, b }) => !barred.has(`${a}\0${b}`) && !barred.has(`${b}\0${a}`));
}

const order: readonly Tier[] = ['certain', 'likely', 'possible'];

export function cluster(edges: readonly Edge[]): Group[] {
  const rivals = withoutOutsiders(edges);
  const roots = new Map<string, string>();
  const rootOf = (id: string): string => {
    let root = id;
    for (let above = roots.get(root); above !== undefined && above !== root; above = roots.get(root)) root = above;
    roots.set(id, root);
    return root;
  };
  for (const edge of rivals) if (edge.tier !== 'possible') roots.set(rootOf(edge.b), rootOf(edge.a));
  // Two groups that are joined only by a guess stay two; a guess between strangers is a group of its own.
  const grouped = new Set(rivals.filter((edge) => edge.tier !== 'possible').flatMap((edge) => [edge.a, edge.b]));
  for (const edge of rivals) {
    if (edge.tier === 'possible' && !grouped.has(edge.a) && !grouped.has(edge.b))
      roots.set(rootOf(edge.b), rootOf(edge.a));
  }
  const groups = new Map<string, Edge[]>();
  for (const edge of rivals) {
    const root = rootOf(edge.a);
    if (root !== rootOf(edge.b)) continue;
    const own = groups.get(root);
    if (own === undefined) groups.set(root, [edge]);
    else own.push(edge);
  }
  return [...groups.values()].map((own) => ({
    units: [...new Set(own.flatMap((edge) => [edge.a, edge.b]))].toSorted(),
    tier: order.find((tier) => own.some((edge) => edge.tier === tier)) ?? 'possible',
    edges: own,
  }));
}
