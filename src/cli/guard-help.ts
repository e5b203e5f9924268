/** What the guard's commands say of themselves. docs/guard.md says the same. */
import { wrap } from '../core/plain-text.ts';

const groups = {
  find: 'Find:',
  decide: 'Decide:',
  hold: 'Keep it so:',
  move: 'Move to the one:',
  before: 'Before the second one is written:',
} as const;

type VerbHelp = {
  readonly group: string;
  /** It is meant where no command is named. */
  readonly isDefault?: true;
  /** In one sentence. */
  readonly does: string;
  /** Its arguments and what they are. */
  readonly takes?: readonly (readonly [string, string])[];
  /** Command lines that a person would type. */
  readonly tries: readonly string[];
  readonly exits: string;
};

/** What each code means for one command; 2 means the same for all. */
type Exits = { readonly 0: string; readonly 1?: string; readonly 3?: string };

function exitsOf({ 0: done, 1: violations, 3: unread = 'something could not be read' }: Exits): string {
  const parts = [
    `0 ${done}`,
    ...(violations === undefined ? [] : [`1 ${violations}`]),
    '2 wrong command or configuration',
    `3 ${unread}`,
  ];
  return wrap(`Exit codes: ${parts.join(', ')}.`, 80).join('\n');
}

/** What all of them end with. */
export const guardExitText = `Exit codes: 0 clean, 1 violations, 2 wrong command or configuration, 3 something
could not be read. For one command: cantus guard COMMAND --help`;

const concept = ['<concept>', 'its id, as `scan` tells it'] as const;
const declared = ['<concept>', 'its id in guard.json'] as const;

const verbs = {
  scan: {
    group: groups.find,
    isDefault: true,
    does: 'tell which concepts have more than one implementation, the worst first',
    tries: ['cantus guard scan', 'cantus guard scan --all --json'],
    exits: exitsOf({ 0: 'told; what is merely found fails nothing' }),
  },
  explain: {
    group: groups.find,
    does: 'tell why these belong together, and which of them could stay',
    takes: [['<concept>', 'its id or name, or the name of one of its implementations']],
    tries: ['cantus guard explain execution-engine'],
    exits: exitsOf({ 0: 'told' }),
  },
  ask: {
    group: groups.find,
    does: 'tell whether something like this exists already',
    takes: [['<words...>', 'what it would be called, as "rate limiter"']],
    tries: ['cantus guard ask rate limiter'],
    exits: exitsOf({ 0: 'told, also that there is none' }),
  },
  init: {
    group: groups.decide,
    does: 'write a first guard.json, which fails nothing yet',
    tries: ['cantus guard init'],
    exits: exitsOf({ 0: 'written' }),
  },
  decide: {
    group: groups.decide,
    does: 'declare the one implementation of a concept, in guard.json',
    takes: [
      ['<concept>', 'its id, as `scan` tells it, or a new one'],
      ['<unit>', 'the one that stays: its name, or PATH#NAME'],
    ],
    tries: [
      'cantus guard decide execution-engine UserEngine',
      'cantus guard decide execution-engine src/engine.ts#Engine',
    ],
    exits: exitsOf({ 0: 'written' }),
  },
  dismiss: {
    group: groups.decide,
    does: 'say in guard.json that these are no rivals, until another one joins them',
    takes: [concept],
    tries: ['cantus guard dismiss redis-service --why "two services, deployed apart"'],
    exits: exitsOf({ 0: 'written' }),
  },
  check: {
    group: groups.hold,
    does: 'hold the code base to guard.json and its baseline; for CI',
    tries: ['cantus guard check', 'cantus guard check --format github --sarif guard.sarif'],
    exits: exitsOf({ 0: 'clean', 1: 'violations' }),
  },
  list: {
    group: groups.hold,
    isDefault: true,
    does: 'tell what the baseline holds, and why',
    tries: ['cantus guard baseline list'],
    exits: exitsOf({ 0: 'told' }),
  },
  accept: {
    group: groups.hold,
    does: 'take what fails now into the baseline',
    takes: [['[concept]', 'its id in guard.json (default: all that fails)']],
    tries: ['cantus guard baseline accept execution-engine --why "moves until May"'],
    exits: exitsOf({ 0: 'written' }),
  },
  prune: {
    group: groups.hold,
    does: 'take out of the baseline what is found no more',
    tries: ['cantus guard baseline prune'],
    exits: exitsOf({ 0: 'written' }),
  },
  todo: {
    group: groups.move,
    does: 'tell what still uses another implementation, and what it calls',
    takes: [declared],
    tries: ['cantus guard todo execution-engine'],
    exits: exitsOf({ 0: 'told' }),
  },
  fix: {
    group: groups.move,
    does: 'move users of the others to the one that stays: shows a diff, and writes with --write',
    takes: [declared],
    tries: ['cantus guard fix execution-engine', 'cantus guard fix execution-engine --write --remove'],
    exits: exitsOf({ 0: 'shown or written; what was left alone is told' }),
  },
  verify: {
    group: groups.move,
    does: "run the project's own checks before and after a fix, or what is not committed, in a tree of their own",
    takes: [['[concept]', 'whose fix (default: what is changed here and not committed)']],
    tries: ['cantus guard verify execution-engine', 'cantus guard verify --run "npm test"'],
    exits: exitsOf({ 0: 'nothing newly fails', 1: 'something does', 3: "it can't be told" }),
  },
  'emit-tests': {
    group: groups.move,
    does: 'print a test for each declared concept, which fails until there is one',
    tries: [
      'cantus guard emit-tests --style vitest > test/one.test.ts',
      'cantus guard emit-tests --style pytest --prove',
    ],
    exits: exitsOf({
      0: 'printed, or shown to fail now and pass when it is done',
      1: 'a test does not tell the two apart',
      3: "the second half can't be shown",
    }),
  },
  progress: {
    group: groups.move,
    does: 'tell how far it has come, over the history that git has',
    tries: ['cantus guard progress --since 30d', 'cantus guard progress --html progress.html'],
    exits: exitsOf({ 0: 'told' }),
  },
  hook: {
    group: groups.before,
    does: 'tell what a diff on stdin adds that exists already',
    tries: ['git diff --cached | cantus guard hook'],
    exits: exitsOf({ 0: 'nothing, or only advice', 1: 'of a declared concept, or certain' }),
  },
  watch: {
    group: groups.before,
    does: 'tell of each change, as it is written, what it adds that exists already',
    tries: ['cantus guard watch'],
    exits: exitsOf({ 0: 'stopped, by Ctrl-C' }),
  },
  mcp: {
    group: groups.before,
    does: 'serve an agent over MCP on stdin and stdout: it may look, and decide nothing',
    tries: ['cantus guard mcp'],
    exits: exitsOf({ 0: 'the agent went away' }),
  },
} as const satisfies Readonly<Record<string, VerbHelp>>;

export type GuardVerb = keyof typeof verbs;

/** Every command of the guard. */
export const guardVerbs: Readonly<Record<GuardVerb, VerbHelp>> = verbs;
