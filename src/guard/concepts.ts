/** Makes concepts of groups of rivals: a name, an order, candidates, and what was left out. */
import type { Concept, Edge, Tier, Unit } from './concept.ts';
import type { Group } from './cluster.ts';
import type { Subject } from './candidates.ts';
import { type Known, rankCandidates, undecidedBelow } from './score.ts';

const tiers: readonly Tier[] = ['certain', 'likely', 'possible'];

/** Pairs with what was left out that one concept keeps: enough to see why. */
const leftOutMax = 40;

/** Concepts of these groups, the worst first. */
export function conceptsOf(
  groups: readonly Group[],
  edges: readonly Edge[],
  subjects: ReadonlyMap<string, Subject>,
  known: Known,
): Concept[] {
  const outside = new Map<string, Edge[]>();
  for (const edge of edges) {
    if (edge.verdict === 'rival') continue;
    for (const id of [edge.a, edge.b]) outside.set(id, [...(outside.get(id) ?? []), edge]);
  }
  const concepts = groups.map((group) => conceptOf(group, outside, subjects, known)).toSorted(worstFirst);
  return withOwnIds(concepts);
}

function conceptOf(
  group: Group,
  outside: ReadonlyMap<string, readonly Edge[]>,
  subjects: ReadonlyMap<string, Subject>,
  known: Known,
): Concept {
  const members = group.units.flatMap((id) => subjects.get(id) ?? []);
  const units = members.map(({ unit }) => unit);
  const candidates = rankCandidates(units, known);
  const named = nameOf(members);
  const [best, second] = candidates;
  return {
    id: named.id,
    name: named.name,
    kind: units.find((unit) => unit.kind === 'class')?.kind ?? units[0]?.kind ?? 'class',
    deployable: commonest(units.map((unit) => unit.deployable)),
    tier: group.tier,
    score: Math.max(...group.edges.map((edge) => edge.score)),
    units: candidates.map((candidate) => candidate.unit),
    candidates,
    undecided: (best?.score ?? 0) - (second?.score ?? 0) < undecidedBelow,
    edges: group.edges,
    leftOut: leftOutOf(group, outside),
  };
}

function leftOutOf(group: Group, outside: ReadonlyMap<string, readonly Edge[]>): Edge[] {
  const own = new Set(group.units);
  const found = new Set(group.units.flatMap((id) => outside.get(id) ?? []));
  return [...found].filter((edge) => !(own.has(edge.a) && own.has(edge.b))).slice(0, leftOutMax);
}

/** The core that most of them have, the shortest of those; written as the unit that has nothing else. */
function nameOf(members: readonly Subject[]): { id: string; name: string } {
  const cores = members.map(({ parts }) => parts.plain.join(' '));
  const core = commonest(cores.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1)));
  const plainest = members
    .filter(({ parts }) => parts.plain.join(' ') === core)
    .toSorted((a, b) => a.unit.name.length - b.unit.name.length || (a.unit.id < b.unit.id ? -1 : 1))[0];
  const isWritten = plainest?.unit.name.toLowerCase().replaceAll(/[^a-z0-9]/g, '') === core.replaceAll(' ', '');
  const name = isWritten
    ? plainest.unit.name
    : core.replaceAll(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase());
  return { id: core.replaceAll(' ', '-').replaceAll(/[^a-z0-9-]/g, ''), name };
}

function commonest(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0] as [string, number])[0];
}

function importers({ candidates }: Concept): number {
  return candidates.reduce((sum, one) => sum + one.importers.length, 0);
}

function worstFirst(a: Concept, b: Concept): number {
  return (
    tiers.indexOf(a.tier) - tiers.indexOf(b.tier) ||
    b.units.length - a.units.length ||
    importers(b) - importers(a) ||
    b.score - a.score ||
    ((a.units[0] ?? '') < (b.units[0] ?? '') ? -1 : 1)
  );
}

/** Two concepts of one name are told apart by the folder they lie in, or by a number if that is the same too. */
function withOwnIds(concepts: readonly Concept[]): Concept[] {
  const byId = Map.groupBy(concepts, (concept) => concept.id);
  const taken = new Set<string>();
  return concepts.map((concept) => {
    const twins = byId.get(concept.id) ?? [];
    const folder = twins.length === 1 ? '' : `@${folderOfAll(concept.units)}`;
    let id = `${concept.id}${folder}`;
    for (let count = 2; taken.has(id); count++) id = `${concept.id}${folder}-${count}`;
    taken.add(id);
    return { ...concept, id };
  });
}

/** The deepest folder that all of them lie in. */
function folderOfAll(ids: readonly string[]): string {
  const paths = ids.map((id) => id.slice(0, id.indexOf('#')).split('/').slice(0, -1));
  const [first = []] = paths;
  const depth = first.findIndex((part, index) => paths.some((path) => path[index] !== part));
  const common = depth < 0 ? first : first.slice(0, depth);
  return common.at(-1) ?? 'root';
}

/** Of two files, how many names both define. A name that is everywhere says nothing of two. */
export function facingOf(namesakes: ReadonlyMap<string, readonly Unit[]>): Map<string, number> {
  const facing = new Map<string, number>();
  for (const units of namesakes.values()) {
    const paths = [...new Set(units.filter((unit) => unit.outer === undefined).map((unit) => unit.path))].toSorted();
    if (paths.length > 12) continue;
    for (const [index, one] of paths.entries()) {
      for (const other of paths.slice(index + 1))
        facing.set(`${one}\0${other}`, (facing.get(`${one}\0${other}`) ?? 0) + 1);
    }
  }
  return facing;
}

/** Units by what they are, for rules that ask for namesakes. */
export function namesakesOf(units: Iterable<Unit>): Map<string, Unit[]> {
  const found = new Map<string, Unit[]>();
  for (const unit of units) {
    if (unit.zone !== 'prod') continue;
    const known = found.get(unit.name);
    if (known === undefined) found.set(unit.name, [unit]);
    else known.push(unit);
  }
  return found;
}
