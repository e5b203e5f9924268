/** What a rule of relations is asked, and what it answers. */
import type { Pair } from './candidates.ts';
import type { Evidence, SourceTree, Unit, Verdict } from './concept.ts';
import type { Deployables } from './deployables.ts';
import type { Shapes } from './shapes.ts';

/** Why two units are no rivals. `outsider` is the one that is no implementation of its own. */
export type Reason = {
  readonly verdict: Exclude<Verdict, 'rival'>;
  readonly reason: string;
  readonly outsider?: string;
};

/** What rules may ask besides the pair. */
export type Surroundings = {
  readonly tree: SourceTree;
  readonly deployables: Deployables;
  /** Units by name as it is written, of what ships. */
  readonly namesakes: ReadonlyMap<string, readonly Unit[]>;
  /** Of two files (`a\0b`, sorted), how many names both define. */
  readonly facing: ReadonlyMap<string, number>;
  /** Of two folders, one within the other or side by side (`outer\0inner`), how many names both define. */
  readonly overlays: ReadonlyMap<string, number>;
  readonly shapes: Shapes;
  /** Of a core (`languagemodelusage`), how many numbered versions there are. */
  readonly versions: ReadonlyMap<string, number>;
  /** How many units have this one as an ancestor. */
  readonly familySize: ReadonlyMap<string, number>;
  /** Deployables of which files import from each other. */
  readonly joined: ReadonlySet<string>;
  /** There are so many names that some meet by chance (GQ1). */
  readonly isCrowded: boolean;
};

export type Rule = (pair: Pair, evidence: Evidence, around: Surroundings) => Reason | undefined;
