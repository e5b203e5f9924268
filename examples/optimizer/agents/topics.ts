/** The topics of a question in words, where no language model reads it. */
import { topics, type Topic } from '../analysis/sufficiency.ts';

/** Words that tell what a question is about. */
const topicWords: { readonly [T in Topic]: RegExp } = {
  cost: /\b(cost|costs|spend|spending|price|prices|pricing|bill|bills|budget|expens\w*|cheap\w*|sav(?:e|es|ing|ings)|money|usd|cut)\b/iu,
  performance: /\b(slow|slower|latency|latencies|fast|faster|speed|throughput|timeouts?|performance|p9[59])\b/iu,
  usage: /\b(usage|pattern|patterns|hours?|peaks?|busy|load|traffic|who|users?|features?)\b/iu,
  trends: /\b(trends?|grow\w*|rising|falling|increas\w*|decreas\w*|over time|forecast)\b/iu,
  models: /\b(models?|switch|gpt\S*|claude\S*|gemini\S*|llama\S*|compare)\b/iu,
};

/** The topics that a question's words name; none means everything. */
export function topicsOfQuestion(question: string): Topic[] {
  return topics.filter((topic) => topicWords[topic].test(question));
}
