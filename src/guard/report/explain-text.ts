/** One concept, for the person who decides on it. */
import { padTo, textWidth } from '../../core/plain-text.ts';
import { tellMany } from '../../core/units.ts';
import type { Candidate, Explanation } from '../concept.ts';
import {
  candidateHead,
  dimmed,
  guardCommand,
  nameIn,
  placeOf,
  scoreText,
  type TextScreen,
  tierStyles,
  withPlace,
  wrapped,
} from './text.ts';

/** How much of a list is told; `--json` has all of it. */
const methodsMax = 12;
const usersMax = 4;
const leftOutMax = 6;
const nameColumnsMax = 40;

type Member = Explanation['members'][number];

export function explainText(explanation: Explanation, screen: TextScreen): string {
  const { concept, members, whyTogether } = explanation;
  const { paint } = screen;
  const isOneThing = members.every(({ unit }) => unit.deployable === concept.deployable);
  const where = concept.deployable === '' || !isOneThing ? '' : ` in ${concept.deployable}`;
  const tier = paint(tierStyles[concept.tier], concept.tier.toUpperCase());
  const names = members.map(({ unit }) => nameIn(unit.id));
  const columns = Math.min(nameColumnsMax, Math.max(0, ...names.map(textWidth)));
  const lines = [
    `${paint('bold', concept.name)}  ${tellMany(concept.units.length, 'implementation')}${where}  ${tier} · alike to ${concept.score.toFixed(2)}`,
    ...members.flatMap(({ unit, candidate, methods }, index) => {
      const name = padTo(names[index] ?? '', columns);
      const told = { index, score: scoreText(candidate.score, 3), name: { plain: name, painted: paint('bold', name) } };
      return [
        ...(index <= 2 ? [''] : []),
        ...withPlace(candidateHead(concept, told, screen), placeOf(unit), '  ', screen),
        ...factLines({ unit, candidate, methods }, screen),
        ...(index < 2 ? inputLines(candidate, screen) : []),
      ];
    }),
    '',
    paint('bold', 'why together'),
    ...whyTogether.flatMap((why) => wrapped(why, '  ', screen)),
    ...leftOutLines(explanation, screen),
    '',
    ...choiceLines(explanation, screen),
  ];
  return `${lines.join('\n')}\n`;
}

const indent = '    ';

function factLines({ candidate, methods }: Member, screen: TextScreen): readonly string[] {
  const { importers, testImporters, missingMethods } = candidate;
  const users = [...importers, ...testImporters];
  const facts = [
    methods.length === 0 ? 'no methods' : `${tellMany(methods.length, 'method')}: ${some(methods, methodsMax)}`,
    users.length === 0
      ? 'nothing imports it'
      : `${tellMany(importers.length, 'importer')} and ${tellMany(testImporters.length, 'test file')}: ${some(users, usersMax)}`,
    ...(missingMethods.length === 0 ? [] : [`lacks ${missingMethods.join(', ')}, which others are asked for`]),
  ];
  return facts.flatMap((fact) => wrapped(fact, indent, screen));
}

/** The first of them, and how many more there are. */
function some(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** Every input of the score, so that the sum can be checked by hand; those that add nothing in one line. */
function inputLines({ inputs }: Candidate, screen: TextScreen): readonly string[] {
  const adding = inputs.filter(({ value }) => value !== 0);
  const columns = Math.max(0, ...adding.map(({ name }) => name.length));
  const none = inputs
    .filter(({ value }) => value === 0)
    .map(({ name, weight, from }) => `${name} (× ${weight}): ${from}`);
  return [
    ...adding.flatMap(({ name, value, weight, from }) => {
      const adds = value * weight;
      const sum = `${adds < 0 ? '−' : '+'}${Math.abs(adds).toFixed(3)}`;
      return wrapped(`${sum}  ${padTo(name, columns)}  ${value.toFixed(2)} × ${weight}  ${from}`, indent, screen);
    }),
    ...(none.length === 0 ? [] : wrapped(`+0      ${none.join(' · ')}`, indent, screen)),
  ].map(dimmed(screen));
}

function leftOutLines({ leftOut }: Explanation, screen: TextScreen): readonly string[] {
  if (leftOut.length === 0) return [];
  const lines = ['', screen.paint('bold', 'left out')];
  for (const [verdict, units] of Map.groupBy(leftOut, (one) => one.verdict)) {
    for (const { unit, reason } of units.slice(0, leftOutMax)) {
      const plain = `${unit.name} (${verdict})`;
      lines.push(
        ...withPlace({ plain, painted: plain }, placeOf(unit), '  ', screen),
        ...wrapped(reason, indent, screen).map(dimmed(screen)),
      );
    }
    const rest = units.length - leftOutMax;
    if (rest > 0) lines.push(screen.paint('dim', `  and ${rest} more (${verdict})`));
  }
  return lines;
}

/** Commands are never broken: they are there to be copied. */
function choiceLines({ concept, members, gap }: Explanation, screen: TextScreen): readonly string[] {
  const choice = concept.undecided
    ? `The best two are ${gap.toFixed(2)} apart: undecided, you choose.`
    : `The best is ${gap.toFixed(2)} ahead. It is a proposal: you choose.`;
  return [
    screen.paint('bold', 'choose'),
    `  ${choice}`,
    ...members.slice(0, 2).map(({ unit }) => `  ${guardCommand(screen, 'decide', concept.id, unit.id)}`),
    `  ${guardCommand(screen, 'dismiss', concept.id)} --why "..."`,
  ];
}
