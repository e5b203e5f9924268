/**
 * The floors of `src/`, in one table: who may import whom. Arrows point down only (ARCHITECTURE.md, floors).
 *
 * The import rules of `.oxlintrc.json` are generated from it (scripts/lint-config.ts), and whatever else enforces
 * floors reads it here. A folder of `src/` that is not in the table fails the check.
 */

/** One floor: a folder of `src/` (or the one file `src/index.ts`) and what its files may import. */
export type Floor = {
  readonly name: string;
  /** Floors whose values and types it may import, besides its own files. */
  readonly may: readonly string[];
  /** Floors of which it may import types only. */
  readonly mayTypes?: readonly string[];
  /** May it import `node:*`? What runs in a browser, or decides without effects, may not. */
  readonly node: boolean;
  /** Its folders are adapters that stand side by side: none of them imports another. */
  readonly siblings?: true;
};

const decisions = ['core', 'agents', 'journal', 'orchestrator'] as const;
const adapters = ['stores', 'models', 'tools'] as const;

/** From the ground up. */
export const floors: readonly Floor[] = [
  { name: 'core', may: [], node: false },
  { name: 'agents', may: ['core'], node: false },
  { name: 'journal', may: ['core', 'agents'], node: false },
  { name: 'orchestrator', may: ['core', 'agents', 'journal'], node: false },
  { name: 'engine', may: decisions, node: true },
  { name: 'protocol', may: ['core', 'journal'], mayTypes: ['agents'], node: false },
  { name: 'stores', may: ['core', 'agents', 'journal'], node: true, siblings: true },
  { name: 'models', may: ['core', 'agents', 'journal'], node: true, siblings: true },
  { name: 'tools', may: ['core', 'agents', 'journal'], node: true, siblings: true },
  { name: 'guard', may: ['core'], node: true },
  { name: 'index', may: [...decisions, 'engine', ...adapters], node: false },
  { name: 'client', may: ['core', 'journal', 'protocol'], mayTypes: ['agents'], node: false },
  { name: 'server', may: [...decisions, 'engine', 'protocol'], node: true },
  { name: 'testing', may: [...decisions, 'engine', 'protocol', 'client', 'guard', ...adapters], node: true },
  { name: 'web', may: ['core', 'agents', 'journal', 'protocol', 'client'], node: false },
  {
    name: 'cli',
    may: [...decisions, 'engine', 'protocol', 'index', 'client', 'server', 'web', 'guard', ...adapters],
    node: true,
  },
];

/** What `examples/` may import besides `node:*`: the package as its users have it, and what an example is about. */
export const examplePackages: readonly string[] = [
  'cantus',
  'cantus/testing',
  'zod',
  'valibot',
  '@pydantic/genai-prices',
  'csv-parse/sync',
  'simple-statistics',
];
