/** How a question becomes a start: which workflow or agent is asked, and with what input. The same from every door. */
import { clip, ValidationError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { nearestName } from '../core/names.ts';
import type { Principal } from '../core/principal.ts';
import type { Agent } from './agent.ts';
import type { App, AppOptionValues, AppServes, Prepared } from './app.ts';
import { agentWorkflowPrefix, type Workflow } from './workflow.ts';

export type Runnable = Agent | Workflow;

/** All that is served, by name: workflows before agents. */
export function runnablesOf({ workflows = [], agents = [] }: AppServes): readonly Runnable[] {
  return [...workflows, ...agents];
}

/** The newest version of what has this name. */
export function runnableNamed(serves: AppServes, name: string): Runnable | undefined {
  return runnablesOf(serves)
    .filter((one) => one.name === name)
    .toSorted((a, b) => versionOf(b) - versionOf(a))[0];
}

function versionOf(runnable: Runnable): number {
  return runnable.kind === 'workflow' ? runnable.version : 0;
}

/** What is asked when nobody says which. Throws a ValidationError that lists what there is. */
export function defaultRunnable(app: App, serves: AppServes): Runnable {
  const runnables = runnablesOf(serves);
  const names = [...new Set(runnables.map((one) => one.name))];
  const workflows = runnables.filter((one) => one.kind === 'workflow').map((one) => one.name);
  const only = [...new Set(workflows.length > 0 ? workflows : names)];
  const wanted = app.default ?? (only.length === 1 ? only[0] : undefined);
  if (wanted === undefined)
    throw new ValidationError('The app has several workflows or agents, and no default.', {
      hint: `Name one of: ${names.join(', ')}.`,
    });
  const found = runnableNamed(serves, wanted);
  if (found !== undefined) return found;
  throw new ValidationError(`The default of the app is "${wanted}", which it does not serve.`, {
    hint: `It serves: ${names.join(', ')}.`,
  });
}

/** The error for a name that nothing served has. */
export function unknownRunnable(name: string, serves: AppServes): ValidationError {
  const names = [...new Set(runnablesOf(serves).map((one) => one.name))];
  const near = nearestName(name, names);
  const there = `There are: ${names.join(', ')}.`;
  return new ValidationError(`There is no workflow or agent "${clip(name)}".`, {
    hint:
      near === undefined ? `${there} A question goes behind the name, in quotes.` : `Did you mean "${near}"? ${there}`,
  });
}

/** The name a run of it has: an agent's run is of the workflow around it. */
export function startName(runnable: Runnable): string {
  return runnable.kind === 'agent' ? `${agentWorkflowPrefix}${runnable.name}` : runnable.name;
}

/** A question with all that an app needs to make an input of it. */
export type Question = {
  readonly runnable: Runnable;
  readonly question: string;
  /** The whole input, given instead of a question. */
  readonly input?: unknown;
  readonly options: AppOptionValues;
  readonly user: Principal;
  readonly folder: string;
  readonly now: number;
  readonly previous: Json | undefined;
  readFile(path: string): Promise<Uint8Array>;
};

/** The input of a run for a question. Throws a ValidationError for options that don't fit, and what `prepare` throws. */
export async function prepareInput(app: App, asked: Question): Promise<Prepared> {
  const { runnable, input, ...ask } = asked;
  if (input !== undefined) return { input };
  if (runnable.kind === 'agent') {
    const [given] = Object.keys(ask.options);
    if (given === undefined) return { input: ask.question };
    throw new ValidationError(`--${given} is for the workflows of the app, and "${runnable.name}" is an agent.`);
  }
  if (app.prepare === undefined) return { input: ask.question === '' ? {} : { question: ask.question } };
  return app.prepare({ ...ask, workflow: runnable.name });
}
