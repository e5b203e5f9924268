/**
 * How much a shared name says depends on how many names there are: of many, some meet by chance.
 *
 * GQ1  In a tree with a crowd of names a finding needs, besides the name, bodies or terms that are alike. What a small tree
 *      would call a rival by its name, a parameter and a few words is a possible one there.
 * GQ2  A body of a few words (`return main(argv)`) is alike by chance too.
 */
import type { Pair, Subject } from './candidates.ts';
import type { Evidence, Unit } from './concept.ts';
import { isCore, type Judgement, rival } from './judgement.ts';
import { leastTokens, tellingMethods } from './similarity.ts';

/** From so many units on that ship and can be imported, names meet by chance. */
export const crowdMin = 60;

/** Are there so many names in this tree that some are alike by chance? */
export function isCrowded(units: Iterable<Unit>): boolean {
  let count = 0;
  for (const { zone, outer, isExported, kind } of units) {
    if (zone !== 'prod' || outer !== undefined || !isExported || kind === 'type') continue;
    count += 1;
    if (count >= crowdMin) return true;
  }
  return false;
}

/** What was judged of a pair, as it is to be told where names meet by chance (GQ1). */
export function inCrowd(judged: Judgement | undefined, pair: Pair, evidence: Evidence): Judgement | undefined {
  if (judged?.verdict !== 'rival' || judged.tier === 'possible') return judged;
  return isBorneOut(pair, evidence) ? judged : rival('possible', evidence);
}

function isBorneOut(pair: Pair, evidence: Evidence): boolean {
  if (pair.every(({ isData }) => isData)) return isOneRecord(evidence);
  const isOffered = pair.every(({ unit }) => unit.isExported);
  const areFactories = pair.every(({ unit }) => unit.kind === 'factory');
  // What a file makes for itself is a part of it, though it offers what its callers ask of all of its kind.
  if (areFactories && !isOffered) return evidence.bodyJaccard >= 0.6 && leastTokens(pair) >= 16;
  const isCode = pair.some(({ family }) => family === 'function') || (areFactories && evidence.shared.length === 0);
  return isCode ? isOneDeed(pair, evidence) : isOneClass(pair, evidence);
}

/** Functions: a copy, or much the same words from where a second one would be written. */
function isOneDeed(pair: Pair, evidence: Evidence): boolean {
  const { bodyJaccard, termContainment, fieldContainment, sharedFields, nameRelation } = evidence;
  const least = leastTokens(pair);
  if (bodyJaccard >= 0.4) {
    const isTold = bodyJaccard >= 0.8 && sharedFields.length > 0 && pair[0].parts.words.length > 1;
    return least >= (isTold ? 8 : 16);
  }
  if (bodyJaccard < 0.2 || termContainment < 0.65) return false;
  if (nameRelation === 'modifier' || (bodyJaccard >= 0.25 && least >= 200)) return true;
  const [one, other] = pair.map(fileOf);
  return one === other && fieldContainment >= 0.5;
}

function fileOf({ unit: { path } }: Subject): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Types and records: nearly the same fields. */
function isOneRecord({ shared, methodJaccard, methodContainment }: Evidence): boolean {
  return methodJaccard >= 0.6 || methodContainment === 1 || (shared.length >= 5 && methodContainment >= 0.85);
}

/** Classes: methods alone are what two of a kind have; what they talk about has to agree too. */
function isOneClass(pair: Pair, evidence: Evidence): boolean {
  const { shared, bodyJaccard, bodyContainment, termContainment } = evidence;
  if (bodyJaccard >= 0.3) return true;
  if (!isCore(evidence)) return bodyContainment >= 0.3 || (shared.length >= 2 && termContainment >= 0.5);
  return pair[0].parts.plain.length > 1 ? isOneSubject(pair, evidence) : isMoreThanAWord(pair, evidence);
}

function isOneSubject(pair: Pair, evidence: Evidence): boolean {
  const { shared, methodContainment, bodyJaccard, termContainment } = evidence;
  if (shared.length >= 4 && methodContainment >= 0.5) return true;
  // Of one method, or none, only what is large can be alike in its terms by more than chance.
  return termContainment >= 0.5 && (shared.length >= 2 || bodyJaccard >= 0.25 || leastTokens(pair) >= 250);
}

function isMoreThanAWord(pair: Pair, evidence: Evidence): boolean {
  const { shared, methodContainment, termContainment } = evidence;
  const isContained = methodContainment >= 0.5;
  if (isContained && termContainment >= 0.35 && tellingMethods(evidence, pair).length >= 3) return true;
  return shared.length >= 2 && termContainment >= (isContained ? 0.6 : 0.7);
}
