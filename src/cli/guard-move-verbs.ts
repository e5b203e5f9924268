/** The guard's commands for whoever moves a code base to one implementation. */
import { ValidationError } from '../core/errors.ts';
import { nearestName } from '../core/names.ts';
import { guardExitCodes } from '../guard/check.ts';
import { configName } from '../guard/config.ts';
import { todoText } from '../guard/report/todo-text.ts';
import { todoOf } from '../guard/todo.ts';
import { auditOf, textScreen, todayOf, type GuardFlags } from './guard-verb.ts';
import type { Host } from './host.ts';
import { openScreen } from './screen.ts';

/** `guard todo`. */
export async function todoVerb(host: Host, flags: GuardFlags, concept: string): Promise<number> {
  const { scan, config } = await auditOf(host, flags);
  const input = { config, tree: scan.tree, edges: scan.edges, paths: [], today: todayOf(host) };
  const todo = todoOf(input, concept);
  if (todo === undefined) throw undeclared(config.concepts ?? {}, concept);
  const screen = openScreen(host, flags);
  if (flags.json !== true) screen.give(todoText(todo, textScreen(host, screen)));
  else {
    const rivals = todo.rivals.map(({ unit, isUnused }) => ({ unit: unit.id, isUnused }));
    screen.give(JSON.stringify({ version: 1, ...todo, canonical: todo.canonical.id, rivals }, null, 2));
  }
  return guardExitCodes.clean;
}

function undeclared(concepts: object, concept: string): ValidationError {
  const near = nearestName(concept, Object.keys(concepts));
  return new ValidationError(`${configName} declares no concept "${concept}" whose canonical unit is there.`, {
    hint: near === undefined ? `Declare it: cantus guard decide ${concept} UNIT.` : `Did you mean "${near}"?`,
  });
}
