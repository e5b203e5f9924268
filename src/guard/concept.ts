/**
 * What a scan finds: units of a whole tree, how two of them stand to each other, and the concepts they make up.
 * Plain data; a report prints it, a rule reads it.
 */
import type { FileFacts, ImportFacts, Lang, UnitFacts } from './facts.ts';

/** Only what is in `prod` can be a rival; the others are counted as consumers. */
export type Zone = 'prod' | 'test' | 'example' | 'generated' | 'backup';

/** A unit in its tree. */
export type Unit = UnitFacts & {
  /** `src/engine/create-engine.ts#Engine`, `a.py#Outer.Inner`; a second one of that name in the file ends in `~2`. */
  readonly id: string;
  readonly path: string;
  readonly lang: Lang;
  readonly zone: Zone;
  /** The folder that is deployed as one thing, '' for the root. */
  readonly deployable: string;
  /** Ids of units it extends or implements, resolved, at any distance. */
  readonly ancestors: readonly string[];
};

/** How two units of one subject stand to each other. Only `rival` is a finding; each of the others is a reason not to be one. */
export type Verdict =
  | 'rival'
  | 'homonym'
  | 'variant'
  | 'strategy'
  | 'matrix'
  | 'plugin'
  | 'adapter'
  | 'layer'
  | 'platform'
  | 'twin-package'
  | 'other-deployable'
  | 'nested'
  | 'double'
  | 'generated'
  | 'data'
  | 're-export';

/** How sure a finding is. `possible` is told only when asked for. */
export type Tier = 'certain' | 'likely' | 'possible';

/** How the names are related; `modifier` differs in vacuous words only, `scope` in words of whom it is for. */
export type NameRelation = 'same' | 'modifier' | 'scope' | 'role' | 'synonym' | 'none';

/** Everything that was measured of a pair, each from 0 to 1 unless it says otherwise. */
export type Evidence = {
  readonly nameRelation: NameRelation;
  readonly name: number;
  /** Methods (of a type: fields) both have, as the first one names them. */
  readonly shared: readonly string[];
  /** Shared over all, and shared over those of the smaller. */
  readonly methodJaccard: number;
  readonly methodContainment: number;
  readonly bodyJaccard: number;
  readonly bodyContainment: number;
  /** The same of the terms in their bodies: parts of names, texts and numbers. */
  readonly termJaccard: number;
  readonly termContainment: number;
  /** Fields and constructor parameters that both have, over those of the smaller. */
  readonly fieldContainment: number;
  readonly sharedFields: readonly string[];
  /** Variables that hold now the one, now the other. */
  readonly bindings: number;
  readonly boundAs: readonly string[];
};

/** A pair that was looked at. */
export type Edge = {
  readonly a: string;
  readonly b: string;
  readonly verdict: Verdict;
  /** Only of a rival. */
  readonly tier?: Tier;
  readonly score: number;
  readonly evidence: Evidence;
  /** The one of the two that is no implementation of its own: it wraps or extends the other. */
  readonly outsider?: string;
  /** Why this verdict, in one sentence. */
  readonly reason: string;
};

/** One input of a candidate's score. `value` times `weight` is what it adds. */
export type ScoreInput = {
  readonly name: 'importers' | 'coverage' | 'isolation' | 'documented' | 'newest' | 'tests' | 'place' | 'deprecated';
  readonly value: number;
  readonly weight: number;
  /** What it was reckoned from (`4 importers in production`); says so where nothing is known. */
  readonly from: string;
};

/** A unit of a concept, as a proposal to keep. */
export type Candidate = {
  readonly unit: string;
  /** The sum of its inputs. */
  readonly score: number;
  readonly inputs: readonly ScoreInput[];
  /** Files of production that import it, and of tests. */
  readonly importers: readonly string[];
  readonly testImporters: readonly string[];
  /** Its methods that are called somewhere, and those called on a rival which it has no counterpart of. */
  readonly calledMethods: readonly string[];
  readonly missingMethods: readonly string[];
};

/** A subject and role with more than one implementation. */
export type Concept = {
  /** `execution-engine`; of two alike the second has its folder behind it (`execution-engine@auth`). */
  readonly id: string;
  /** As people write it: `ExecutionEngine`. */
  readonly name: string;
  readonly kind: Unit['kind'];
  readonly deployable: string;
  readonly tier: Tier;
  /** Highest score of a pair in it. */
  readonly score: number;
  /** Unit ids, best candidate first. */
  readonly units: readonly string[];
  /** Same order as `units`. */
  readonly candidates: readonly Candidate[];
  /** The best is close to the second: a person chooses. */
  readonly undecided: boolean;
  /** Pairs within it that are rivals. */
  readonly edges: readonly Edge[];
  /** Pairs of one of its units with what was left out. */
  readonly leftOut: readonly Edge[];
};

/** A file that was not read, or not wholly, and why. */
export type Skipped = {
  readonly path: string;
  readonly why:
    | 'too-large'
    | 'binary'
    | 'unreadable'
    | 'encoding'
    | 'generated'
    | 'notebook'
    // A file of several languages: Vue, Svelte, Astro.
    | 'component'
    // Types of Python without code.
    | 'stub'
    | 'link'
    // A further work tree of the same repository.
    | 'checkout'
    // Its name holds control characters, which are escaped in `path`.
    | 'name'
    // Brackets in brackets, or signs in a row, as no person writes them.
    | 'tangled'
    | 'minified'
    | 'crash';
};

/** A name of a file, resolved. `unit` is absent for a whole module and for what is no unit. */
export type LinkedImport = ImportFacts & {
  /** The file in the tree that it comes from, behind all re-exports; absent outside the tree. */
  readonly file?: string;
  /** The file that the specifier itself names. */
  readonly through?: string;
  readonly unit?: string;
};

/** One file of the tree. */
export type SourceFile = {
  readonly path: string;
  readonly zone: Zone;
  readonly deployable: string;
  readonly facts: FileFacts;
  readonly imports: readonly LinkedImport[];
  /** What a name used in this file means: a unit's id (its own units and imported ones, `module.Name` too). */
  readonly names: ReadonlyMap<string, string>;
};

/** All that rules need to know of the tree. */
export type SourceTree = {
  readonly root: string;
  /** By path, sorted. Paths are relative to the root, with `/`. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** By id, sorted. */
  readonly units: ReadonlyMap<string, Unit>;
};

/** What a scan found of a whole tree. */
export type ScanReport = {
  readonly tree: SourceTree;
  /** Certain first, then likely, then possible; the worst (most units, most importers) first in each. */
  readonly concepts: readonly Concept[];
  /** Every pair looked at, also those that are no rivals. Sorted. */
  readonly edges: readonly Edge[];
  /** How many pairs had each verdict that is no finding. */
  readonly notCounted: Readonly<Partial<Record<Verdict, number>>>;
  readonly skipped: readonly Skipped[];
  readonly files: number;
  readonly lines: number;
  /** Files whose facts came from the cache. */
  readonly cached: number;
  readonly ms: number;
};

/** What is behind one concept: data, for a report to print. */
export type Explanation = {
  readonly concept: Concept;
  readonly members: readonly {
    readonly unit: Unit;
    readonly candidate: Candidate;
    readonly methods: readonly string[];
  }[];
  /** In sentences: the names, the shared methods, the bindings, the bodies. */
  readonly whyTogether: readonly string[];
  readonly leftOut: readonly { readonly unit: Unit; readonly verdict: Verdict; readonly reason: string }[];
  readonly gap: number;
};

/** What to scan, and how. Only `root` is needed; the rest has a default that suits most trees. */
export type ScanOptions = {
  readonly root: string;
  /** Globs, relative to the root; without them every file of a known language. */
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  /** Globs for zones, before the built-in ones. */
  readonly zones?: Readonly<Partial<Record<Zone, readonly string[]>>>;
  /** Name to folder; without them they are found from what builds and ships a folder. */
  readonly deployables?: Readonly<Record<string, string | { readonly path: string; readonly library?: boolean }>>;
  readonly vocabulary?: {
    readonly vacuous?: readonly string[];
    readonly scope?: readonly string[];
    readonly roles?: readonly (readonly string[])[];
  };
  /** A folder, or `false` for none. */
  readonly cache?: string | false;
  /** Worker threads; 0 reads in this thread. */
  readonly workers?: number;
  /** Ask git when units were born. On if there is a repository. */
  readonly git?: boolean;
};
