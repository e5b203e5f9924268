/** Edits of small trees, and what of a report depends on the tree alone. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { ScanReport } from './concept.ts';
import { engine } from './scan.fixture.ts';

/** A file is written, goes, or goes to another place. */
export type Edit = { readonly path: string; readonly text?: string | Uint8Array | undefined; readonly to?: string };

/** Does it, and gives the paths that it touched. */
export function make(root: string, { path, text, to }: Edit): readonly string[] {
  const [from, target] = [join(root, path), join(root, to ?? path)];
  mkdirSync(dirname(target), { recursive: true });
  if (text !== undefined) writeFileSync(target, text);
  else if (to === undefined) rmSync(from, { force: true });
  else if (existsSync(from)) renameSync(from, target);
  return to === undefined ? [path] : [path, to];
}

/** What depends on the tree alone. */
export function plain({ tree, cached: _cached, ms: _ms, ...rest }: ScanReport): unknown {
  const files = [...tree.files.values()].map(({ names, ...file }) => ({ ...file, names: [...names] }));
  return { ...rest, files, units: [...tree.units.values()] };
}

const paths = [
  'src/a.ts',
  'src/b.ts',
  'src/index.ts',
  'lib/index.ts',
  'lib/c.py',
  'lib/__init__.py',
  'lib/inner/d.js',
] as const;
const texts = [
  engine('ExecutionEngine'),
  engine('EnhancedExecutionEngine'),
  `export * from './a.ts'; export { ExecutionEngine as Engine } from '../src/b.ts';`,
  `import { ExecutionEngine } from '../src/a.ts'; const engine = new ExecutionEngine(); engine.cancelPlan('x', 'y');`,
  'class Dispatcher:\n    def dispatch_tool(self, name):\n        return self.tools[name]\n',
  `import { ExecutionEngine } from 'lib'; export { ExecutionEngine }; export const Again = ExecutionEngine;`,
  `export * from './index.ts'; export * from '../lib/index.ts'; export { Engine } from '@/b';`,
  `import { Again } from '../src'; export class LateEngine extends Again { planRun(plan) { return plan.late; } }`,
  'from .c import Dispatcher\nfrom .inner import *\nclass LateDispatcher(Dispatcher):\n    pass\n',
  `import { ExecutionEngine } from '../lib'; export class PlanEngine extends ExecutionEngine {}`,
  `import { ExecutionEngine } from './b'; const planner = new ExecutionEngine(); export /** Does it, and gives the paths that it touched. */
export function make(planner: ExecutionEngine) { planner.runStep(); }`,
  engine('ExecutionEngineV1') + engine('ExecutionEngineV2') + engine('PlanRunner') + engine('PlanReader'),
  engine('ExecutionEngine') + engine('PlanRunner') + engine('PlanReader') + engine('BaseExecutionEngine'),
  'export class {{{',
  new Uint8Array([0xff, 0xfe, 0x61, 0x00]),
  new Uint8Array([0x2f, 0x2f, 0xe9, 0x0a]),
] as const;

/** A `tsconfig.json` by which `@/` is this folder. */
export function pathsTo(folder: string): string {
  return `{ "compilerOptions": { "paths": { "@/*": ["./${folder}/*"] } } }`;
}

export const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ path: fc.constantFrom(...paths), text: fc.constantFrom(...texts) }),
  fc.record({ path: fc.constantFrom(...paths), text: fc.constant(undefined) }),
  fc.record({ path: fc.constantFrom(...paths), to: fc.constantFrom(...paths) }),
  fc.record({ path: fc.constant('tsconfig.json'), text: fc.constantFrom(pathsTo('src'), pathsTo('lib/inner'), '{') }),
  fc.record({ path: fc.constant('.gitignore'), text: fc.constantFrom('lib/\n', '*.py\n', '') }),
  fc.record({ path: fc.constant('lib/package.json'), text: fc.constantFrom('{ "name": "lib" }', '{') }),
);
