/**
 * How sure it is that two functions are rivals.
 *
 * GT3  Two functions of one name are likely rivals only if they talk about one thing or take the same: of names that are
 *      all they share, half are chance in real code, and in well-kept code most.
 */
import type { Pair, Subject } from './candidates.ts';
import type { Evidence } from './concept.ts';
import { homonym, isCore, type Judgement, rival } from './judgement.ts';
import { leastTokens } from './similarity.ts';
import { isReplacement, links, wordsOf } from './vocabulary.ts';

/** Two functions, or two that may stand for functions. */
export function judgeFunctions(pair: Pair, evidence: Evidence): Judgement | undefined {
  const least = leastTokens(pair);
  const areOffered = pair.every(({ unit }) => unit.isExported);
  if (isCore(evidence)) {
    if (areOffered) return judgeNamesakes(pair, evidence, least);
    return evidence.bodyJaccard >= 0.6 && least >= 40 ? rival('likely', evidence) : undefined;
  }
  if (evidence.nameRelation === 'synonym' && areOffered && isOneDeed(pair, evidence, least)) {
    return rival('likely', evidence);
  }
  return evidence.bodyJaccard >= 0.6 && least >= 80 ? rival('possible', evidence) : undefined;
}

/** Verbs that mean one thing: what stands behind them has to be the same, word for word, and so what they talk about. */
function isOneDeed([a, b]: Pair, { bodyJaccard, termContainment }: Evidence, least: number): boolean {
  if (a.parts.isCapital || least < 30) return false;
  if (bodyJaccard >= 0.3) return true;
  const [one, other] = [a, b].map(({ parts }) => parts.words.slice(1).join(' '));
  const most = Math.max(a.unit.tokens, b.unit.tokens);
  return one !== '' && one === other && termContainment >= 0.5 && most < least * 4;
}

/** Two factories of one name, as the functions that they are. */
export function judgeFactories(pair: Pair, evidence: Evidence): Judgement | undefined {
  const [a, b] = pair;
  if (a.unit.name !== b.unit.name || wordsOf(a.unit.name).length < 2) return undefined;
  if (!pair.every(({ unit }) => unit.kind === 'factory' && unit.isExported)) return undefined;
  return judgeNamesakes(pair, evidence, leastTokens(pair)) ?? rival('likely', evidence);
}

/** Two functions that others can import under one name (GT3). */
function judgeNamesakes(pair: Pair, evidence: Evidence, least: number): Judgement | undefined {
  const isOfTerms = pair.every(({ unit }) => unit.termCount >= 3);
  const areApart = isOfTerms && evidence.termContainment < 0.08;
  if (evidence.bodyJaccard >= 0.3 && least >= 20 && !areApart) {
    if (pair[0].parts.words.length === 1) return judgeWord(evidence, least);
    return rival(least >= 30 ? 'certain' : 'likely', evidence);
  }
  // What only answers a constant or passes on is no implementation.
  if (least < 8) return undefined;
  if (isOneThing(pair, evidence, isOfTerms)) return rival('likely', evidence);
  if (pair[0].parts.words.length === 1) return undefined;
  return isSomehowAlike(evidence) || isChosen(pair[0]) ? rival('possible', evidence) : homonym(evidence);
}

/** `prepare`, `memo`: of one word it has to be a copy. */
function judgeWord(evidence: Evidence, least: number): Judgement {
  const isCopy = evidence.bodyJaccard >= 0.65 || (evidence.bodyJaccard >= 0.5 && evidence.termJaccard >= 0.7);
  if (!isCopy) return rival('possible', evidence);
  return rival(evidence.bodyJaccard >= 0.8 && least >= 60 ? 'certain' : 'likely', evidence);
}

/** A name of three words is chosen for what it does: the same one twice is seldom chance. Of a component it often is. */
function isChosen({ parts }: Subject): boolean {
  return !parts.isCapital && parts.words.filter((one) => !links.has(one)).length > 2;
}

function isSomehowAlike({ termContainment, bodyContainment, sharedFields }: Evidence): boolean {
  return termContainment >= 0.1 || bodyContainment >= 0.1 || sharedFields.length > 0;
}

/** Do two of one name do one thing, though they are written apart? What they talk about has to agree, or what they take. */
function isOneThing(pair: Pair, evidence: Evidence, isOfTerms: boolean): boolean {
  if (!isSaidTwice(pair, evidence)) return false;
  const { bodyJaccard, bodyContainment, termContainment } = evidence;
  const [least = 0, most = 0] = pair.map(({ unit }) => unit.tokens).toSorted((a, b) => a - b);
  if (bodyJaccard >= 0.8) return true;
  // What is so much smaller passes on to what does the work.
  if (most >= least * 8) return false;
  if (bodyContainment >= 0.25 && least >= 15) return true;
  if (termContainment >= 0.5 && least >= 12) return true;
  // One of them a fraction of the other, with little in common, is a part of the work or passes it on.
  return most < least * 4 && isAboutOne(pair, evidence, isOfTerms);
}

/** Does it say anything that the names are alike? One word only with a file for it or with what it takes. */
function isSaidTwice(pair: Pair, { nameRelation, sharedFields, bodyContainment }: Evidence): boolean {
  const [a, b] = pair.map(({ parts }) => parts.words);
  if (nameRelation !== 'same' && !isReplacement(a ?? [], b ?? [])) return false;
  if (a !== undefined && a.length > 1) return true;
  return (sharedFields.length >= 2 && bodyContainment >= 0.5) || pair.every(isNamedByFile);
}

/** Its file is there for it alone. */
function isNamedByFile({ unit, parts }: Subject): boolean {
  const file = unit.path.slice(unit.path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
  return wordsOf(file).join('') === parts.whole;
}

/** Do they talk about one thing? With parameters called alike, less of it is enough; a component has to show more. */
function isAboutOne(pair: Pair, evidence: Evidence, isOfTerms: boolean): boolean {
  const { termContainment, sharedFields, fieldContainment } = evidence;
  const isCalledAlike = sharedFields.length > 0 && fieldContainment >= 0.25;
  if (pair[0].parts.isCapital) return isCalledAlike && termContainment >= 0.15;
  if (pair.every(isNamedByFile)) return termContainment >= 0.15;
  if (isChosen(pair[0]) && isSomehowAlike(evidence)) return true;
  return isOfTerms && termContainment >= (isCalledAlike ? 0.2 : 0.28);
}
