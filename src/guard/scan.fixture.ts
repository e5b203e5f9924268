/** Small trees for tests of the detector. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Edge, Evidence, ScanOptions, ScanReport } from './concept.ts';
import { scan } from './scan.ts';

/** Writes files into a folder of their own, gives it to `see`, and takes it away again. */
export async function withTree<Given>(
  files: Readonly<Record<string, string | Uint8Array>>,
  see: (root: string) => Promise<Given>,
): Promise<Given> {
  const root = mkdtempSync(join(tmpdir(), 'cantus-guard-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return await see(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Scans such a tree in this thread, without a cache and without git. */
export function scanTree(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<ScanOptions> = {},
): Promise<ScanReport> {
  return withTree(files, (root) => scan({ cache: false, workers: 0, git: false, ...options, root }));
}

function nameOf(id: string): string {
  return id.slice(id.indexOf('#') + 1);
}

/** The pair of these two names, whatever their files. */
export function edgeBetween(report: ScanReport, a: string, b: string): Edge | undefined {
  return report.edges.find((edge) => [nameOf(edge.a), nameOf(edge.b)].toSorted().join() === [a, b].toSorted().join());
}

/** A class of some size that runs plans; `name` and the wording differ from copy to copy. */
export function engine(name: string, extra = ''): string {
  return `
export class ${name} {
  constructor(private readonly store: Store, private readonly clock: Clock) {}
  async executePlan(plan: Plan): Promise<Outcome> {
    for (const step of plan.steps) await this.runStep(step);
    return { status: 'done', at: this.clock.now() };
  }
  async runStep(step: Step): Promise<void> {
    const before = await this.store.load(step.id);
    if (before === undefined) await this.store.save(step.id, step.body());
  }
  cancelPlan(id: string, reason: string): void {
    this.store.mark(id, 'cancelled', reason);
  }
  ${extra}
}
`;
}

/** Two units that have a name in common, and nothing else. */
export const onlyNamedAlike: Evidence = {
  nameRelation: 'same',
  name: 1,
  shared: [],
  methodJaccard: 0,
  methodContainment: 0,
  bodyJaccard: 0,
  bodyContainment: 0,
  termJaccard: 0,
  termContainment: 0,
  fieldContainment: 0,
  sharedFields: [],
  bindings: 0,
  boundAs: [],
};
