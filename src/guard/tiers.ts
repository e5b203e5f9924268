/**
 * How sure it is that two units are rivals, and when they only share a name.
 *
 * GT1  A name alone is never certain: something both do must agree, methods or bodies.
 * GT2  A shared name of which nothing else agrees is told as a homonym, not as a finding.
 */
import type { Pair, Subject } from './candidates.ts';
import type { Evidence } from './concept.ts';
import { judgeFactories, judgeFunctions } from './function-tiers.ts';
import { homonym, isCore, type Judgement, rival } from './judgement.ts';
import { leastTokens, tellingMethods } from './similarity.ts';
import { layers, localTypes } from './vocabulary.ts';

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
    const isOwnedUp = pair.some(({ unit }) => unit.isDeprecated) && measured.telling >= 2;
    if (words === 1 && !isOwnedUp && !isMoreThanAWord(measured)) return homonym(evidence);
    if (isCertain(measured)) return rival('certain', evidence);
    return isLikely(measured, words) ? rival('likely', evidence) : homonym(evidence);
  }
  return evidence.nameRelation === 'scope' ? judgeScoped(measured) : judgeFurther(measured, pair);
}

/** `Node`, `Message`, `Selection` are many things: one word needs methods that both have, or a copied body. */
function isMoreThanAWord(measured: Measured): boolean {
  const { shared, methodContainment, telling, bodyJaccard, termContainment, least } = measured;
  if (bodyJaccard >= 0.5 && least >= 40) return true;
  if (telling >= 2 && (shared.length >= 3 || bodyJaccard >= 0.3) && methodContainment >= 0.5) return true;
  if (telling >= 2 && termContainment >= 0.5 && least >= 200) return true;
  return shared.length >= 2 && methodContainment >= 0.6 && least >= 80;
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
  // A controller of a longer subject is that of another table.
  if (layers.includes(a.parts.role)) return undefined;
  const isInside = telling >= 1 && shared.length >= 2 && methodContainment >= 0.5;
  if (isInside && (words >= 2 || telling >= 2)) return rival('likely', measured);
  if (shared.length >= 2 && methodContainment >= 0.6 && termContainment >= 0.4) return rival('likely', measured);
  return telling >= 3 ? rival('possible', measured) : undefined;
}

/** `Props`, `Options`: the word for what goes with one function. */
function isOwn({ parts }: Subject): boolean {
  return parts.words.length === 1 && localTypes.has(parts.words[0] ?? '');
}

/** Does what it says show what it is? One word is many things, and what extends another type shows a part. */
function isWhole({ unit, parts }: Subject): boolean {
  return parts.words.length > 1 && (unit.kind !== 'type' || unit.bases.length === 0);
}

function judgeData([a, b]: Pair, evidence: Evidence): Judgement | undefined {
  if (!isCore(evidence)) return undefined;
  const { shared, methodJaccard, methodContainment } = evidence;
  if (isOwn(a)) {
    return { verdict: 'data', reason: `"${a.unit.name}" is what many things call their own` };
  }
  if (shared.length >= 4 && methodJaccard >= 0.8) return rival('certain', evidence);
  const isContained = methodContainment >= 0.75 && [a, b].every(isWhole);
  if (shared.length >= 3 && (methodJaccard >= 0.5 || isContained)) return rival('likely', evidence);
  return shared.length >= 2 && methodContainment >= 0.5
    ? rival('possible', evidence)
    : { verdict: 'data', reason: 'they carry different things under one name' };
}
