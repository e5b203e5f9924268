/** The list of what is left to do, for a person at a terminal. */
import { oneLine } from '../../core/plain-text.ts';
import { tellMany } from '../../core/units.ts';
import type { Todo, TodoItem } from '../todo.ts';
import { guardCommand, placeOf, type TextScreen } from './text.ts';

export function todoText({ concept, canonical, rivals, items }: Todo, screen: TextScreen): string {
  const { paint } = screen;
  const inTests = items.filter(({ zone }) => zone === 'test');
  const others = items.filter(({ zone }) => zone !== 'test');
  const lines = [
    `${paint('bold', concept)}  ${tellMany(rivals.length, 'other')} to go · used in ${tellMany(others.length, 'place')} and ${tellMany(inTests.length, 'test file')}`,
    paint('dim', `  the one that stays: ${canonical.name}  ${placeOf(canonical)}`),
    '',
    ...others.flatMap((item) => itemLines(item, screen)),
    ...inTests.flatMap((item) => itemLines(item, screen)),
    ...rivals
      .filter(({ isUnused }) => isUnused)
      .map(({ unit }) => `  ${paint('green', '[ ]')} ${placeOf(unit)}  nothing uses ${unit.name}: take it out`),
  ];
  if (items.some(({ isReady }) => isReady))
    lines.push('', `next: ${paint('bold', guardCommand(screen, 'fix', concept))}`);
  if (rivals.length === 0) lines.splice(2, lines.length, paint('green', '  Nothing: there is one implementation.'));
  return `${lines.join('\n')}\n`;
}

function itemLines(
  { path, line, rival, how, calls, isReady, trouble }: TodoItem,
  { paint }: TextScreen,
): readonly string[] {
  const name = rival.slice(rival.lastIndexOf('#') + 1);
  const told = calls.map((call) => `${call.name} ${call.isThere ? '✓' : `✗ (line ${call.line})`}`);
  const what = {
    'base class': 'is a base class here: needs a decision',
    're-export': 're-export: point it at the canonical one',
    import: trouble ?? (told.length === 0 ? 'no call seen' : told.join('  ')),
  };
  const missing = calls.filter(({ isThere }) => !isThere).map((call) => call.name);
  return [
    `  ${paint(isReady ? 'green' : 'yellow', '[ ]')} ${oneLine(`${path}:${line}`)}  ${name}  ${what[how]}`,
    ...(missing.length > 0
      ? [paint('dim', `      no counterpart of ${missing.join(', ')}: map or port it first`)]
      : []),
  ];
}
