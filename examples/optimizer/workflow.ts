/**
 * The workflow `optimize`: triage looks at what the data can carry and chooses the plan; its steps are agents with
 * tools; reporting is always last and says what is missing.
 *
 * F1  The plan follows what `assess_data` computed, never what a model says of the data.
 * F2  What a step needs of the tools it gets, whatever its agent did (consult.ts).
 * F3  A step, an agent or an assessment that failed or was left out is told in the report by its name, and the answer
 *     is degraded.
 * OZ1 It is as quick as it can be, unless the user asks for a pace: then each step waits as long, durably and in sight.
 */
import { defineOrchestration, type Context, type Json, type PlanChoice, type PlanWork, type StepEnd } from 'cantus';
import { z } from 'zod';
import type { Actions, OptimizerAgents, Triage } from './agents/agents.ts';
import { tellAsk, type Ask } from './agents/ask.ts';
import { dataToolsFor, fittingScenarios } from './agents/rules.ts';
import { topicsOfQuestion } from './agents/topics.ts';
import { savingsFindingSchema } from './analysis/savings.ts';
import { sufficiencySchema, topicSchema, unknownSufficiency, type Sufficiency } from './analysis/sufficiency.ts';
import { bounds } from './bounds.ts';
import { askedBy, isUnderstood, sectionsOf } from './asked.ts';
import { consult, pathOf, tellFailedCalls, tellSentence, type Found, type Required } from './consult.ts';
import { datasetRefSchema } from './data/source.ts';
import { headlineOf } from './headline.ts';
import { planFor, planWithHelp } from './plans.ts';
import { reportSchema, type Missing, type Report } from './report.ts';
import { evidenceSchema, type Evidence } from './tools/report-tool.ts';
import type { OptimizerTools } from './tools/optimizer-tools.ts';

export const optimizeInputSchema = z.object({
  question: z.string().trim().min(3).max(10_000),
  /** Null: there is no data, and the answer says which to collect. */
  data: datasetRefSchema.nullable(),
  /** How long each step of the plan waits before it begins, in ms (OZ1). */
  paceMs: z
    .int()
    .positive()
    .max(bounds.paceSecondsMax * 1_000)
    .exactOptional(),
});
export type OptimizeInput = z.infer<typeof optimizeInputSchema>;

/** What triage hands on to the steps of its plan, through their input. */
const briefSchema = z.object({
  topics: z.array(topicSchema),
  kind: reportSchema.shape.kind,
  evidence: z.array(evidenceSchema),
  /** What went wrong already, in words for the user. */
  // A run that began before there were any has none in its journal.
  problems: z.array(z.string()).default([]),
});
type Brief = z.infer<typeof briefSchema>;

type Work = PlanWork<OptimizeInput>;

/** The workflow, with the agents and tools of one source of datasets. */
export function optimizeWorkflow(agents: OptimizerAgents, tools: OptimizerTools) {
  const steps = new OptimizerSteps(agents, tools);
  return defineOrchestration<OptimizeInput>({
    name: 'optimize',
    version: 1,
    description: 'Analyzes calls to language models and says how to spend less.',
    input: optimizeInputSchema,
    triage: (ctx, input) => steps.triage(ctx, input),
    steps: {
      data_helper: paced((ctx, work) => steps.dataHelper(ctx, work)),
      data: paced((ctx, work) => steps.data(ctx, work)),
      optimization: paced((ctx, work) => steps.optimization(ctx, work)),
      actions: paced((ctx, work) => steps.actions(ctx, work)),
      reporting: paced((ctx, work) => steps.reporting(ctx, work)),
    },
    revise(ended, { ends, plan }) {
      const end = ends[ended];
      if (ended !== 'data' || end?.status !== 'failed') return undefined;
      const helped = planWithHelp(plan);
      if (helped === undefined) return undefined;
      const brief = plan.steps.find(({ input }) => input !== undefined)?.input ?? null;
      const withBrief = helped.steps.map((step) => ({ ...step, input: brief }));
      return { plan: { ...helped, steps: withBrief }, why: 'The analysis failed, so what to collect is told.' };
    },
  });
}

/** OZ1: a step that waits first, as the user asked. */
function paced<Result>(step: (ctx: Context, work: Work) => Promise<Result>) {
  return async (ctx: Context, work: Work): Promise<Result> => {
    const { paceMs } = work.input;
    if (paceMs !== undefined) await ctx.wait('pace', { forMs: paceMs });
    return step(ctx, work);
  };
}

class OptimizerSteps {
  readonly #agents: OptimizerAgents;
  readonly #tools: OptimizerTools;

  constructor(agents: OptimizerAgents, tools: OptimizerTools) {
    this.#agents = agents;
    this.#tools = tools;
  }

  async triage(ctx: Context, input: OptimizeInput): Promise<PlanChoice> {
    const { topics, sufficiency, evidence, problems } = await this.#sort(ctx, input);
    const { plan, why, kind } = planFor(sufficiency.level);
    const brief: Brief = { topics, kind, evidence, problems };
    return { plan: { ...plan, steps: plan.steps.map((step) => ({ ...step, input: brief as Json })) }, why };
  }

  /** What the question is about, and what the data can carry of it. */
  async #sort(ctx: Context, { question, data }: OptimizeInput): Promise<Sorted> {
    const answer = await attempt(ctx, () => ctx.agent(this.#agents.triage, tellAsk({ question, data, topics: [] })));
    const sorted: Triage | undefined = answer?.output;
    // Without an answer the question's own words say what it is about.
    const topics = sorted?.topics ?? topicsOfQuestion(question);
    const problems =
      answer === undefined
        ? [tellAgentFailed('triage', 'the words of the question say what it is about')]
        : tellFailedCalls('triage', answer);
    if (data === null)
      return { topics, sufficiency: { ...unknownSufficiency, level: 'insufficient' }, evidence: [], problems };
    const called = answer?.calls.find(({ tool }) => tool === this.#tools.assessData.name);
    if (called !== undefined) return { ...assessed(topics, called), problems };
    // F2: the model may be out of reach; the data are looked at all the same.
    const { assessData } = this.#tools;
    const output = await attempt(ctx, () => ctx.tool(assessData, { data, topics }));
    if (output === undefined) {
      const unknown = `The tool "${assessData.name}" failed; what the data can carry is not known.`;
      return { topics, sufficiency: unknownSufficiency, evidence: [], problems: [...problems, unknown] };
    }
    return { ...assessed(topics, { path: pathOf(ctx, assessData.name), tool: assessData.name, output }), problems };
  }

  dataHelper(ctx: Context, work: Work): Promise<Found<string>> {
    const { data } = work.input;
    const { topics } = briefOf(work);
    const tool = this.#tools.dataHelper;
    return consult(ctx, this.#agents.dataHelper, askOf(work), [{ tool, input: { data, topics } }]);
  }

  data(ctx: Context, work: Work): Promise<Found<string>> {
    // What the words of the question ask for is looked up, whatever triage made of it.
    const wanted = [...dataToolsFor(briefOf(work).topics), ...dataToolsFor(topicsOfQuestion(work.input.question))];
    const all = Object.values(this.#tools).filter(({ name }) => wanted.includes(name));
    return consult(
      ctx,
      this.#agents.data,
      askOf(work),
      all.map((tool) => withData(tool, work)),
    );
  }

  optimization(ctx: Context, work: Work): Promise<Found<string>> {
    const { calculateCostSavings, compareModels, recommendModel } = this.#tools;
    const required = [calculateCostSavings, compareModels, recommendModel].map((tool) => withData(tool, work));
    return consult(ctx, this.#agents.optimization, askOf(work), required);
  }

  actions(ctx: Context, work: Work): Promise<Found<Actions>> {
    const output = evidenceOf(work.ends).find(({ tool }) => tool === 'calculate_cost_savings')?.output;
    const savings = savingsFindingSchema.parse(output);
    const scenarios = savings.computable ? fittingScenarios(savings.value) : [];
    const simulation: Required[] =
      scenarios.length === 0
        ? []
        : [{ tool: this.#tools.simulateCostOptimization, input: { data: work.input.data, scenarios } as Json }];
    return consult(ctx, this.#agents.actions, askOf(work, { savings }), simulation);
  }

  async reporting(ctx: Context, work: Work): Promise<Report> {
    const { kind, evidence: assessment } = briefOf(work);
    const evidence = [...assessment, ...evidenceOf(work.ends)];
    const before = problemsOf(work);
    const asked = askedBy(work.input.question, briefOf(work).topics);
    const headline = headlineOf(evidence, asked);
    const summary = await consult(ctx, this.#agents.reporting, { ...askOf(work, { headline }), problems: before }, []);
    const problems = [...before, ...problemsOfSummary(summary)];
    const report = await ctx.tool(this.#tools.generateReport, {
      question: work.input.question,
      kind,
      evidence,
      notes: notesOf({ question: work.input.question, summary, headline, ends: work.ends, evidence }),
      degraded: problems,
      missing: missingOf(work.ends),
      first: sectionsOf(asked),
    });
    for (const reason of report.degraded) if (!problems.includes(reason)) ctx.degrade(reason);
    return report;
  }
}

type Sorted = {
  readonly topics: Triage['topics'];
  readonly sufficiency: Sufficiency;
  readonly evidence: Evidence[];
  readonly problems: string[];
};

function assessed(topics: Triage['topics'], call: Evidence): Omit<Sorted, 'problems'> {
  const { path, tool, output } = call;
  return { topics, sufficiency: sufficiencySchema.parse(output), evidence: [{ path, tool, output }] };
}

/** The result, or undefined when the call failed. A cancel is no failure of the call. */
async function attempt<T>(ctx: Context, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown;
    return undefined;
  }
}

function briefOf({ step }: Work): Brief {
  return briefSchema.parse(step.input);
}

function askOf(work: Work, findings: Ask['findings'] = {}): Ask {
  const { question, data } = work.input;
  return { question, data, topics: briefOf(work).topics, findings, problems: problemsOf(work) };
}

function withData(tool: Required['tool'], { input }: Work): Required {
  return { tool, input: { data: input.data } };
}

type Ends = Readonly<Record<string, StepEnd>>;

function foundOf(end: StepEnd | undefined): Found<unknown> | undefined {
  return end !== undefined && 'result' in end ? (end.result as unknown as Found<unknown>) : undefined;
}

function evidenceOf(ends: Ends): Evidence[] {
  return Object.values(ends).flatMap((end) => foundOf(end)?.evidence ?? []);
}

/** What went wrong before, in words for the user. */
function problemsOf(work: Work): string[] {
  const ofSteps = Object.entries(work.ends).flatMap(([name, end]) => {
    if (end.status === 'failed') return [`The step "${name}" failed: ${tellSentence(end.error.message)}`];
    if (end.status === 'skipped') return [`The step "${name}" was left out: ${end.why}.`];
    const found = foundOf(end);
    if (found?.by === null) return [tellAgentFailed(name, 'its figures are computed all the same')];
    return found?.problems ?? [];
  });
  return [...briefOf(work).problems, ...ofSteps];
}

function problemsOfSummary(summary: Found<string>): string[] {
  return summary.by === null ? [tellAgentFailed('reporting', 'the summary is made of the figures without it')] : [];
}

function tellAgentFailed(name: string, instead: string): string {
  return `The agent "${name}" failed; ${instead}.`;
}

const whatStepsGive: Readonly<Record<string, string>> = {
  data: 'the analysis of the calls',
  optimization: 'ways to save',
  actions: 'steps to take',
  data_helper: 'advice on what to collect',
};

function missingOf(ends: Ends): Missing[] {
  return Object.entries(ends).flatMap(([name, end]) => {
    if (end.status !== 'failed' && end.status !== 'skipped') return [];
    const why = end.status === 'failed' ? tellSentence(end.error.message) : `${end.why}.`;
    return [{ what: whatStepsGive[name] ?? name, why, needs: [] }];
  });
}

type Told = {
  readonly question: string;
  readonly summary: Found<string>;
  readonly headline: readonly string[];
  readonly ends: Ends;
  readonly evidence: readonly Evidence[];
};

/** The marks of the tool calls behind an agent's words, as the report numbers them. */
function marksOf(found: Found<unknown> | undefined, evidence: readonly Evidence[]): string {
  const paths = new Set(found?.evidence.map(({ path }) => path));
  const marks = evidence.flatMap(({ path }, index) => (paths.has(path) ? [`[${index + 1}]`] : []));
  return marks.length === 0 ? '' : `\n\nFigures from ${marks.join(' ')}.`;
}

/** What speaks against the largest saving stands where a saving is first told. */
function caveatOf(evidence: readonly Evidence[], told: string): string {
  const output = evidence.find(({ tool }) => tool === 'calculate_cost_savings')?.output;
  const savings = savingsFindingSchema.safeParse(output);
  const first = savings.success && savings.data.computable ? savings.data.value.opportunities[0] : undefined;
  return first === undefined || told.includes(first.caveat) ? '' : `\n\n${first.caveat}`;
}

type Note = { readonly id: string; readonly title: string; readonly text: string };

/** The words of the agents. The summary comes first and says who wrote. */
function notesOf({ question, summary, headline, ends, evidence }: Told): Note[] {
  const unanswered =
    headline.length === 0 || isUnderstood(question)
      ? []
      : ['Nobody understood the question: what follows is the report on the calls.'];
  const text =
    summary.by === null ? [...unanswered, ...headline].join(' ') : `${summary.text}\n\nWritten by ${summary.by}.`;
  const notes: Note[] = text.trim() === '' ? [] : [{ id: 'summary', title: 'Summary', text }];
  const optimization = foundOf(ends['optimization']);
  if (optimization !== undefined && optimization.text !== '') {
    notes.push({
      id: 'optimization',
      title: 'What saves most',
      text: optimization.text + caveatOf(evidence, text + optimization.text) + marksOf(optimization, evidence),
    });
  }
  const actions = (foundOf(ends['actions'])?.words as Actions | null | undefined)?.actions ?? [];
  if (actions.length > 0) {
    const lines = actions.map(
      ({ title, detail, effort }, index) => `${index + 1}. ${title} (effort: ${effort}). ${detail}`,
    );
    notes.push({ id: 'actions', title: 'What to do', text: lines.join('\n') + marksOf(optimization, evidence) });
  }
  return notes;
}
