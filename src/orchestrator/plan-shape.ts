/** The shape of a plan: one may come from a model, whose JSON the compiler has not seen. */
type Fields = Readonly<Record<string, unknown>>;
type Rule = readonly [member: string, fits: (value: unknown) => boolean, fault: string];

const tests = ['present', 'equal', 'one-of', 'above', 'below'];
const isName = (value: unknown): boolean => typeof value === 'string';

const ofStep: readonly Rule[] = [
  ['needs', (needs) => Array.isArray(needs) && needs.every(isName), 'a `needs` that is no list of names'],
  ['after', (after) => after === 'completed' || after === 'settled', 'an `after` that is not "completed" or "settled"'],
  ['run', isName, 'a runner that is no name'],
  ['fallback', isName, 'a fallback that is no name'],
  ['timeoutMs', isAboveZero, 'a `timeoutMs` that is no number of ms above 0'],
  ['retry', (retry) => isObject(retry) && isAboveZero(retry['attempts']), 'a `retry` without `attempts` above 0'],
  ['when', isObject, 'a condition that is none'],
];

const ofCondition: readonly Rule[] = [
  ['is', (is) => typeof is === 'string' && tests.includes(is), `a condition that is none of: ${tests.join(', ')}`],
];

/** What is wrong with the shape of a plan, or undefined. */
export function shapeFault(plan: unknown): string | undefined {
  if (!isObject(plan) || !Array.isArray(plan['steps']) || !isName(plan['answer']))
    return 'A plan is { steps, answer }: a list of steps, and the name of one.';
  for (const [index, step] of (plan['steps'] as unknown[]).entries()) {
    if (!isObject(step) || !isName(step['name'])) return `Step ${index + 1} of the plan has no name.`;
    const fault = firstFault(step, ofStep) ?? conditionFault(step['when']);
    if (fault !== undefined) return `Step "${String(step['name'])}" of the plan has ${fault}.`;
  }
  return undefined;
}

function firstFault(fields: Fields, rules: readonly Rule[]): string | undefined {
  return rules.find(([member, fits]) => fields[member] !== undefined && !fits(fields[member]))?.[2];
}

function conditionFault(when: unknown): string | undefined {
  if (!isObject(when)) return undefined;
  if (!isName(when['step']) || !isName(when['at']) || !isName(when['is']))
    return 'a condition that does not say which step, where in its result, and what it `is`';
  if (when['is'] === 'one-of' && !Array.isArray(when['value'])) return 'a condition "one-of" without a list';
  return firstFault(when, ofCondition);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAboveZero(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
