/** How a step of the optimizer works: an agent is asked, and what it had to look up is looked up whatever it did. */
import type { Agent, AgentAnswer, Context, Json, Tool } from 'cantus';
import { tellAsk, type Ask } from './agents/ask.ts';
import type { Evidence } from './tools/report-tool.ts';

/** What a step found: an agent's words, and the tool results behind them. */
export type Found<Output> = {
  readonly words: Output | null;
  readonly text: string;
  /** What wrote the words. */
  readonly by: string | null;
  readonly evidence: readonly Evidence[];
  /** What failed inside of the agent that answered, in words for the user; a step of an earlier version has none. */
  readonly problems?: readonly string[];
};

/** A tool whose result the report needs, and the input to call it with if the agent didn't. */
export type Required = { readonly tool: Tool; readonly input: Json };

/**
 * Asks the agent. When it fails, the tools are called all the same: the figures don't depend on somebody's words, and
 * the journal keeps the failure, so the answer ends as degraded.
 */
export async function consult<Output>(
  ctx: Context,
  agent: Agent<Output>,
  ask: Ask,
  required: readonly Required[],
): Promise<Found<Output>> {
  const answer = await answerOf(ctx, agent, ask);
  const evidence = new Map<string, Evidence>();
  for (const { path, tool, input, output } of answer?.calls ?? []) {
    evidence.set(`${tool} ${JSON.stringify(input)}`, { path, tool, output });
  }
  for (const { tool, input } of required) {
    if ([...evidence.values()].some((one) => one.tool === tool.name)) continue;
    // With a key, because an agent may have the name of its tool.
    const output = await ctx.tool(tool, input, { key: 'required' });
    evidence.set(tool.name, { path: pathOf(ctx, `${tool.name}:required`), tool: tool.name, output });
  }
  return {
    words: answer?.output ?? null,
    text: answer?.text ?? '',
    by: answer === undefined ? null : tellModel(answer),
    evidence: [...evidence.values()],
    problems: answer === undefined ? [] : tellFailedCalls(agent.name, answer),
  };
}

/** Without a word of it the report would claim more than the outcome of its run. */
export function tellFailedCalls(agent: string, { failed }: Pick<AgentAnswer<unknown>, 'failed'>): string[] {
  return failed.map(
    ({ tool, message }) => `The tool "${tool}" failed for the agent "${agent}": ${tellSentence(message)}`,
  );
}

/** A message of an error as a sentence. */
export function tellSentence(message: string): string {
  return /[.!?]$/u.test(message) ? message : `${message}.`;
}

async function answerOf<Output>(
  ctx: Context,
  agent: Agent<Output>,
  ask: Ask,
): Promise<AgentAnswer<Output> | undefined> {
  try {
    return await ctx.agent(agent, tellAsk(ask));
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown;
    return undefined;
  }
}

/** Where the journal has a call that is made right here. */
export function pathOf(ctx: Context, call: string): string {
  return ctx.path === '' ? call : `${ctx.path}/${call}`;
}

/** What answered, told as what it is: rules never pass for a language model. */
export function tellModel({ model }: AgentAnswer<unknown>): string {
  return model.kind === 'rules' ? 'rules, not a language model' : `the model ${model.id}`;
}
