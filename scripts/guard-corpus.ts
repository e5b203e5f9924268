/**
 * Reads the labelled corpus of the guard, `test/fixtures/guard`: one folder for each case, a small source tree with a
 * `case.json` that says which units a person would call rivals of one another, and which only look like it.
 *
 * LQ1  Every unit that a label names is in its tree.
 * LQ2  `tune` is there to build the detector with; `judge` is looked at only by the score.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tier, Verdict } from '../src/guard/concept.ts';

/** Which half of the corpus: the one to build with, or the one kept for judging. */
export type Half = 'tune' | 'judge';

/** Units that are rivals of one another, and how sure a fair reader is of it. */
export type TrueGroup = { readonly concept: string; readonly units: readonly string[]; readonly tier: Tier };

/** Units that look like rivals and are none. */
export type FalseAlarm = { readonly units: readonly string[]; readonly verdict: Verdict; readonly why: string };

export type Case = {
  readonly name: string;
  readonly half: Half;
  readonly root: string;
  readonly language: 'ts' | 'js' | 'py' | 'mixed';
  readonly why: string;
  readonly expect: readonly TrueGroup[];
  readonly not: readonly FalseAlarm[];
};

export const corpusRoot: string = fileURLToPath(new URL('../test/fixtures/guard/', import.meta.url));

/** All cases, the half to build with first, by name. */
export function readCases(root: string = corpusRoot): readonly Case[] {
  return (['tune', 'judge'] as const).flatMap((half) =>
    globSync(`${half}/*/case.json`, { cwd: root })
      .toSorted()
      .map((file) => {
        const labels = JSON.parse(readFileSync(join(root, file), 'utf8')) as Omit<Case, 'name' | 'half' | 'root'>;
        return { ...labels, name: basename(dirname(file)), half, root: join(root, dirname(file)) };
      }),
  );
}

const groupsOf = (one: Case): readonly (readonly string[])[] => [...one.expect, ...one.not].map((label) => label.units);

/** What is wrong with the labels of a case, in sentences. A re-exported name may be one that is no unit. */
export function wrongLabels(one: Case): readonly string[] {
  const wrong: string[] = [];
  for (const units of groupsOf(one)) {
    if (units.length < 2) wrong.push(`${one.name}: a label needs two units at least: ${units.join(', ')}`);
    for (const unit of units) {
      const [path = '', name = ''] = unit.split('#');
      const file = join(one.root, path);
      if (!existsSync(file)) wrong.push(`${one.name}: there is no file ${path} (LQ1)`);
      else if (!hasWord(readFileSync(file, 'utf8'), name)) wrong.push(`${one.name}: ${path} has no ${name} (LQ1)`);
    }
  }
  return wrong;
}

function hasWord(text: string, name: string): boolean {
  const words = new Set(text.match(/[\w$]+/g));
  return name.split('.').every((part) => words.has(part));
}
