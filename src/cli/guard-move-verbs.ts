/** The guard's commands for whoever moves a code base to one implementation. */
import { once } from 'node:events';
import { limits } from '../core/limits.ts';
import { ValidationError } from '../core/errors.ts';
import { oneLine, sentence } from '../core/plain-text.ts';
import { tellMany } from '../core/units.ts';
import { ask } from '../guard/ask.ts';
import { todoOfAudit } from '../guard/audit-moves.ts';
import { guardExitCodes } from '../guard/check.ts';
import { readConfig } from '../guard/config.ts';
import { addedRivals } from '../guard/hook.ts';
import { addedJson, type AddedRival } from '../guard/added.ts';
import { placeOf, type TextScreen, withPlace, wrapped } from '../guard/report/text.ts';
import { todoText } from '../guard/report/todo-text.ts';
import { changedFiles } from '../guard/unified-diff.ts';
import { auditOf, cacheOf, rootFor, textScreen, todayOf, type GuardFlags } from './guard-verb.ts';
import type { Host } from './host.ts';
import { openScreen } from './screen.ts';

/** `guard todo`. */
export async function todoVerb(host: Host, flags: GuardFlags, concept: string): Promise<number> {
  const todo = todoOfAudit(await auditOf(host, flags), concept, todayOf(host));
  const screen = openScreen(host, flags);
  if (flags.json !== true) screen.give(todoText(todo, textScreen(host, screen)));
  else {
    const rivals = todo.rivals.map(({ unit, isUnused }) => ({ unit: unit.id, isUnused }));
    screen.give(JSON.stringify({ version: 1, ...todo, canonical: todo.canonical.id, rivals }, null, 2));
  }
  return guardExitCodes.clean;
}

/** `guard ask`. */
export async function askVerb(host: Host, flags: GuardFlags, words: string): Promise<number> {
  const audit = await auditOf(host, flags);
  const answers = ask(audit, words, todayOf(host)).slice(0, limits.guardAnswersMax);
  const screen = openScreen(host, flags);
  if (flags.json === true) {
    const told = answers.map(({ unit, ...rest }) => ({ unit: unit.id, line: unit.span.line, doc: unit.doc, ...rest }));
    screen.give(JSON.stringify({ version: 1, answers: told }, null, 2));
    return guardExitCodes.clean;
  }
  for (const { unit, concept, isCanonical } of answers) {
    const mark = isCanonical ? '★' : ' ';
    const of = concept === undefined ? '' : isCanonical ? `  the one of ${concept}` : `  not the one of ${concept}`;
    screen.give(`${mark} ${screen.paintOut('bold', unit.name)}  ${placeOf(unit)}${of}`);
    if (unit.doc !== '') screen.give(`    ${screen.paintOut('dim', oneLine(unit.doc))}`);
  }
  if (answers.length === 0) {
    const more = /\s/.test(words.trim()) ? '' : ' Two words say more: of what, and what it does, as "rate limiter".';
    screen.remark(`Nothing in production is called like "${words}".${more}`);
  }
  return guardExitCodes.clean;
}

/** `guard hook`. Ends in 1 where the change should not land as it is. */
export async function hookVerb(host: Host, flags: GuardFlags): Promise<number> {
  const root = rootFor(host, flags);
  if (host.input.tty) {
    throw new ValidationError('It reads a diff on stdin, and stdin is this terminal.', {
      hint: 'Give it one: git diff | cantus guard hook.',
    });
  }
  const diff = await host.input.read();
  const base = { root, config: await readConfig(root), options: cacheOf(flags), folder: host.folder };
  const added = await addedRivals(base, diff, todayOf(host));
  const screen = openScreen(host, flags);
  if (flags.json === true) {
    screen.give(JSON.stringify({ version: 1, added: added.map(addedJson) }, null, 2));
  } else {
    for (const rival of added) screen.give(addedText(rival, textScreen(host, screen)));
    if (added.length === 0) screen.remark(nothingAdded(diff), 'dim');
  }
  return added.some(({ blocks }) => blocks) ? guardExitCodes.violations : guardExitCodes.clean;
}

/** Silence would say as much of a diff that nobody made. */
function nothingAdded(diff: string): string {
  const files = changedFiles(diff, () => undefined).length;
  if (files > 0) return `Nothing that exists already (${tellMany(files, 'changed file')}).`;
  return diff.trim() === '' ? 'The diff is empty: nothing to look at.' : 'The diff changes no lines of a file.';
}

/** What is told of one that exists already: where, why, and what to use instead. */
export function addedText({ path, line, name, existing, why, blocks }: AddedRival, screen: TextScreen): string {
  const plain = blocks ? '✗ exists already' : '! may exist already';
  const mark = { plain, painted: screen.paint(blocks ? 'red' : 'yellow', plain) };
  return [
    ...withPlace(mark, `${oneLine(`${path}:${line}`)}  ${name}`, '', screen),
    ...wrapped(sentence(why), '    ', screen),
    ...wrapped(`use ${existing.name} of ${placeOf(existing)}`, '    ', screen),
  ].join('\n');
}

/** `guard mcp`. Serves an agent on stdin and stdout until it goes away. */
export async function mcpVerb(host: Host, flags: GuardFlags): Promise<number> {
  // Loaded for this command alone.
  const [{ serveStdio }, { guardServer }] = await Promise.all([
    import('@modelcontextprotocol/server/stdio'),
    import('../guard/mcp.ts'),
  ]);
  const gone = once(process.stdin, 'close');
  const options = { root: rootFor(host, flags), version: host.version, now: () => host.clock.now() };
  const screen = openScreen(host, flags);
  // A message that is too large ends the connection, and nothing else would say why.
  const onerror = ({ message }: Error): void => screen.remark(`A message could not be taken: ${message}`);
  const handle = serveStdio(() => guardServer(options), { onerror });
  await gone;
  await handle.close();
  return guardExitCodes.clean;
}
