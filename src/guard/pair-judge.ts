/**
 * What pairs are to each other, told of one tree after another.
 *
 * GI2  A pair is judged anew unless all that was asked of the tree for it is answered alike now: what rules ask is heard
 *      while they ask it, so that no rule has to say what it depends on.
 */
import type { Pair, Subject } from './candidates.ts';
import type { Edge } from './concept.ts';
import { inCrowd } from './crowd.ts';
import { excluded } from './relations.ts';
import type { Surroundings } from './relations-rule.ts';
import { type Bindings, measure, scoreOf } from './similarity.ts';
import { judge } from './tiers.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What of the surroundings is asked by a key. */
type Askable = Pick<Surroundings, 'namesakes' | 'facing' | 'overlays' | 'versions' | 'familySize'> &
  Pick<Surroundings['tree'], 'files' | 'units'>;

/** Something that was asked, and the answer. */
type Asked = { readonly of: keyof Askable; readonly key: string; readonly answer: unknown };

type Judged = {
  readonly bound: readonly [Bound, Bound];
  readonly asked: readonly Asked[];
  readonly edge: Edge | undefined;
};

type Bound = ReadonlySet<string> | undefined;

/** Judges the pairs of trees that one vocabulary holds for. `keeps`: another tree will follow that is nearly the same. */
export class PairJudge {
  readonly #vocabulary: Vocabulary;
  readonly #keeps: boolean;
  #known = new WeakMap<Subject, WeakMap<Subject, Judged>>();
  #around: Surroundings | undefined;

  constructor(vocabulary: Vocabulary, keeps: boolean) {
    this.#vocabulary = vocabulary;
    this.#keeps = keeps;
  }

  /** A pair that is nothing is left out, and so is an excluded one that would be nothing anyway. */
  edges(pairs: readonly Pair[], bindings: Bindings, around: Surroundings): Edge[] {
    if (!this.#keeps) return pairs.flatMap((pair) => edgeOf(pair, this.#measure(pair, bindings), around) ?? []);
    const now = { ...around, namesakes: settled(around.namesakes, this.#around?.namesakes) };
    if (this.#around === undefined || !isSameGround(this.#around, now)) this.#known = new WeakMap();
    this.#around = now;
    const askable = askableOf(now);
    const ears = new Ears(now);
    return pairs.flatMap((pair) => {
      const known = this.#known.get(pair[0])?.get(pair[1]);
      const bound = [bindings.get(pair[0].unit.id), bindings.get(pair[1].unit.id)] as const;
      const isStill = known !== undefined && areAlike(known.bound, bound) && isAnsweredAlike(known.asked, askable);
      if (isStill) return known.edge ?? [];
      const judged = ears.hear((heard) => edgeOf(pair, this.#measure(pair, bindings), heard));
      const kept = this.#known.get(pair[0]) ?? new WeakMap<Subject, Judged>();
      this.#known.set(pair[0], kept.set(pair[1], { bound, asked: judged.asked, edge: judged.edge }));
      return judged.edge ?? [];
    });
  }

  #measure(pair: Pair, bindings: Bindings): Edge['evidence'] {
    return measure(pair, bindings, this.#vocabulary);
  }
}

function edgeOf(pair: Pair, evidence: Edge['evidence'], around: Surroundings): Edge | undefined {
  const alone = judge(pair, evidence);
  const judged = around.isCrowded ? inCrowd(alone, pair, evidence) : alone;
  const shape = { a: pair[0].unit.id, b: pair[1].unit.id, score: scoreOf(evidence), evidence };
  const reason = excluded(pair, evidence, around);
  const isNamed = evidence.nameRelation === 'same' || evidence.nameRelation === 'modifier';
  if (reason !== undefined) return judged === undefined && !isNamed ? undefined : { ...shape, ...reason };
  return judged === undefined ? undefined : { ...shape, ...judged };
}

/** What is asked of these by more than a key stays as it is as long as manifests and places of files do. */
function isSameGround(before: Surroundings, now: Surroundings): boolean {
  if (before.deployables !== now.deployables || before.shapes !== now.shapes) return false;
  if (before.isCrowded !== now.isCrowded) return false;
  return before.joined.size === now.joined.size && [...now.joined].every((pair) => before.joined.has(pair));
}

function askableOf({ tree, namesakes, facing, overlays, versions, familySize }: Surroundings): Askable {
  return { files: tree.files, units: tree.units, namesakes, facing, overlays, versions, familySize };
}

/** Lists of one name are those of before where they hold the same, so that an answer is told by what it is. */
function settled(now: Namesakes, before: Namesakes | undefined): Namesakes {
  if (before === undefined) return now;
  return new Map(
    [...now].map(([name, units]) => {
      const old = before.get(name);
      const isSame = old?.length === units.length && old.every((unit, index) => unit === units[index]);
      return [name, isSame ? old : units];
    }),
  );
}

type Namesakes = Surroundings['namesakes'];

/** Surroundings that note what is asked of them. */
class Ears {
  readonly #around: Surroundings;
  #asked: Asked[] = [];

  constructor(around: Surroundings) {
    const { tree, namesakes, facing, overlays, versions, familySize, deployables, shapes, joined, isCrowded } = around;
    this.#around = {
      tree: { root: tree.root, files: this.#noted('files', tree.files), units: this.#noted('units', tree.units) },
      namesakes: this.#noted('namesakes', namesakes),
      facing: this.#noted('facing', facing),
      overlays: this.#noted('overlays', overlays),
      versions: this.#noted('versions', versions),
      familySize: this.#noted('familySize', familySize),
      deployables,
      shapes,
      joined,
      isCrowded,
    };
  }

  hear(judged: (around: Surroundings) => Edge | undefined): Pick<Judged, 'edge' | 'asked'> {
    this.#asked = [];
    const edge = judged(this.#around);
    return { edge, asked: this.#asked };
  }

  #noted<Of>(of: keyof Askable, map: ReadonlyMap<string, Of>): ReadonlyMap<string, Of> {
    return new NotedMap(map, (key, answer) => this.#asked.push({ of, key, answer }));
  }
}

/** A map that is asked by keys alone: who went through it would depend on all of it, which no note could hold. */
class NotedMap<Of> implements ReadonlyMap<string, Of> {
  readonly #map: ReadonlyMap<string, Of>;
  readonly #note: (key: string, answer: Of | undefined) => void;

  constructor(map: ReadonlyMap<string, Of>, note: (key: string, answer: Of | undefined) => void) {
    this.#map = map;
    this.#note = note;
  }

  get(key: string): Of | undefined {
    const answer = this.#map.get(key);
    this.#note(key, answer);
    return answer;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  get size(): number {
    return refuse();
  }

  forEach(): void {
    refuse();
  }

  entries(): MapIterator<[string, Of]> {
    return refuse();
  }

  keys(): MapIterator<string> {
    return refuse();
  }

  values(): MapIterator<Of> {
    return refuse();
  }

  [Symbol.iterator](): MapIterator<[string, Of]> {
    return refuse();
  }
}

function refuse(): never {
  throw new Error('a rule of relations asks its surroundings by a key (GI2)');
}

function isAnsweredAlike(asked: readonly Asked[], now: Askable): boolean {
  return asked.every(({ of, key, answer }) => now[of].get(key) === answer);
}

function areAlike(before: Judged['bound'], now: Judged['bound']): boolean {
  return before.every((bound, index) => {
    const other = now[index];
    return bound?.size === other?.size && [...(bound ?? [])].every((name) => other?.has(name) === true);
  });
}
