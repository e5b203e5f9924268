/**
 * Reads a tree of sources and finds the concepts that have more than one implementation.
 *
 * GV1  The report depends on the tree and the options alone: the cache and the threads only make it faster.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { birthsOf } from './births.ts';
import { findPairs, type Pair, type Subject, subjectsOf, versionsOf } from './candidates.ts';
import { cluster } from './cluster.ts';
import type { Edge, ScanOptions, ScanReport, SourceTree, Verdict } from './concept.ts';
import { conceptsOf, facingOf, namesakesOf } from './concepts.ts';
import { findConsumers } from './consumers.ts';
import { type Deployables, findDeployables } from './deployables.ts';
import type { FileFacts } from './facts.ts';
import { link, type LooseFile } from './link.ts';
import { readTree, type TreeFacts } from './read-tree.ts';
import { excluded } from './relations.ts';
import type { Surroundings } from './relations-rule.ts';
import { makeResolver } from './resolve.ts';
import { overlaysOf, shapesOf } from './shapes.ts';
import { measure, scoreOf } from './similarity.ts';
import { judge } from './tiers.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';
import type { Walk } from './walk.ts';
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
  const { facts, cached } = await readTree(options);
  const births = (paths: readonly string[]): ReturnType<typeof birthsOf> => birthsOf(facts.root, paths);
  const report = await reportOf(facts, options, births);
  return { ...report, cached, ms: Math.round(systemClock.monotonic() - begun) };
}

/** What is found in a tree whose facts are read: all of a report but how it came about. */
export async function reportOf(
  { root, walked, byPath, skipped }: TreeFacts,
  options: ScanOptions,
  birthsOfPaths: (paths: readonly string[]) => ReturnType<typeof birthsOf>,
): Promise<Omit<ScanReport, 'cached' | 'ms'>> {
  const { tree, deployables } = makeTree(root, walked, byPath, options);
  const found = findRivals(tree, deployables, vocabularyOf(options.vocabulary));
  const groups = cluster(found.edges);
  const paths = new Set(groups.flatMap((group) => group.units.map((id) => tree.units.get(id)?.path ?? '')));
  const births = options.git === false ? new Map<string, number>() : await birthsOfPaths([...paths].toSorted());
  const subjects = new Map(found.subjects.map((subject) => [subject.unit.id, subject]));
  const concepts = conceptsOf(groups, found.edges, subjects, { tree, consumers: found.consumers, births });
  return {
    tree,
    concepts,
    edges: found.edges,
    notCounted: countVerdicts(found.edges),
    skipped: [...walked.skipped, ...[...skipped].map(([path, why]) => ({ path, why }))].toSorted((a, b) =>
      a.path < b.path ? -1 : 1,
    ),
    files: tree.files.size,
    lines: [...tree.files.values()].reduce((sum, file) => sum + file.facts.lines, 0),
  };
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
  const around = surroundingsOf(tree, deployables, subjects);
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

function surroundingsOf(tree: SourceTree, deployables: Deployables, subjects: readonly Subject[]): Surroundings {
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
  return {
    tree,
    deployables,
    namesakes,
    facing: facingOf(namesakes),
    overlays: overlaysOf(tree, namesakes),
    shapes: shapesOf(tree.files.keys()),
    versions: versionsOf(subjects),
    familySize,
    joined,
  };
}

function countVerdicts(edges: readonly Edge[]): Partial<Record<Verdict, number>> {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of edges) if (verdict !== 'rival') counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}
