/**
 * State of a module that a function writes to: it outlives the call, and with many users it is everybody's.
 *
 * GM1  A constant table is none, however large: only a write from inside a function makes it state.
 */
import { configName, holds } from '../config.ts';
import type { SourceFile } from '../concept.ts';
import type { ModuleStateFacts } from '../facts.ts';
import { joinPlace, pathTest, placeTest } from '../globs.ts';
import { violationOf, type RuleInput, type Violation } from './rule.ts';

const rule = 'module-state';

export function moduleState({ config, tree, today }: RuleInput): readonly Violation[] {
  if (config.moduleState === undefined) return [];
  const { in: folders, mode = 'fail', allow = [] } = config.moduleState;
  const isIn = pathTest(folders);
  const isAllowed = placeTest(allow.filter((waiver) => holds(waiver, today)).map(({ unit }) => unit));
  return [...tree.files.values()]
    .filter(({ path, zone }) => zone === 'prod' && isIn(path))
    .flatMap((file) =>
      file.facts.state
        .filter(({ name, writers }) => writers.length > 0 && !isAllowed({ path: file.path, name }))
        .map((state) => stateViolation(file, state, mode)),
    );
}

function stateViolation(
  { path }: SourceFile,
  { name, line, writers }: ModuleStateFacts,
  mode: 'fail' | 'warn',
): Violation {
  const names = [...new Set(writers.map(({ within }) => within))];
  const [first = ''] = names;
  const who = names.length > 1 ? `${first} and ${names.length - 1} more write` : `${first} writes`;
  return violationOf(
    { rule, concept: rule, consumer: joinPlace({ path, name }), target: '' },
    {
      mode,
      path,
      line,
      message: `${name} is state of the module: ${who} to it, and all users share it.`,
      hint: `Keep it in an object that its owner makes and passes. If it must be, say why under "moduleState" in ${configName}.`,
      related: writers.map((writer) => ({ path, line: writer.line, what: `${writer.within} writes` })),
    },
  );
}
