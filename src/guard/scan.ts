/**
 * Reads a tree of sources and finds the concepts that have more than one implementation.
 *
 * GV1  The report depends on the tree and the options alone: the cache and the threads only make it faster.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve as absolute } from 'node:path';
import { availableParallelism } from 'node:os';
import { systemClock } from '../core/clock.ts';
import { ValidationError } from '../core/errors.ts';
import { birthsOf } from './births.ts';
import { cacheFolder, FactCache, keyOf, unpackFacts } from './cache.ts';
import { findPairs, type Pair, type Subject, subjectsOf } from './candidates.ts';
import { cluster } from './cluster.ts';
import type { Edge, ScanOptions, ScanReport, Skipped, SourceTree, Verdict } from './concept.ts';
import { conceptsOf, facingOf, namesakesOf } from './concepts.ts';
import { findConsumers } from './consumers.ts';
import { type Deployables, findDeployables } from './deployables.ts';
import type { FileFacts } from './facts.ts';
import { link, type LooseFile } from './link.ts';
import { grammarOf } from './parse-languages.ts';
import { extractorVersion } from './parse-version.ts';
import { excluded } from './relations.ts';
import type { Surroundings } from './relations-rule.ts';
import { makeResolver } from './resolve.ts';
import { measure, scoreOf } from './similarity.ts';
import { judge } from './tiers.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';
import { type Walk, walk } from './walk.ts';
import { readFiles } from './worker-pool.ts';
import { zoneTest } from './zones.ts';

/**
 * Scans the tree at `options.root`. Throws a ValidationError if there is no such folder; what can't be read in it is in
 * `skipped` of the report.
 *
 * @example
 * const report = await scan({ root: '.' });
 * for (const { name, units } of report.concepts) console.log(name, units);
 */
export async function scan(options: ScanOptions): Promise<ScanReport> {
  const begun = systemClock.monotonic();
  const root = absolute(options.root);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new ValidationError(`There is no folder ${options.root} to scan.`, {
      hint: 'Give the root of a source tree.',
    });
  }
  const walked = walk({ ...options, root });
  const { facts, skipped, cached } = await readFacts(root, walked, options);
  const { tree, deployables } = makeTree(root, walked, facts, options);
  const found = findRivals(tree, deployables, vocabularyOf(options.vocabulary));
  const groups = cluster(found.edges);
  const paths = new Set(groups.flatMap((group) => group.units.map((id) => tree.units.get(id)?.path ?? '')));
  const births = options.git === false ? new Map<string, number>() : await birthsOf(root, [...paths].toSorted());
  const subjects = new Map(found.subjects.map((subject) => [subject.unit.id, subject]));
  const concepts = conceptsOf(groups, found.edges, subjects, { tree, consumers: found.consumers, births });
  return {
    tree,
    concepts,
    edges: found.edges,
    notCounted: countVerdicts(found.edges),
    skipped: [...walked.skipped, ...skipped].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    files: tree.files.size,
    lines: [...tree.files.values()].reduce((sum, file) => sum + file.facts.lines, 0),
    cached,
    ms: Math.round(systemClock.monotonic() - begun),
  };
}

type Facts = { readonly facts: Map<string, FileFacts>; readonly skipped: Skipped[]; readonly cached: number };

/** Facts of every file: from the cache where it knows them, else by reading. */
async function readFacts(root: string, walked: Walk, options: ScanOptions): Promise<Facts> {
  const folder = options.cache ?? cacheFolder(root);
  const cache = folder === false ? undefined : new FactCache(folder, root, extractorVersion);
  const facts = takeKnown(root, walked, cache);
  const unknown = walked.files.filter((path) => !facts.has(path));
  const threads = options.workers ?? Math.max(1, Math.min(4, availableParallelism()));
  const read = await readFiles(root, unknown, threads);
  const skipped: Skipped[] = [];
  for (const file of read) {
    if (file.why !== undefined) skipped.push({ path: file.path, why: file.why });
    if (file.facts === undefined) continue;
    facts.set(file.path, unpackFacts(file.facts));
    if (file.key !== undefined) cache?.put(file.key, file.facts);
  }
  cache?.save();
  return { facts, skipped, cached: cache?.hits ?? 0 };
}

function takeKnown(root: string, walked: Walk, cache: FactCache | undefined): Map<string, FileFacts> {
  const facts = new Map<string, FileFacts>();
  if (cache === undefined || cache.isEmpty) return facts;
  for (const path of walked.files) {
    const known = fromCache(cache, root, path);
    if (known !== undefined) facts.set(path, known);
  }
  return facts;
}

function fromCache(cache: FactCache, root: string, path: string): FileFacts | undefined {
  try {
    return cache.take(keyOf(readFileSync(join(root, path)), grammarOf(path)?.grammar ?? ''));
  } catch {
    return undefined;
  }
}

function makeTree(
  root: string,
  walked: Walk,
  facts: ReadonlyMap<string, FileFacts>,
  options: ScanOptions,
): { tree: SourceTree; deployables: Deployables } {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(join(root, path), 'utf8');
    } catch {
      return undefined;
    }
  };
  const paths = walked.files.filter((path) => facts.has(path));
  const resolver = makeResolver(paths, walked.manifests, read);
  const deployables = findDeployables(options, walked.manifests, resolver, read);
  const zoneOf = zoneTest(options.zones);
  const files = paths.flatMap((path): LooseFile[] => {
    const own = facts.get(path);
    return own === undefined ? [] : [{ path, facts: own, zone: zoneOf(path), deployable: deployables.of(path) }];
  });
  return { tree: link(root, files, resolver), deployables };
}

type Found = {
  readonly subjects: readonly Subject[];
  readonly edges: readonly Edge[];
  readonly consumers: ReturnType<typeof findConsumers>;
};

function findRivals(tree: SourceTree, deployables: Deployables, vocabulary: Vocabulary): Found {
  const subjects = subjectsOf(tree.units.values(), vocabulary);
  const consumers = findConsumers(tree);
  const around = surroundingsOf(tree, deployables);
  const edges = findPairs(subjects, vocabulary).flatMap((pair) => {
    const evidence = measure(pair, consumers.bindings, vocabulary);
    return edgeOf(pair, evidence, around) ?? [];
  });
  return { subjects, edges, consumers };
}

/** A pair with what it is; a pair that is nothing is left out, and so is an excluded one that would be nothing anyway. */
function edgeOf(pair: Pair, evidence: Edge['evidence'], around: Surroundings): Edge | undefined {
  const judged = judge(pair, evidence);
  const shape = { a: pair[0].unit.id, b: pair[1].unit.id, score: scoreOf(evidence), evidence };
  const reason = excluded(pair, evidence, around);
  const isNamed = evidence.nameRelation === 'same' || evidence.nameRelation === 'modifier';
  if (reason !== undefined) return judged === undefined && !isNamed ? undefined : { ...shape, ...reason };
  return judged === undefined ? undefined : { ...shape, ...judged };
}

function surroundingsOf(tree: SourceTree, deployables: Deployables): Surroundings {
  const familySize = new Map<string, number>();
  for (const unit of tree.units.values()) {
    for (const id of unit.ancestors) familySize.set(id, (familySize.get(id) ?? 0) + 1);
  }
  const joined = new Set<string>();
  for (const file of tree.files.values()) {
    for (const one of file.imports) {
      const other = one.through === undefined ? undefined : tree.files.get(one.through)?.deployable;
      if (other === undefined || other === file.deployable || file.zone !== 'prod') continue;
      joined.add(`${file.deployable}\0${other}`).add(`${other}\0${file.deployable}`);
    }
  }
  const namesakes = namesakesOf(tree.units.values());
  return { tree, deployables, namesakes, facing: facingOf(namesakes), familySize, joined };
}

function countVerdicts(edges: readonly Edge[]): Partial<Record<Verdict, number>> {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of edges) if (verdict !== 'rival') counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}
