/**
 * What a change adds that exists already, told before it lands.
 *
 * VH1  Only units that the change itself declares are looked at: what was there before is not this change's doing.
 * VH2  It blocks what a declared concept or a certain rival says; all else is advice.
 * VH3  What the same change takes away is no rival: that is a move.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conceptOf } from './ask.ts';
import { scanOptions, type Audit } from './audit.ts';
import { subjectsOf, type Subject } from './candidates.ts';
import type { Tier, Unit } from './concept.ts';
import { holds, type DeclaredConcept } from './config.ts';
import { joinPlace, placeTest } from './globs.ts';
import { openExtractor } from './parse.ts';
import { languageOf } from './parse-languages.ts';
import { canonicalAfter, loopText } from './pointers.ts';
import { measure } from './similarity.ts';
import { judge } from './tiers.ts';
import { changedFiles, type ChangedFile } from './unified-diff.ts';
import { vocabularyOf, type Vocabulary } from './vocabulary.ts';
import { zoneTest } from './zones.ts';

export type AddedRival = {
  readonly path: string;
  readonly line: number;
  readonly name: string;
  /** What there is already. */
  readonly existing: Unit;
  /** The declared concept of which there would be a second implementation. */
  readonly concept?: string;
  readonly tier?: Tier;
  readonly why: string;
  readonly blocks: boolean;
};

/** Reads a unified diff against an audited code base. `today`: as 2026-11-22. */
export async function addedRivals(audit: Audit, diff: string, today: string): Promise<readonly AddedRival[]> {
  const options = scanOptions(audit.root, audit.config);
  const zoneOf = zoneTest(options.zones);
  const files = changedFiles(diff, (path) => textOf(join(audit.root, path)));
  const added = await addedUnits(files.filter(({ path }) => zoneOf(path) === 'prod'));
  if (added.length === 0) return [];
  const vocabulary = vocabularyOf(options.vocabulary);
  const others = subjectsOf(existingUnits(audit, files, added), vocabulary);
  return added.flatMap((unit) => {
    const declared = declaredRival(audit, unit, today);
    if (declared !== undefined) return [declared];
    const [subject] = subjectsOf([unit], vocabulary);
    const found = subject === undefined ? [] : others.flatMap((other) => judged(subject, other, vocabulary));
    return found.toSorted((a, b) => Number(b.blocks) - Number(a.blocks)).slice(0, 1);
  });
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Units whose first line the change adds (VH1). */
async function addedUnits(files: readonly ChangedFile[]): Promise<readonly Unit[]> {
  const readable = files.filter(({ path, text }) => text !== undefined && languageOf(path) !== undefined);
  if (readable.length === 0) return [];
  const extractor = await openExtractor();
  try {
    return readable.flatMap(({ path, text = '', added }) => {
      const { units, lang } = extractor.extract(path, text);
      return units
        .filter((unit) => unit.outer === undefined && added.has(unit.span.line))
        .map((unit) => ({
          ...unit,
          id: joinPlace({ path, name: unit.name }),
          path,
          lang,
          zone: 'prod' as const,
          deployable: '',
          ancestors: [],
        }));
    });
  } finally {
    extractor.close();
  }
}

/** What is in production and stays there: not what the change removes, renames or replaces (VH3). */
function existingUnits({ scan }: Audit, files: readonly ChangedFile[], added: readonly Unit[]): readonly Unit[] {
  const own = new Set(added.map(({ id }) => id));
  const after = new Map(files.map(({ path, text }) => [path, text] as const));
  const stays = ({ path, name }: Unit): boolean => {
    const text = after.get(path);
    return (
      !after.has(path) || (text !== undefined && new RegExp(`\\b${name.replaceAll('$', String.raw`\$`)}\\b`).test(text))
    );
  };
  return [...scan.tree.units.values()].filter(
    (unit) => unit.zone === 'prod' && unit.outer === undefined && !own.has(unit.id) && stays(unit),
  );
}

/** A second one of a declared concept, by its name (VH2). */
function declaredRival(audit: Audit, unit: Unit, today: string): AddedRival | undefined {
  const { concept, isCanonical } = conceptOf(audit.config, unit);
  const declared = concept === undefined ? undefined : audit.config.concepts?.[concept];
  if (concept === undefined || declared === undefined || isCanonical) return undefined;
  const { existing, circle } = toUse(audit, declared);
  if (existing === undefined) return undefined;
  if (existing.kind !== unit.kind || isAllowed(declared, unit, today)) return undefined;
  const why = `it would be a second implementation of ${concept}${circle}`;
  return { ...placeOf(unit), existing, concept, why, blocks: declared.mode !== 'warn' };
}

/** What is told to use: the end of the pointers, or the canonical one with the circle that they go in. */
function toUse(
  { config, scan }: Audit,
  declared: DeclaredConcept,
): { readonly existing?: Unit; readonly circle: string } {
  const followed = canonicalAfter({ config, tree: scan.tree }, declared);
  if (followed === undefined) return { circle: '' };
  if ('id' in followed) return { existing: followed, circle: '' };
  const existing = scan.tree.units.get(declared.canonical);
  return { ...(existing === undefined ? {} : { existing }), circle: ` (${loopText(followed.loop)})` };
}

function isAllowed({ allow = [] }: DeclaredConcept, unit: Unit, today: string): boolean {
  return placeTest(allow.filter((waiver) => holds(waiver, today)).map((waiver) => waiver.unit))(unit);
}

function judged(added: Subject, other: Subject, vocabulary: Vocabulary): readonly AddedRival[] {
  if (added.family !== other.family || added.unit.lang !== other.unit.lang || isKin(added.unit, other.unit)) return [];
  const pair = [added, other] as const;
  const evidence = measure(pair, new Map(), vocabulary);
  const verdict = judge(pair, evidence);
  if (verdict?.verdict !== 'rival' || verdict.tier === 'possible') return [];
  const { tier, reason } = verdict;
  return [{ ...placeOf(added.unit), existing: other.unit, tier, why: reason, blocks: tier === 'certain' }];
}

/** One is made from the other. */
function isKin(added: Unit, other: Unit): boolean {
  return [...added.bases, ...added.implements].includes(other.name);
}

function placeOf({ path, span, name }: Unit): Pick<AddedRival, 'path' | 'line' | 'name'> {
  return { path, line: span.line, name };
}
