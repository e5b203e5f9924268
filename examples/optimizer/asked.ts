/**
 * What a question asks to be told, by its words: the first sentences of a report answer that (headline.ts).
 *
 * AQ1  What is asked is told in the order of the question. Where no word says it, the topics do.
 * AQ2  A question without a word about calls to models is not understood, and nobody claims that it is.
 */
import type { Topic } from './analysis/sufficiency.ts';
import { topicsOfQuestion } from './agents/topics.ts';

export type Grouping = 'user' | 'feature' | 'model';

/** One thing that is asked: `uses` and `costs` ask for who or what comes first in a grouping. */
export type Asked =
  | { readonly kind: 'cost' | 'saving' | 'growth' | 'busy' }
  | { readonly kind: 'slow' | 'uses' | 'costs'; readonly by: Grouping };

const groupings: { readonly [G in Grouping]: RegExp } = {
  user: /\b(who|whose|users?|customers?)\b/iu,
  feature: /\bfeatures?\b/iu,
  model: /(?<!language )\bmodels?\b/iu,
};

const words = {
  growth: /\b(trends?|grow\w*|rising|falling|increas\w*|decreas\w*|over time|forecast)\b/iu,
  slow: /\b(slow\w*|latency|latencies|fast|faster|speed|throughput|timeouts?|performance|p9[59])\b/iu,
  saving: /\b(sav(?:e|es|ing|ings)|cut|cheap\w*|reduce|lower|less|switch|optimi[sz]e|compare)\b/iu,
  cost: /\b(costs?|spend\w*|spent|pays?|paying|prices?|pricing|bills?|budget|expens\w*|money|usd)\b/iu,
  uses: /\b(us(?:e|es|ing|age)|calls?|tokens?|traffic|load|most|biggest|largest|heaviest|top)\b/iu,
  busy: /\b(when|patterns?|hours?|peaks?|busy|busiest)\b/iu,
} as const;

/** Words about calls to models that name no topic: such a question is about everything. */
const general =
  /\b(analy[sz]\w*|overview|report|summar\w*|usage|us(?:e|es|ing)|calls?|requests?|tokens?|data|llms?|ai|optimi[sz]\w*|improve\w*|fail\w*|errors?)\b/iu;

/** False for a question that rules can't even tell to be about calls to models (AQ2). */
export function isUnderstood(question: string): boolean {
  // "Who" asks for a user where something else is about calls, and for anybody where nothing is.
  return topicsOfQuestion(question.replaceAll(/\bwho\b/giu, '')).length > 0 || general.test(question);
}

/** What is asked, most wanted first; nothing for a question about everything. */
export function askedBy(question: string, topics: readonly Topic[]): Asked[] {
  const asked: Asked[] = [];
  let open: Grouping[] = [];
  for (const clause of question.split(/[,;:.?!]|\band\b/iu)) {
    const named = (Object.keys(groupings) as Grouping[]).filter((grouping) => groupings[grouping].test(clause));
    const found = askedByClause(clause, [...open, ...named]);
    // "Which user and which feature cost most": the first clause waits for what the second says.
    open = found === undefined ? [...open, ...named] : [];
    asked.push(...(found ?? []));
  }
  asked.push(...open.map((by) => ({ kind: 'uses', by }) as const));
  const slow = asked.some(({ kind }) => kind === 'slow');
  // When it is slow is told with what is slow.
  const told = asked.filter(({ kind }) => !(slow && kind === 'busy'));
  return unique(told.length > 0 ? told : topics.flatMap((topic) => ofTopic[topic]));
}

/** Undefined where a clause has nothing to say but, perhaps, a grouping. */
function askedByClause(clause: string, by: readonly Grouping[]): Asked[] | undefined {
  if (words.growth.test(clause)) return [{ kind: 'growth' }];
  if (words.slow.test(clause))
    return (by.length === 0 ? (['feature'] as const) : by).map((one) => ({ kind: 'slow', by: one }));
  if (words.saving.test(clause)) return [{ kind: 'saving' }];
  if (words.cost.test(clause))
    return by.length === 0 ? [{ kind: 'cost' }] : by.map((one) => ({ kind: 'costs', by: one }));
  if (by.length > 0 && words.uses.test(clause)) return by.map((one) => ({ kind: 'uses', by: one }));
  return words.busy.test(clause) ? [{ kind: 'busy' }] : undefined;
}

const ofTopic: { readonly [T in Topic]: readonly Asked[] } = {
  cost: [{ kind: 'cost' }, { kind: 'saving' }],
  performance: [{ kind: 'slow', by: 'feature' }],
  usage: [{ kind: 'uses', by: 'user' }, { kind: 'busy' }],
  trends: [{ kind: 'growth' }],
  models: [{ kind: 'saving' }],
};

function unique(asked: readonly Asked[]): Asked[] {
  return [...new Map(asked.map((one) => [JSON.stringify(one), one])).values()];
}

const sections: { readonly [K in Asked['kind']]: readonly string[] } = {
  cost: ['cost'],
  saving: ['note.optimization', 'note.actions', 'savings'],
  growth: ['cost'],
  busy: ['patterns'],
  slow: ['performance'],
  uses: ['patterns'],
  costs: ['cost'],
};

/** The ids of the report's sections that hold what is asked. */
export function sectionsOf(asked: readonly Asked[]): string[] {
  return [...new Set(asked.flatMap(({ kind }) => sections[kind]))];
}
