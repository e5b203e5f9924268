/**
 * How sure it is that two units are rivals, and when they only share a name.
 *
 * GT1  A name alone is never certain: something both do must agree, methods or bodies.
 * GT2  A shared name of which nothing else agrees is told as a homonym, not as a finding.
 */
import type { Pair, Subject } from './candidates.ts';
import type { Evidence, Tier, Verdict } from './concept.ts';
import { tellingMethods } from './similarity.ts';
import { localTypes, plainMethods } from './vocabulary.ts';

export type Judgement =
  | { readonly verdict: 'rival'; readonly tier: Tier; readonly reason: string }
  | { readonly verdict: Extract<Verdict, 'homonym' | 'data'>; readonly reason: string };

/** What a pair is that no relation excludes; undefined where it is nothing at all. */
export function judge(pair: Pair, evidence: Evidence): Judgement | undefined {
  const [a, b] = pair;
  if (a.family !== b.family)
    return isFunction(a) && isFunction(b) && isCore(evidence) ? judgeFunctions(pair, evidence) : undefined;
  if (a.isData && b.isData) return judgeData(pair, evidence);
  return a.family === 'function' ? judgeFunctions(pair, evidence) : judgeClasses(pair, evidence);
}

/** A factory is a function too. */
const isFunction = ({ unit }: Subject): boolean => unit.kind === 'function' || unit.kind === 'factory';

const isCore = ({ nameRelation }: Evidence): boolean => nameRelation === 'same' || nameRelation === 'modifier';

function judgeClasses(pair: Pair, evidence: Evidence): Judgement | undefined {
  const { methodContainment, methodJaccard, bodyJaccard, bodyContainment, shared, bindings } = evidence;
  const { termContainment, sharedFields, fieldContainment } = evidence;
  const telling = tellingMethods(evidence, pair).length;
  const least = Math.min(pair[0].unit.tokens, pair[1].unit.tokens);
  const isBodyAlike = bodyJaccard >= 0.3 && least >= 60;
  if (isCore(evidence)) {
    const agree = shared.length >= 2 && methodContainment >= 0.5;
    if ((agree && (telling >= 2 || bodyJaccard >= 0.15)) || isBodyAlike) return rival('certain', evidence);
    if (agree && (telling >= 1 || methodJaccard >= 0.6 || shared.length >= 4)) return rival('likely', evidence);
    if (shared.length >= 2 && methodContainment >= 0.25 && telling >= 1) return rival('likely', evidence);
    if (shared.length >= 1 && (bindings >= 0.6 || termContainment >= 0.4) && least >= 40)
      return rival('likely', evidence);
    if (sharedFields.length >= 3 && fieldContainment >= 0.6) return rival('likely', evidence);
    return homonym(evidence);
  }
  const isBodyLikely = bodyContainment >= 0.3 && least >= 60;
  if (evidence.nameRelation === 'scope') {
    if ((shared.length >= 2 && methodContainment >= 0.3 && telling >= 1) || isBodyLikely)
      return rival('likely', evidence);
    return shared.length >= 2 ? rival('possible', evidence) : undefined;
  }
  return judgeFurther(evidence, telling, least);
}

/** Names that differ in more than modifiers: advice at most. */
function judgeFurther(evidence: Evidence, telling: number, least: number): Judgement | undefined {
  const { nameRelation, methodContainment, termContainment, shared } = evidence;
  if (nameRelation === 'role') {
    const isInside =
      telling >= 2 && (methodContainment >= 0.75 || (methodContainment >= 0.5 && termContainment >= 0.35));
    if (isInside || (shared.length >= 2 && methodContainment >= 0.6 && termContainment >= 0.4))
      return rival('likely', evidence);
    if (telling >= 3) return rival('possible', evidence);
  }
  if (nameRelation === 'synonym' && telling >= 1) {
    return rival(telling >= 4 && methodContainment >= 0.75 ? 'likely' : 'possible', evidence);
  }
  if (evidence.bodyJaccard >= 0.5 && least >= 120) return rival('possible', evidence);
  return telling >= 4 && evidence.methodContainment >= 0.6 ? rival('possible', evidence) : undefined;
}

function judgeFunctions(pair: Pair, evidence: Evidence): Judgement | undefined {
  const [a, b] = pair;
  const { bodyJaccard } = evidence;
  const least = Math.min(a.unit.tokens, b.unit.tokens);
  const areOffered = a.unit.isExported && b.unit.isExported;
  if (!isCore(evidence)) {
    if (evidence.nameRelation === 'synonym' && areOffered && bodyJaccard >= 0.4 && least >= 30)
      return rival('likely', evidence);
    return bodyJaccard >= 0.6 && least >= 80 ? rival('possible', evidence) : undefined;
  }
  if (!areOffered) return bodyJaccard >= 0.6 && least >= 40 ? rival('likely', evidence) : undefined;
  return judgeNamesakes(pair, evidence, least);
}

/** Two functions that others can import under one name. */
function judgeNamesakes([a, b]: Pair, evidence: Evidence, least: number): Judgement | undefined {
  const { bodyJaccard, bodyContainment, termContainment } = evidence;
  const { words } = a.parts;
  const isPlain = words.length === 1 && (plainMethods.has(words[0] ?? '') || /^[A-Z]/.test(a.unit.name));
  const isOfTerms = Math.min(a.unit.termCount, b.unit.termCount) >= 3;
  const areApart = isOfTerms && termContainment < 0.08;
  const isCalledAlike = evidence.sharedFields.length > 0 && evidence.fieldContainment >= 0.5;
  const enough = words.length > 1 ? (isCalledAlike ? 0.08 : 0.15) : isCalledAlike ? 0.15 : 0.25;
  const isAbout = termContainment >= enough && (isOfTerms || termContainment >= 0.5);
  if (bodyJaccard >= 0.3 && least >= 20 && !areApart) return rival(least >= 30 ? 'certain' : 'likely', evidence);
  if (isPlain) return bodyJaccard >= 0.5 && least >= 40 && !areApart ? rival('likely', evidence) : undefined;
  if (bodyContainment >= 0.25 && least >= 15) return rival('likely', evidence);
  if (isAbout) return rival('likely', evidence);
  return words.length > 1 ? homonym(evidence) : undefined;
}

function judgeData([a]: Pair, evidence: Evidence): Judgement | undefined {
  if (!isCore(evidence)) return undefined;
  const { shared, methodJaccard, methodContainment } = evidence;
  if (localTypes.has(a.parts.words.at(-1) ?? '') && a.parts.words.length < 3) {
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
