/**
 * What of a code base exists twice since something was added to it. One answer for the hook, the watcher and agents, by
 * the verdicts of a scan: what a scan calls a variant, an adapter or a double is no news here either.
 *
 * VA1  A second implementation of a declared concept, by its name or as its certain rival, blocks; so does a certain rival
 *      of what nobody declared. All else is advice, and what was dismissed is nothing.
 */
import type { Audit } from './audit.ts';
import type { Edge, Tier, Unit } from './concept.ts';
import type { DeclaredConcept } from './config.ts';
import { declaredUnits, type Membership } from './declared-units.ts';
import { isDismissed } from './dismissed.ts';
import { canonicalAfter, loopText } from './pointers.ts';

/** What a change adds that exists already. */
export type AddedRival = {
  readonly path: string;
  readonly line: number;
  readonly name: string;
  /** What there is already. */
  readonly existing: Unit;
  /** The declared concept of which there would be a second implementation. */
  readonly concept?: string;
  readonly tier?: Tier;
  readonly why: string;
  readonly blocks: boolean;
};

/** It as data, for programs. */
export function addedJson({
  existing,
  ...rest
}: AddedRival): Omit<AddedRival, 'existing'> & { readonly existing: string; readonly existingLine: number } {
  return { ...rest, existing: existing.id, existingLine: existing.span.line };
}

/** A code base as it is with what was added. */
export type Seen = Pick<Audit, 'config' | 'scan'>;

/** Says of a pair of rivals which of them was added; undefined if neither was, or both. */
export type WhichIsAdded = (one: Unit, other: Unit) => Unit | undefined;

/** Of each unit that was added, what it is a second one of: the worst alone. `today`: as 2026-11-22. */
export function rivalsAdded(
  seen: Seen,
  units: readonly Unit[],
  whichIsAdded: WhichIsAdded,
  today: string,
): readonly AddedRival[] {
  const { config, scan } = seen;
  const members = declaredUnits({ config, tree: scan.tree, edges: scan.edges, paths: [], today });
  const declared = units.flatMap((unit) => declaredRival(seen, unit, members.get(unit.id)) ?? []);
  const told = new Set(declared.map(({ path, name }) => `${path}#${name}`));
  const found = foundRivals(seen, whichIsAdded).filter(({ added }) => !told.has(`${added.path}#${added.name}`));
  const worst = new Map<string, AddedRival>();
  for (const { added, existing, edge } of found.toSorted((a, b) => b.edge.score - a.edge.score)) {
    const known = worst.get(added.id);
    const rival = rivalOf(added, existing, edge);
    if (known === undefined || (rival.blocks && !known.blocks)) worst.set(added.id, rival);
  }
  const all = [...declared, ...worst.values()];
  return all.toSorted((a, b) => Number(b.blocks) - Number(a.blocks) || (a.path < b.path ? -1 : 1) || a.line - b.line);
}

function rivalOf(added: Unit, existing: Unit, { tier, reason }: Edge): AddedRival {
  const shape = { ...placeOf(added), existing, why: reason, blocks: tier === 'certain' };
  return tier === undefined ? shape : { ...shape, tier };
}

type Found = { readonly added: Unit; readonly existing: Unit; readonly edge: Edge };

function foundRivals({ config, scan }: Seen, whichIsAdded: WhichIsAdded): Found[] {
  const concepts = scan.concepts.filter((concept) => concept.tier !== 'possible' && !isDismissed(config, concept));
  return concepts
    .flatMap(({ edges }) => edges)
    .flatMap((edge): Found[] => {
      const [a, b] = [scan.tree.units.get(edge.a), scan.tree.units.get(edge.b)];
      if (edge.tier === 'possible' || a === undefined || b === undefined) return [];
      const added = whichIsAdded(a, b);
      return added === undefined ? [] : [{ added, existing: added === a ? b : a, edge }];
    });
}

/** A second one of a declared concept (VH2). */
function declaredRival(seen: Seen, unit: Unit, member: Membership | undefined): AddedRival | undefined {
  const declared = member === undefined ? undefined : seen.config.concepts?.[member.concept];
  if (member === undefined || declared === undefined || member.isCanonical) return undefined;
  const { existing, circle } = toUse(seen, declared);
  if (existing === undefined) return undefined;
  const why = `it would be a second implementation of ${member.concept}${circle}`;
  return { ...placeOf(unit), existing, concept: member.concept, why, blocks: declared.mode !== 'warn' };
}

/** What is told to use: the end of the pointers, or the canonical one with the circle that they go in. */
function toUse(
  { config, scan }: Seen,
  declared: DeclaredConcept,
): { readonly existing?: Unit; readonly circle: string } {
  const followed = canonicalAfter({ config, tree: scan.tree }, declared);
  if (followed === undefined) return { circle: '' };
  if ('id' in followed) return { existing: followed, circle: '' };
  const existing = scan.tree.units.get(declared.canonical);
  return { ...(existing === undefined ? {} : { existing }), circle: ` (${loopText(followed.loop)})` };
}

function placeOf({ path, span, name }: Unit): Pick<AddedRival, 'path' | 'line' | 'name'> {
  return { path, line: span.line, name };
}
