/** Scans for tests, without files and without a parser. */
import type { Concept, Edge, ScanReport, Skipped } from './concept.ts';
import { testTree, type TestFile } from './rules/tree.fixture.ts';
import { onlyNamedAlike } from './scan.fixture.ts';

export type TestScan = {
  readonly files: Readonly<Record<string, TestFile>>;
  readonly concepts?: readonly Concept[];
  readonly edges?: readonly Edge[];
  readonly skipped?: readonly Skipped[];
};

export function testScan({ files, concepts = [], edges = [], skipped = [] }: TestScan): ScanReport {
  const tree = testTree(files);
  return { tree, concepts, edges, skipped, notCounted: {}, files: tree.files.size, lines: 1_000, cached: 0, ms: 12 };
}

/** A pair of rivals. */
export function testEdge(a: string, b: string, tier: NonNullable<Edge['tier']> = 'certain'): Edge {
  const evidence = {
    ...onlyNamedAlike,
    shared: ['run', 'stop'],
    methodJaccard: 1,
    methodContainment: 1,
    bodyJaccard: 0.5,
    bodyContainment: 0.5,
  };
  return { a, b, verdict: 'rival', score: 0.9, evidence, reason: 'same name and methods', tier };
}

/** A concept of these units. */
export function testConcept(id: string, units: readonly string[], more: Partial<Concept> = {}): Concept {
  return {
    id,
    name: units[0]?.split('#')[1] ?? id,
    kind: 'class',
    deployable: '',
    tier: 'certain',
    score: 0.9,
    units,
    candidates: units.map((unit, index) => ({
      unit,
      score: 0.8 - index * 0.3,
      inputs: [{ name: 'importers', value: 0.5, weight: 0.2, from: '3 importers in production' }],
      importers: ['src/app.ts'],
      testImporters: [],
      calledMethods: ['run'],
      missingMethods: index === 0 ? [] : ['stop'],
    })),
    undecided: false,
    edges: units.length < 2 ? [] : [testEdge(units[0] ?? '', units[1] ?? '')],
    leftOut: [],
    ...more,
  };
}
