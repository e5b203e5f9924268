/** A declared concept as a test: red while there is another implementation, green when there is one. */
import { AssertionError } from 'node:assert';
import { openAudit, rootOf } from './audit.ts';
import { oneImplementation } from './rules/one-implementation.ts';
import { undeclared } from './undeclared.ts';
import { systemClock } from '../core/clock.ts';

/**
 * Throws an AssertionError that lists every other implementation of a concept of `guard.json`, also those that the baseline
 * knows. `root`: the code base; without it, the nearest folder up with a `guard.json`.
 *
 * @example
 * it('has one execution engine', () => assertOneImplementation('execution-engine'));
 */
export async function assertOneImplementation(concept: string, root: string = rootOf(process.cwd())): Promise<void> {
  const { config, scan } = await openAudit(root);
  if (config.concepts?.[concept] === undefined) throw undeclared(config, concept);
  const today = new Date(systemClock.now()).toISOString().slice(0, 10);
  const found = oneImplementation({ config, tree: scan.tree, edges: scan.edges, paths: [], today });
  const own = found.filter((violation) => violation.concept === concept);
  if (own.length === 0) return;
  throw new AssertionError({
    message: [
      `${concept} has ${own.length} more:`,
      ...own.map(({ path, line, message }) => `  ${path}:${line} ${message}`),
    ].join('\n'),
    actual: own.length,
    expected: 0,
    operator: 'assertOneImplementation',
  });
}
