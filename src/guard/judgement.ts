/** What a pair was judged to be, and how that is told. */
import type { Evidence, Tier, Verdict } from './concept.ts';

export type Judgement =
  | { readonly verdict: 'rival'; readonly tier: Tier; readonly reason: string }
  | { readonly verdict: Extract<Verdict, 'homonym' | 'data'>; readonly reason: string };

/** Do their names say the same, but for words that say nothing? */
export const isCore = ({ nameRelation }: Evidence): boolean => nameRelation === 'same' || nameRelation === 'modifier';

/** A finding. */
export function rival(tier: Tier, evidence: Evidence): Judgement {
  return { verdict: 'rival', tier, reason: tellRival(evidence) };
}

/** One name for two things. */
export function homonym({ shared }: Evidence): Judgement {
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
