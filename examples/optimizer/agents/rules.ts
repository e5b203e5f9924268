/**
 * What the agents do where there is no language model: rules over the question's words and the tools' results.
 *
 * They say only what the tools returned, and nothing about what they can't judge.
 */
import { toolResults, type Json, type ModelRequest, type Rule, type RuleReply } from 'cantus';
import type { Topic } from '../analysis/sufficiency.ts';
import { isUnderstood } from '../asked.ts';
import { savingsFindingSchema, type Savings } from '../analysis/savings.ts';
import type { Scenario } from '../analysis/scenarios.ts';
import { formatCell } from '../report-format.ts';
import { dataOf, findingOf, questionOf, topicsOf } from './ask.ts';
import type { Actions, Triage } from './agents.ts';
import { topicsOfQuestion } from './topics.ts';

const urgent = /\b(urgent|urgently|critical|asap|immediately)\b/iu;
const patient = /\b(eventually|low priority|when you can)\b/iu;

function categoryOf(about: readonly Topic[]): Triage['category'] {
  if (about.includes('cost')) return 'Cost Optimization';
  if (about.includes('performance')) return 'Performance Optimization';
  if (about.includes('models')) return 'Model Selection';
  return about.length > 0 ? 'Workload Analysis' : 'General Request';
}

function triage(request: ModelRequest): RuleReply {
  const question = questionOf(request);
  const about = topicsOfQuestion(question);
  const told = about.length === 0 ? 'names no topic, so everything is looked at' : `is about ${about.join(', ')}`;
  const output: Triage = {
    category: categoryOf(about),
    priority: urgent.test(question) ? 'high' : patient.test(question) ? 'low' : 'medium',
    topics: about,
    reasoning: `By its words the question ${told}.`,
  };
  return { output };
}

/** A rule that calls tools with the data of the ask. */
function callsFor(
  agent: string,
  callsOf: (request: ModelRequest, data: Json) => { name: string; input: Json }[],
): Rule {
  return {
    agent,
    when: (request) => toolResults(request).length === 0 && (agent === 'data_helper' || dataOf(request) !== null),
    reply: (request) => ({ toolCalls: callsOf(request, dataOf(request)) }),
  };
}

/** The tools that the data agent needs for what the question is about. */
export function dataToolsFor(about: readonly Topic[]): string[] {
  const all = about.length === 0;
  return [
    'analyze_workload_events',
    'analyze_cost_trends',
    'analyze_performance',
    'identify_patterns',
    ...(all || about.includes('performance') ? ['identify_latency_bottlenecks'] : []),
  ];
}

/** Savings that can be had together: one change for each model, and what doesn't depend on the model. */
export function fittingScenarios({ opportunities }: Savings): Scenario[] {
  const chosen: Scenario[] = [];
  const taken = new Set<string>();
  for (const { scenario } of opportunities) {
    const of = `${scenario.kind} ${JSON.stringify(scenario.match ?? {})}`;
    if (taken.has(of) || (scenario.kind === 'cap_output' && [...taken].some((one) => one.startsWith('cap_output'))))
      continue;
    taken.add(of);
    chosen.push(scenario);
  }
  return chosen.slice(0, 5);
}

/** Says of an agent's tools that they failed, when all did. */
function failuresOf(agent: string): Rule {
  return {
    agent,
    when: (request) => toolResults(request).length > 0 && toolResults(request).every(({ failed }) => failed),
    reply: (request) => ({ text: `Nothing could be looked up: ${toolResults(request)[0]?.content ?? ''}` }),
  };
}

function savingsOf(request: ModelRequest): Savings | undefined {
  const finding = savingsFindingSchema.safeParse(findingOf(request, 'savings'));
  return finding.success && finding.data.computable ? finding.data.value : undefined;
}

function tellSavings(request: ModelRequest): RuleReply {
  const result = toolResults(request, 'calculate_cost_savings')[0];
  const finding = savingsFindingSchema.safeParse(result?.value);
  if (!finding.success) return { text: 'Savings could not be computed.' };
  if (!finding.data.computable) return { text: `Savings are not computable: ${finding.data.why}` };
  const [first] = finding.data.value.opportunities;
  if (first === undefined) return { text: 'No change that was tried saves anything.' };
  const usd = formatCell(first.savedUsd, 'usd');
  return { text: `What saves most is to ${lower(first.title)}: ${usd} for these calls.` };
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/u, '');
}

function tellActions(request: ModelRequest): RuleReply {
  const savings = savingsOf(request);
  const fitting = savings === undefined ? [] : fittingScenarios(savings);
  const chosen = (savings?.opportunities ?? []).filter(({ scenario }) => fitting.includes(scenario));
  // The summary or "What saves most" tells the caveat of the largest saving; once is enough for each.
  const told = new Set([savings?.opportunities[0]?.caveat]);
  const actions: Actions['actions'] = chosen.map((opportunity) => ({
    title: upper(opportunity.title),
    detail: `Saves ${formatCell(opportunity.savedUsd, 'usd')} on these calls if made alone.${once(opportunity.caveat, told)}`,
    effort: opportunity.scenario.kind === 'use_model' ? 'medium' : 'low',
  }));
  return { output: { actions } };
}

function once(caveat: string, told: Set<string | undefined>): string {
  if (told.has(caveat)) return '';
  told.add(caveat);
  return ` ${caveat}`;
}

const notUnderstood =
  'Rules answer here, not a language model, and they do not understand this question: it names nothing about calls, ' +
  'costs, usage or performance. So they answer with the report on the calls.';

function tellSummary(request: ModelRequest): RuleReply {
  const headline = findingOf(request, 'headline');
  const said = Array.isArray(headline) ? headline.filter((line) => typeof line === 'string') : [];
  const found = said.length === 0 ? 'Nothing could be computed from what was given.' : said.join(' ');
  // No figure answers a question that isn't understood, so none may pass for its answer (AQ2).
  return { text: isUnderstood(questionOf(request)) ? found : `${notUnderstood} ${found}` };
}

/** The rules, in the order they are tried. */
export const optimizerRules: readonly Rule[] = [
  callsFor('triage', (request, data) => [
    { name: 'assess_data', input: { data, topics: topicsOfQuestion(questionOf(request)) } },
  ]),
  { agent: 'triage', reply: triage },
  callsFor('data_helper', (request, data) => [{ name: 'data_helper', input: { data, topics: topicsOf(request) } }]),
  failuresOf('data_helper'),
  { agent: 'data_helper', reply: () => ({ text: 'These columns would make more of the question answerable.' }) },
  callsFor('data', (request, data) => dataToolsFor(topicsOf(request)).map((name) => ({ name, input: { data } }))),
  failuresOf('data'),
  { agent: 'data', reply: () => ({ text: 'The calls were analyzed; what follows is what the tools computed.' }) },
  callsFor('optimization', (_request, data) =>
    ['calculate_cost_savings', 'compare_models', 'recommend_model'].map((name) => ({ name, input: { data } })),
  ),
  { agent: 'optimization', reply: tellSavings },
  {
    agent: 'actions',
    when: (request) => toolResults(request).length === 0 && (savingsOf(request)?.opportunities.length ?? 0) > 0,
    reply: (request) => ({
      toolCalls: [
        {
          name: 'simulate_cost_optimization',
          input: { data: dataOf(request) as Json, scenarios: fittingScenarios(savingsOf(request) as Savings) as Json },
        },
      ],
    }),
  },
  { agent: 'actions', reply: tellActions },
  { agent: 'reporting', reply: tellSummary },
];
