/** How a question becomes a start: which workflow or agent is asked, and with what input. The same from every door. */
import { clip, ValidationError } from '../core/errors.ts';
import { nearestName } from '../core/names.ts';
import type { Agent } from './agent.ts';
import type { App, AppAsk, AppServes, Prepared } from './app.ts';
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

/**
 * What is asked when nobody says which: the app's default, else the only workflow that takes a question, else the only
 * agent. Throws a ValidationError that lists what there is.
 */
export function defaultRunnable(app: App, serves: AppServes): Runnable {
  const names = [...new Set(runnablesOf(serves).map((one) => one.name))];
  const { workflows = [], agents = [] } = serves;
  const asked = new Set(workflows.filter((one) => takesQuestion(app, one)).map(({ name }) => name));
  const few = [...(asked.size > 0 ? asked : new Set(agents.map(({ name }) => name)))];
  const only = few.length > 0 ? few : names;
  const wanted = app.default ?? (only.length === 1 ? only[0] : undefined);
  if (wanted === undefined)
    throw new ValidationError('It is not said what a question is for: the app has no default.', {
      hint: `Name one of: ${names.join(', ')}; or give the app a \`default\`: defineApp({ default: '${names[0] ?? ''}', ... }).`,
    });
  const found = runnableNamed(serves, wanted);
  if (found !== undefined) return found;
  throw new ValidationError(`The default of the app is "${wanted}", which it does not serve.`, {
    hint: `It serves: ${names.join(', ')}.`,
  });
}

/** Can a workflow's input be made of a question alone? Where the schema needs time to say, it is taken to be so. */
function takesQuestion(app: App, workflow: Workflow): boolean {
  if (app.prepare !== undefined) return true;
  const checked = workflow.input['~standard'].validate({ question: '?' });
  if (!(checked instanceof Promise)) return checked.issues === undefined;
  checked.catch(() => undefined);
  return true;
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
export type Question = Omit<AppAsk, 'workflow'> & {
  readonly runnable: Runnable;
  /** The whole input, given instead of a question. */
  readonly input?: unknown;
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
