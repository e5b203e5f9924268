/**
 * Makes trees of the facts of files, one after another, and keeps what the next one may take over.
 *
 * GY3  What is taken over depends on what it was made from and on nothing else: a place on the list of paths and the texts
 *      of manifests, a unit on the facts of its file and on what its ancestors are.
 */
import { join } from 'node:path';
import { limits } from '../core/limits.ts';
import { type KnownSubjects, type Subject, subjectsOf } from './candidates.ts';
import type { ScanOptions, SourceTree, Zone } from './concept.ts';
import { type Deployables, findDeployables } from './deployables.ts';
import { link, type Linked, type LooseFile } from './link.ts';
import { PairFinder } from './pair-finder.ts';
import { PairJudge } from './pair-judge.ts';
import type { TreeFacts } from './read-tree.ts';
import { readRegularFile } from './regular-file.ts';
import { makeResolver, type ReadText, type Resolver } from './resolve.ts';
import { type Shapes, shapesOf } from './shapes.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';
import type { Manifest } from './walk.ts';
import { zoneTest } from './zones.ts';

/** What depends on the places of files and on manifests, not on what files say. */
type Ground = {
  readonly paths: readonly string[];
  readonly manifests: readonly Manifest[];
  /** All that was read for it, with what it said. */
  readonly texts: ReadonlyMap<string, string | undefined>;
  readonly resolver: Resolver;
  readonly deployables: Deployables;
  readonly shapes: Shapes;
};

/** A tree with what pairs in it are judged by. */
export type MadeTree = Pick<Ground, 'deployables' | 'shapes'> & {
  readonly tree: SourceTree;
  readonly subjects: readonly Subject[];
};

/** Makes the trees of one root with the same options. */
export class TreeMaker {
  readonly finder = new PairFinder();
  readonly judge: PairJudge;
  readonly #vocabulary: Vocabulary;
  readonly #options: ScanOptions;
  readonly #zoneOf: ReturnType<typeof zoneTest>;
  readonly #subjects: KnownSubjects = new WeakMap();
  readonly #zones = new Map<string, Zone>();
  #ground: Ground | undefined;
  #linked: Linked | undefined;

  /** `keeps`: more than one tree will be made. */
  constructor(options: ScanOptions, { keeps = false } = {}) {
    this.#options = options;
    this.#zoneOf = zoneTest(options.zones);
    this.#vocabulary = vocabularyOf(options.vocabulary);
    this.judge = new PairJudge(this.#vocabulary, keeps);
  }

  /** What was read of manifests for the last tree, and where none was. */
  get texts(): ReadonlyMap<string, string | undefined> {
    return this.#ground?.texts ?? new Map<string, string | undefined>();
  }

  make({ root, walked, byPath }: TreeFacts, read: ReadText = textsIn(root)): MadeTree {
    const paths = walked.files.filter((path) => byPath.has(path));
    const known = this.#ground;
    const ground =
      known !== undefined && isStill(known, paths, walked.manifests, read)
        ? known
        : this.#groundOf(paths, walked.manifests, read);
    this.#ground = ground;
    const { resolver, deployables, shapes } = ground;
    const files = paths.flatMap((path): LooseFile[] => {
      const facts = byPath.get(path);
      return facts === undefined ? [] : [{ path, facts, zone: this.#zone(path), deployable: deployables.of(path) }];
    });
    this.#linked = link(root, files, resolver, this.#linked);
    const { tree } = this.#linked;
    return { tree, deployables, shapes, subjects: subjectsOf(tree.units.values(), this.#vocabulary, this.#subjects) };
  }

  #zone(path: string): Zone {
    const zone = this.#zones.get(path) ?? this.#zoneOf(path);
    this.#zones.set(path, zone);
    return zone;
  }

  #groundOf(paths: readonly string[], manifests: readonly Manifest[], readText: ReadText): Ground {
    const texts = new Map<string, string | undefined>();
    const read: ReadText = (path) => {
      const text = texts.has(path) ? texts.get(path) : readText(path);
      texts.set(path, text);
      return text;
    };
    const resolver = makeResolver(paths, manifests, read);
    const deployables = findDeployables(this.#options, manifests, resolver, read);
    return { paths, manifests, texts, resolver, deployables, shapes: shapesOf(paths) };
  }
}

/** Reads texts of a tree. */
export function textsIn(root: string): ReadText {
  return (path) => {
    const bytes = readRegularFile(join(root, path), limits.guardFileBytesMax);
    return typeof bytes === 'string' ? undefined : bytes.toString('utf8');
  };
}

/** Would all that this was made from be the same now? */
function isStill(
  { paths, manifests, texts }: Ground,
  nowPaths: readonly string[],
  nowManifests: readonly Manifest[],
  read: ReadText,
): boolean {
  if (paths.length !== nowPaths.length || manifests.length !== nowManifests.length) return false;
  if (!paths.every((path, index) => path === nowPaths[index])) return false;
  const isAlike = ({ folder, file }: Manifest, index: number): boolean =>
    folder === nowManifests[index]?.folder && file === nowManifests[index].file;
  return manifests.every(isAlike) && [...texts].every(([path, text]) => read(path) === text);
}
