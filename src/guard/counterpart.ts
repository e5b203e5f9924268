/** Whether one unit has what is asked of another. */
import type { SourceTree, Unit } from './concept.ts';
import type { MemberUse } from './references.ts';

/** What a unit offers, with what it inherits in the tree; and bases that are not in the tree. */
type Offer = {
  readonly methods: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
  readonly outside: ReadonlySet<string>;
};

/** Tells of a use of a member whether `canonical` has a counterpart. */
export function counterpartTest(
  tree: SourceTree,
  canonical: Unit,
): (use: Pick<MemberUse, 'unit' | 'name' | 'open'>) => boolean {
  const there = offerOf(tree, canonical);
  return ({ unit, name, open }) => {
    if (there.methods.has(name) || there.fields.has(name)) return true;
    const own = offerOf(tree, unit);
    const isOwn = own.methods.has(name) || own.fields.has(name);
    // A base from elsewhere that both have gives it to both. A member that nobody declares is only asked for in a call.
    if (!isOwn && [...own.outside].some((base) => there.outside.has(base))) return true;
    const isPrivate = ofTree(tree, unit).some(({ methods }) =>
      methods.some((one) => one.isPrivate && one.name === name),
    );
    // What it never had is asked of another thing of that name.
    return !isOwn && !isPrivate && (open === undefined || own.outside.size === 0);
  };
}

function offerOf(tree: SourceTree, unit: Unit): Offer {
  const all = ofTree(tree, unit);
  const names = new Set(all.map(({ name }) => name));
  return {
    methods: new Set(
      all.flatMap(({ methods }) => methods.filter(({ isPrivate }) => !isPrivate).map(({ name }) => name)),
    ),
    fields: new Set(all.flatMap(({ fields }) => fields)),
    outside: new Set(all.flatMap(({ bases }) => bases.filter((base) => !names.has(base)))),
  };
}

function ofTree(tree: SourceTree, unit: Unit): readonly Unit[] {
  return [unit, ...unit.ancestors.flatMap((id) => tree.units.get(id) ?? [])];
}
