/**
 * How sure it is that two units are rivals, and when they only share a name.
 *
 * GT1  A name alone is never certain: something both do must agree, methods or bodies.
 * GT2  A shared name of which nothing else agrees is told as a homonym, not as a finding.
 */
import type { Pair, Subject } from './candidates.ts';
import type { Evidence, Tier, Verdict } from './concept.ts';
import { tellingMethods } from './similarity.ts';
import { links, localTypes, plainMethods, wordsOf } from './vocabulary.ts';

export type Judgement =
  | { readonly verdict: 'rival'; readonly tier: Tier; readonly reason: string }
  | { readonly verdict: Extract<Verdict, 'homonym' | 'data'>; readonly reason: string };

/** What a pair is that no relation excludes; undefined where it is nothing at all. */
export function judge(pair: Pair, evidence: Evidence): Judgement | undefined {
  const [a, b] = pair;
  if (a.family !== b.family) return judgeMixed(pair, evidence);
  if (a.isData && b.isData) return judgeData(pair, evidence);
  if (a.family === 'function') return judgeFunctions(pair, evidence);
  const judged = judgeClasses(pair, evidence);
  // Two factories of one name are functions of one name too.
  return judged?.verdict === 'homonym' ? (judgeFactories(pair, evidence) ?? judged) : judged;
}

function judgeMixed(pair: Pair, evidence: Evidence): Judgement | undefined {
  return pair.every(isFunction) && isCore(evidence) ? judgeFunctions(pair, evidence) : undefined;
}

/** A factory is a function too. */
const isFunction = ({ unit }: Subject): boolean => unit.kind === 'function' || unit.kind === 'factory';

const isCore = ({ nameRelation }: Evidence): boolean => nameRelation === 'same' || nameRelation === 'modifier';

type Measured = Evidence & {
  /** Shared methods that say something. */
  readonly telling: number;
  /** Words of the smaller body. */
  readonly least: number;
};

function judgeClasses(pair: Pair, evidence: Evidence): Judgement | undefined {
  const telling = tellingMethods(evidence, pair).length;
  const measured = { ...evidence, telling, least: leastTokens(pair) };
  if (isCore(evidence)) {
    const words = pair[0].parts.plain.length;
    if (isCertain(measured)) return rival('certain', evidence);
    return isLikely(measured, words) ? rival('likely', evidence) : homonym(evidence);
  }
  return evidence.nameRelation === 'scope' ? judgeScoped(measured) : judgeFurther(measured, pair);
}

function leastTokens([a, b]: Pair): number {
  return Math.min(a.unit.tokens, b.unit.tokens);
}

function isCertain({ shared, methodContainment, bodyJaccard, telling, least }: Measured): boolean {
  if (bodyJaccard >= 0.3 && least >= 60) return true;
  return shared.length >= 2 && methodContainment >= 0.5 && (telling >= 2 || bodyJaccard >= 0.15);
}

/** Of one name: what they share need not say much, for who writes a thing anew keeps little. */
function isLikely(measured: Measured, words: number): boolean {
  return (measured.sharedFields.length >= 3 && measured.fieldContainment >= 0.6) || isSharing(measured, words);
}

function isSharing(measured: Measured, words: number): boolean {
  const { shared, methodJaccard, methodContainment, telling, termContainment, bindings, least } = measured;
  if (shared.length === 0 || least < 20) return false;
  if (bindings >= 0.6 || termContainment >= 0.4 || (words > 1 && telling >= 1)) return true;
  return shared.length >= 2 && methodContainment >= 0.5 && (telling >= 1 || methodJaccard >= 0.6 || shared.length >= 4);
}

function judgeScoped(measured: Measured): Judgement | undefined {
  const { shared, methodContainment, bodyContainment, telling, least } = measured;
  if (bodyContainment >= 0.3 && least >= 60) return rival('likely', measured);
  if (shared.length < 2) return undefined;
  return rival(methodContainment >= 0.3 && telling >= 1 ? 'likely' : 'possible', measured);
}

/** Names that differ in more than modifiers. */
function judgeFurther(measured: Measured, pair: Pair): Judgement | undefined {
  const { nameRelation, methodContainment, bodyJaccard, telling, least } = measured;
  if (nameRelation === 'role') return judgeRole(measured, pair);
  if (nameRelation === 'synonym' && telling >= 1) {
    return rival(telling >= 4 && methodContainment >= 0.75 ? 'likely' : 'possible', measured);
  }
  if (bodyJaccard >= 0.5 && least >= 120) return rival('possible', measured);
  return telling >= 4 && methodContainment >= 0.6 ? rival('possible', measured) : undefined;
}

/** One name within the other: an adjective that is in no list, or another thing. */
function judgeRole(measured: Measured, [a, b]: Pair): Judgement | undefined {
  const { shared, methodContainment, termContainment, telling } = measured;
  const words = Math.min(a.parts.words.length, b.parts.words.length);
  const isInside = telling >= 1 && shared.length >= 2 && methodContainment >= 0.5;
  if (isInside && (words >= 2 || telling >= 2)) return rival('likely', measured);
  if (shared.length >= 2 && methodContainment >= 0.6 && termContainment >= 0.4) return rival('likely', measured);
  return telling >= 3 ? rival('possible', measured) : undefined;
}

function judgeFunctions(pair: Pair, evidence: Evidence): Judgement | undefined {
  const least = leastTokens(pair);
  const areOffered = pair.every(({ unit }) => unit.isExported);
  if (isCore(evidence)) {
    if (areOffered) return judgeNamesakes(pair, evidence, least);
    return evidence.bodyJaccard >= 0.6 && least >= 40 ? rival('likely', evidence) : undefined;
  }
  if (evidence.nameRelation === 'synonym' && areOffered && least >= 30 && isAlikeAtAll(pair, evidence)) {
    return rival('likely', evidence);
  }
  return evidence.bodyJaccard >= 0.6 && least >= 80 ? rival('possible', evidence) : undefined;
}

function isAlikeAtAll([a]: Pair, { bodyJaccard, termContainment }: Evidence): boolean {
  return bodyJaccard >= 0.3 || (a.parts.words.length > 1 && termContainment >= 0.5);
}

function judgeFactories(pair: Pair, evidence: Evidence): Judgement | undefined {
  const [a, b] = pair;
  if (a.unit.name !== b.unit.name || wordsOf(a.unit.name).length < 2) return undefined;
  if (!pair.every(({ unit }) => unit.kind === 'factory' && unit.isExported)) return undefined;
  return judgeNamesakes(pair, evidence, leastTokens(pair)) ?? rival('likely', evidence);
}

/** Two functions that others can import under one name. */
function judgeNamesakes(pair: Pair, evidence: Evidence, least: number): Judgement | undefined {
  const [{ parts }] = pair;
  const isOfTerms = pair.every(({ unit }) => unit.termCount >= 3);
  const areApart = isOfTerms && evidence.termContainment < 0.08;
  const isCopy = (bodies: number, tokens: number): boolean =>
    evidence.bodyJaccard >= bodies && least >= tokens && !areApart;
  if (isCopy(0.3, 20)) return rival(least >= 30 ? 'certain' : 'likely', evidence);
  if (isChosenName(pair[0], evidence)) return rival('likely', evidence);
  if (isPlainName(pair[0])) return isCopy(0.5, 40) ? rival('likely', evidence) : undefined;
  if ((evidence.bodyContainment >= 0.25 && least >= 15) || isAboutOne(evidence, isOfTerms))
    return rival('likely', evidence);
  return parts.words.length > 1 ? homonym(evidence) : undefined;
}

/** `parse`, `render`, `Page`: what many things are called. */
function isPlainName({ parts }: Subject): boolean {
  return parts.words.length === 1 && (plainMethods.has(parts.words[0] ?? '') || parts.isCapital);
}

/** A name of several words is chosen for what it does: the same one twice is no chance. */
function isChosenName(subject: Subject, evidence: Evidence): boolean {
  const said = subject.parts.words.filter((one) => !links.has(one)).length;
  const isSomehowAlike =
    evidence.termContainment >= 0.1 || evidence.bodyContainment >= 0.1 || evidence.sharedFields.length > 0;
  return said > 2 || (said === 2 && isSomehowAlike && !isPlainGetter(subject));
}

/** Do they talk about one thing? With parameters called alike, less of it is enough. */
function isAboutOne({ termContainment, sharedFields, fieldContainment }: Evidence, isOfTerms: boolean): boolean {
  const isCalledAlike = sharedFields.length > 0 && fieldContainment >= 0.5;
  return termContainment >= (isCalledAlike ? 0.15 : 0.25) && (isOfTerms || termContainment >= 0.5);
}

/** `getModel`, `is_valid`, `set_config`: a verb that everything has, and no subject. */
function isPlainGetter({ parts }: Subject): boolean {
  return parts.words.length === 2 && plainMethods.has(parts.words[0] ?? '') && parts.role !== '';
}

function judgeData([a]: Pair, evidence: Evidence): Judgement | undefined {
  if (!isCore(evidence)) return undefined;
  const { shared, methodJaccard, methodContainment } = evidence;
  if (localTypes.has(a.parts.words.at(-1) ?? '') && a.parts.words.length === 1) {
    return { verdict: 'data', reason: `"${a.unit.name}" is what many things call their own` };
  }
  if (shared.length >= 4 && methodJaccard >= 0.8) return rival('certain', evidence);
  if (shared.length >= 3 && (methodJaccard >= 0.5 || methodContainment >= 0.75)) return rival('likely', evidence);
  return shared.length >= 2 && methodContainment >= 0.5
    ? rival('possible', evidence)
    : { verdict: 'data', reason: 'they carry different things under one name' };
}

function rival(tier: Tier, evidence: Evidence): Judgement {
  return { verdict: 'rival', tier, reason: tellRival(evidence) };
}

function homonym({ shared }: Evidence): Judgement {
  const what = shared.length === 0 ? 'nothing they do is alike' : `only ${shared.join(', ')} is alike`;
  return { verdict: 'homonym', reason: `they share a name, and ${what}: rename one` };
}

const tellRelation: Readonly<Record<Evidence['nameRelation'], string>> = {
  same: 'the same name',
  modifier: 'names that differ in words that say nothing',
  scope: 'names that differ in whom it is for',
  role: 'the same role, and one subject within the other',
  synonym: 'one subject, and words that mean the same',
  none: 'different names',
};

function tellRival({ nameRelation, shared, bodyJaccard }: Evidence): string {
  const parts = [tellRelation[nameRelation]];
  if (shared.length > 0) parts.push(`shared: ${shared.slice(0, 6).join(', ')}${shared.length > 6 ? ' …' : ''}`);
  if (bodyJaccard >= 0.1) parts.push(`bodies alike to ${Math.round(bodyJaccard * 100)} %`);
  return parts.join('; ');
}
