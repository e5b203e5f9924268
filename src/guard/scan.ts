/**
 * Reads a tree of sources and finds the concepts that have more than one implementation.
 *
 * GV1  The report depends on the tree and the options alone: the cache and the threads only make it faster.
 */
import { systemClock } from '../core/clock.ts';
import { birthsOf, historyOf } from './births.ts';
import { versionsOf } from './candidates.ts';
import { cluster } from './cluster.ts';
import type { Edge, ScanOptions, ScanReport, Verdict } from './concept.ts';
import { conceptsOf, facingOf, namesakesOf } from './concepts.ts';
import { findConsumers } from './consumers.ts';
import { isCrowded } from './crowd.ts';
import { type Basis, keepReport, takeReport } from './kept-report.ts';
import { listTree, readAtHand, readListed, type TreeFacts } from './read-tree.ts';
import type { Surroundings } from './relations-rule.ts';
import { overlaysOf } from './shapes.ts';
import { type MadeTree, textsIn, TreeMaker } from './tree-maker.ts';

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
  const asksGit = options.git !== false;
  const history = asksGit ? historyOf(options.root) : '';
  const list = listTree(options);
  const basis: Basis = { list, options, history: await history };
  const maker = new TreeMaker(options);
  const kept = takeReport(basis, textsIn(list.root), (read) => maker.make(readAtHand(list), read).tree);
  if (kept !== undefined) return { ...kept, cached: kept.files, ms: Math.round(systemClock.monotonic() - begun) };
  const { facts, cached } = await readListed(list, options);
  let isTold = true;
  const births = async (paths: readonly string[]): ReturnType<typeof birthsOf> => {
    const found = await birthsOf(list.root, paths);
    // Git may have taken too long this time.
    isTold = found.size > 0 || paths.length === 0 || basis.history === '';
    return found;
  };
  const report = await reportOf(facts, maker, asksGit ? births : undefined);
  const isSameHistory = !asksGit || (await historyOf(list.root)) === basis.history;
  if (isTold && isSameHistory) keepReport(basis, report, maker.texts);
  return { ...report, cached, ms: Math.round(systemClock.monotonic() - begun) };
}

/** What is found in a tree whose facts are read: all of a report but how it came about. `birthsOfPaths`: if git is asked. */
export async function reportOf(
  facts: TreeFacts,
  maker: TreeMaker,
  birthsOfPaths?: (paths: readonly string[]) => ReturnType<typeof birthsOf>,
): Promise<Omit<ScanReport, 'cached' | 'ms'>> {
  const { walked, skipped } = facts;
  const made = maker.make(facts);
  const { tree } = made;
  const found = findRivals(made, maker);
  const groups = cluster(found.edges);
  const paths = new Set(groups.flatMap((group) => group.units.map((id) => tree.units.get(id)?.path ?? '')));
  const births = (await birthsOfPaths?.([...paths].toSorted())) ?? new Map<string, number>();
  const subjects = new Map(made.subjects.map((subject) => [subject.unit.id, subject]));
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

type Found = {
  readonly edges: readonly Edge[];
  readonly consumers: ReturnType<typeof findConsumers>;
};

function findRivals(made: MadeTree, { finder, judge }: TreeMaker): Found {
  const consumers = findConsumers(made.tree);
  const edges = judge.edges(finder.find(made.subjects), consumers.bindings, surroundingsOf(made));
  return { edges, consumers };
}

function surroundingsOf({ tree, deployables, shapes, subjects }: MadeTree): Surroundings {
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
    shapes,
    versions: versionsOf(subjects),
    familySize,
    joined,
    isCrowded: isCrowded(tree.units.values()),
  };
}

function countVerdicts(edges: readonly Edge[]): Partial<Record<Verdict, number>> {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of edges) if (verdict !== 'rival') counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}
