/**
 * What an app is: the agents and workflows that somebody serves, and how a question on the command line becomes their
 * input. It is data; `cantus` finds it in `cantus.config.ts` as the export named `app`.
 */
import { ValidationError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { nearestName } from '../core/names.ts';
import type { Principal } from '../core/principal.ts';
import type { Agent } from './agent.ts';
import type { Answer } from './answer.ts';
import type { Model } from './model.ts';
import type { Rule } from './rule.ts';
import type { Workflow } from './workflow.ts';

/** Where an app is served. */
export type AppPlace = {
  /** The data folder. What an app keeps for its users belongs below it, under a name of its own. */
  readonly folder: string;
};

/** What an app serves in a place. */
export type AppServes = { readonly agents?: readonly Agent[]; readonly workflows?: readonly Workflow[] };

/** An option of the app's own for `cantus run`: `--data <file>` takes a value, `--skip-bad-rows` takes none. */
export type AppOption = {
  readonly flag: string;
  readonly help: string;
  /** It may be given several times; its values are a list then. */
  readonly many?: true;
};

/** What was given for the app's options, by their names without the dashes (`skip-bad-rows`). */
export type AppOptionValues = Readonly<Record<string, string | readonly string[] | true>>;

/** A question as it is asked, before a run is started for it. */
export type AppAsk = {
  /** The name of the workflow that is asked. */
  readonly workflow: string;
  /** Empty when there is none. */
  readonly question: string;
  readonly options: AppOptionValues;
  readonly user: Principal;
  readonly folder: string;
  /** The time of asking, in ms since 1970. */
  readonly now: number;
  /** The input of the newest run of this workflow in the same thread, so that a follow-up can go on with its data. */
  readonly previous: Json | undefined;
  /** Reads a file that the user named. Throws a ValidationError that says what is in the way. */
  readFile(path: string): Promise<Uint8Array>;
};

/** What a question became: the workflow's input, and what the user is told before the run starts. */
export type Prepared = { readonly input: unknown; readonly notes?: readonly string[] };

/** An app as `defineApp` makes it: frozen, with every default filled in. */
export type App = {
  readonly kind: 'app';
  readonly name: string;
  readonly description: string;
  /** The workflow or agent that is asked when nobody says which. */
  readonly default: string | undefined;
  readonly models: Readonly<Record<string, Model>>;
  readonly rules: readonly Rule[];
  readonly options: readonly AppOption[];
  readonly samples: readonly string[];
  serve(place: AppPlace): Promise<AppServes> | AppServes;
  readonly prepare: ((ask: AppAsk) => Promise<Prepared> | Prepared) | undefined;
  readonly render: ((output: Json, workflow: string) => string | Answer) | undefined;
};

/** What `defineApp` takes. Everything may be left out but what is served. */
export type AppDefinition = {
  readonly name?: string;
  readonly description?: string;
  /** Which workflow or agent is asked when nobody says which; not needed where there is only one. */
  readonly default?: string;
  /** Models by the names that agents ask for. Where `default` is missing, one is looked for on the machine. */
  readonly models?: Readonly<Record<string, Model>>;
  /** Answers for agents where there is no language model. */
  readonly rules?: readonly Rule[];
  readonly options?: readonly AppOption[];
  /** Questions that show what it can do. The first is asked when there is no question. */
  readonly samples?: readonly string[];
  /** Makes a workflow's input of a question. Without it the input is `{ question }`. */
  readonly prepare?: (ask: AppAsk) => Promise<Prepared> | Prepared;
  /** A workflow's output for people: Markdown, or an answer whose tables, figures and charts name their source. */
  readonly render?: (output: Json, workflow: string) => string | Answer;
} & (
  | (AppServes & { readonly serve?: never })
  | {
      /** Instead of lists, for tools that keep things of their own in the data folder. */
      readonly serve: (place: AppPlace) => Promise<AppServes> | AppServes;
      readonly agents?: never;
      readonly workflows?: never;
    }
);

const shape: Readonly<Record<keyof AppDefinition | 'kind', 'string' | 'list' | 'object' | 'function'>> = {
  kind: 'string',
  name: 'string',
  description: 'string',
  default: 'string',
  agents: 'list',
  workflows: 'list',
  serve: 'function',
  models: 'object',
  rules: 'list',
  options: 'list',
  samples: 'list',
  prepare: 'function',
  render: 'function',
};

/**
 * Defines an app. Throws a ValidationError that names the member at fault.
 *
 * @example
 * export const app = defineApp({ agents: [clerk], samples: ['What is 2 + 3?'] });
 */
export function defineApp(definition: AppDefinition): App {
  checkMembers(definition);
  const { models, rules, options, samples, agents, workflows, ...rest } = { ...blank, ...given(definition) };
  if (definition.serve === undefined) checkServes({ agents, workflows });
  checkOptions(options, definition.prepare !== undefined);
  checkSamples(samples);
  checkModels(models);
  const serve = definition.serve ?? (() => ({ agents, workflows }));
  return Object.freeze({
    kind: 'app',
    name: rest.name,
    description: rest.description,
    default: definition.default,
    models: Object.freeze({ ...models }),
    rules: Object.freeze([...rules]),
    options: Object.freeze([...options]),
    samples: Object.freeze([...samples]),
    serve: async (place: AppPlace) => checkServes(await serve(place)),
    prepare: definition.prepare?.bind(definition),
    render: definition.render?.bind(definition),
  });
}

/** Without the members that are `undefined`, which count as not given. */
function given<Definition extends object>(definition: Definition): Definition {
  return Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined)) as Definition;
}

/** What is there where nothing was given. */
const blank = {
  name: 'app',
  description: '',
  agents: [],
  workflows: [],
  models: {},
  rules: [],
  options: [],
  samples: [],
};

function checkMembers(definition: unknown): void {
  if (kindOf(definition) !== 'object') refuse(`it is ${kindOf(definition)}, not an object`);
  for (const [name, value] of Object.entries(definition as object)) {
    const wanted = (shape as Readonly<Record<string, string>>)[name];
    if (wanted === undefined) refuse(`"${name}" is no member of one${meant(name)}`);
    if (value !== undefined && kindOf(value) !== wanted) refuse(`${name} is ${kindOf(value)}, and must be a ${wanted}`);
  }
  const { serve, agents, workflows } = definition as AppDefinition;
  const lists = agents ?? workflows;
  if (serve === undefined && lists === undefined) refuse('it serves nothing: it has neither agents nor workflows');
  if (serve !== undefined && lists !== undefined) refuse('it has serve, and agents or workflows beside it');
}

function meant(name: string): string {
  const near = nearestName(name, Object.keys(shape));
  return near === undefined ? '' : ` (did you mean "${near}"?)`;
}

function checkServes(serves: AppServes): AppServes {
  const lists = { agent: serves?.agents ?? [], workflow: serves?.workflows ?? [] };
  for (const [kind, list] of Object.entries(lists)) {
    for (const [index, entry] of list.entries()) {
      const found = (entry as { readonly kind?: unknown } | null)?.kind;
      if (found !== kind)
        refuse(`${kind}s[${index}] is ${typeof found === 'string' ? `of kind "${found}"` : kindOf(entry)}`);
    }
  }
  if (lists.agent.length + lists.workflow.length === 0) refuse('it serves nothing: its lists are empty');
  return serves;
}

const flagPattern = /^--([a-z][a-z0-9-]*[a-z0-9])( <[^<>]+>)?$/;

/** The name of an option as its values are called: its flag without dashes and value. */
export function optionName({ flag }: AppOption): string {
  return flagPattern.exec(flag)?.[1] ?? flag;
}

function checkOptions(options: readonly AppOption[], isLookedAt: boolean): void {
  if (options.length > 0 && !isLookedAt) refuse('it has options, and no prepare that would look at them');
  const names = new Set<string>();
  for (const option of options) {
    checkOption(option);
    const name = optionName(option);
    if (names.has(name)) refuse(`options has "--${name}" twice`);
    names.add(name);
  }
}

function checkOption(option: AppOption): void {
  const flag: unknown = option?.flag;
  if (typeof flag !== 'string' || !flagPattern.test(flag))
    refuse(`options: ${JSON.stringify(flag)} is no flag; write "--name" or "--name <value>"`);
  if (typeof option.help !== 'string') refuse(`options: ${option.flag} has no help`);
  if (option.many === true && !option.flag.includes('<')) refuse(`options: ${option.flag} has no value to give twice`);
}

function checkSamples(samples: readonly unknown[]): void {
  if (samples.some((sample) => typeof sample !== 'string' || sample.trim() === ''))
    refuse('samples must be questions, as text');
}

function checkModels(models: Readonly<Record<string, unknown>>): void {
  for (const [name, model] of Object.entries(models))
    if (typeof (model as Partial<Model> | null)?.stream !== 'function') refuse(`models.${name} is not a model`);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function refuse(why: string): never {
  throw new ValidationError(`This is not an app: ${why}.`, {
    hint: 'An app is defineApp({ agents: [...] }) or defineApp({ workflows: [...] }).',
  });
}
