/** What an engine was given: workflows by name and version, agents, and models by name. */
import { NotFoundError, ValidationError } from '../core/errors.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import { nearestName } from '../core/names.ts';
import type { Agent, OnBusy } from '../agents/agent.ts';
import type { Model } from '../agents/model.ts';
import { parseWith } from '../agents/schema.ts';
import { agentWorkflowPrefix, type Context, type Workflow } from '../agents/workflow.ts';

/** A workflow or an agent as a run sees it. */
export type Runnable = {
  /** What it was made of. */
  readonly definition: Agent | Workflow;
  readonly name: string;
  readonly version: number;
  readonly deadlineMs: number | undefined;
  readonly onBusy: OnBusy;
  /** What the body works with. Throws a ValidationError for input that it can't work with. */
  parse(input: Json): Promise<unknown>;
  /** The body, on input that `parse` gave. */
  body(ctx: Context, parsed: unknown): Promise<unknown>;
  /** What the user said, if the input says it. */
  message(input: Json): string | undefined;
};

export class Registry {
  readonly #runnables = new Map<string, Map<number, Runnable>>();
  readonly #models: ReadonlyMap<string, Model>;

  constructor(workflows: readonly Workflow[], agents: readonly Agent[], models: Readonly<Record<string, Model>>) {
    this.#models = new Map(Object.entries(models));
    for (const workflow of workflows) this.#add(runnableWorkflow(workflow));
    for (const agent of agents) {
      for (const name of agent.models) this.#checkModel(agent, name);
      this.#add(runnableAgent(agent));
    }
  }

  #add(runnable: Runnable): void {
    const versions = this.#runnables.get(runnable.name) ?? new Map<number, Runnable>();
    if (versions.has(runnable.version)) {
      throw new ValidationError(`"${runnable.name}" version ${runnable.version} was given twice.`, {
        hint: 'Give each workflow and agent its own name, or the later one a higher version.',
      });
    }
    versions.set(runnable.version, runnable);
    this.#runnables.set(runnable.name, versions);
  }

  #checkModel(agent: Agent, name: string): void {
    if (this.#models.has(name)) return;
    throw new ValidationError(`Agent "${agent.name}" asks for model "${name}", which the engine was not given.`, {
      hint: `Models: ${[...this.#models.keys()].join(', ') || 'none'}. Pass it as createEngine({ models: { ${JSON.stringify(name)}: ... } }).`,
    });
  }

  /** The version of a workflow that a run began with, if this node has it. */
  at(name: string, version: number): Runnable | undefined {
    return this.#runnables.get(name)?.get(version);
  }

  /**
   * What a caller wants to run: the very agent or workflow given, or the newest of a name. An object that only has the
   * name of one that the engine was given is refused: it would be another that runs.
   */
  find(what: string | Agent | Workflow): Runnable {
    if (typeof what === 'string') return this.newest(what);
    const { kind, name } = (what ?? {}) as Partial<Agent | Workflow>;
    if ((kind !== 'agent' && kind !== 'workflow') || typeof name !== 'string')
      throw new ValidationError('What is started is an agent, a workflow, or the name of one.');
    const versions = this.#runnables.get(kind === 'agent' ? agentWorkflowPrefix + name : name);
    if (versions === undefined) throw this.#unknown(kind, name);
    const found = [...versions.values()].find(({ definition }) => definition === what);
    if (found !== undefined) return found;
    throw new ValidationError(`This is not the ${kind} "${name}" that the engine was given.`, {
      hint: 'Pass the same object that createEngine was given, or start it by its name.',
    });
  }

  /** The newest version of a workflow or agent. Throws a NotFoundError that says what there is. */
  newest(name: string): Runnable {
    const versions = this.#runnables.get(name) ?? this.#runnables.get(agentWorkflowPrefix + name);
    const newest = versions && [...versions.values()].reduce((a, b) => (b.version > a.version ? b : a));
    if (newest !== undefined) return newest;
    throw this.#unknown('workflow', name);
  }

  #unknown(kind: 'agent' | 'workflow', name: string): NotFoundError {
    const names = [...this.#runnables.keys()].map((known) =>
      known.startsWith(agentWorkflowPrefix) ? known.slice(agentWorkflowPrefix.length) : known,
    );
    const near = nearestName(name, names);
    return new NotFoundError(
      kind,
      name,
      near === undefined ? `There are: ${names.join(', ') || 'none'}.` : `Did you mean "${near}"?`,
    );
  }

  model(name: string): Model {
    const model = this.#models.get(name);
    if (model === undefined) throw new ValidationError(`There is no model "${name}".`);
    return model;
  }

  names(): string[] {
    return [...this.#runnables.keys()];
  }
}

function runnableWorkflow(workflow: Workflow): Runnable {
  return {
    definition: workflow,
    name: workflow.name,
    version: workflow.version,
    deadlineMs: workflow.deadlineMs,
    onBusy: 'queue',
    parse: (input) => parseWith(workflow.input, input, `The input of workflow "${workflow.name}"`),
    body: (ctx, parsed) => workflow.run(ctx, parsed),
    message: (input) => (isJsonObject(input) && typeof input['question'] === 'string' ? input['question'] : undefined),
  };
}

function runnableAgent(agent: Agent): Runnable {
  return {
    definition: agent,
    name: agentWorkflowPrefix + agent.name,
    version: 1,
    deadlineMs: undefined,
    onBusy: agent.onBusy,
    async parse(input) {
      if (typeof input === 'string' && input.trim() !== '') return input;
      throw new ValidationError(`Agent "${agent.name}" is asked with text.`, { hint: 'Pass a non-empty string.' });
    },
    body: async (ctx, parsed) => (await ctx.agent(agent, parsed as string)).output,
    message: (input) => (typeof input === 'string' ? input : undefined),
  };
}
