/**
 * What words in names say. The one table of them, each list with its reason; a configuration adds to it.
 */
import type { ScanOptions } from './concept.ts';

const list = (text: string): ReadonlySet<string> => new Set(text.split(' '));

export type Vocabulary = {
  /** Says that it is another of the same, and nothing about what it does. Ignored wherever it stands. */
  readonly vacuous: ReadonlySet<string>;
  /** Says for whom or how one is made; ignored at the front only, for further back it is the subject. */
  readonly scope: ReadonlySet<string>;
  /** Kinds of things. Never the whole of a core: a BackupManager is no Manager. */
  readonly roles: ReadonlySet<string>;
  /** Roles that people use for one another, by role. */
  readonly roleGroup: ReadonlyMap<string, string>;
};

const vacuous = list(
  'enhanced unified consolidated optimized optimised legacy new old improved advanced modern refactored rewritten ' +
    'simplified fixed final better real actual ssot canonical impl implementation compat ultimate smart next alt copy ' +
    'experimental proper updated revised original standard default generic core simple main robust resilient turbo ex extended reliable safe fast lightweight lite complete comprehensive ' +
    'hardened streamlined modular flexible custom plus pro super integrated centralized centralised central primary master ' +
    'universal hybrid optimal clean stable working final2 bis second',
);
/** Of these, what says of a function that it came after another; `safe`, `default` or `custom` make another function. */
export const replacing = list(
  'enhanced unified consolidated optimized optimised legacy new old improved advanced modern refactored rewritten ' +
    'simplified fixed better ssot canonical impl implementation ultimate alt copy experimental updated revised robust ' +
    'resilient turbo hardened streamlined centralized centralised final2 bis',
);

/** Do the words in which two names differ say that one came after the other? `safeParse` is another thing than `parse`. */
export function isReplacement(a: readonly string[], b: readonly string[]): boolean {
  const differing = [...a, ...b].filter((word) => !(a.includes(word) && b.includes(word)));
  return differing.every((word) => replacing.has(word) || /^v\d+$/.test(word));
}

/** The same, for words of files. */
export const vacuousWords = vacuous;

const scope = list(
  'user request requestscoped scoped isolated session async sync shared global local tenant per ' +
    'thread singleton managed common app application internal production prod',
);

/** Groups of roles that mean the same beside one subject. */
const roleGroups: readonly string[] = [
  'manager handler service engine coordinator orchestrator processor',
  'validator checker analyzer analyser verifier inspector',
  'emitter notifier publisher broadcaster dispatcher sender',
  'factory builder provider creator maker',
  'store repository storage dao repo registry cache',
  'client api connector gateway',
  'executor runner worker',
  'logger tracer recorder',
  'parser reader loader decoder',
  'formatter renderer printer serializer',
  'tracker monitor watcher observer',
  'scheduler queue planner',
  'limiter throttler throttle',
];
const furtherRoles = list(
  'adapter bridge context session pool server middleware guard agent tool model config settings helper util utils ' +
    'controller router exporter importer collector calculator resolver transformer converter mapper listener subscriber consumer producer ' +
    'strategy policy node component view page form breaker bus hub channel transport stream buffer base interface',
);

/** Layers above each other: one subject has one of each. */
export const layers: readonly string[] = [
  'controller',
  'router',
  'service',
  'repository',
  'dao',
  'view',
  'model',
  'presenter',
  'resolver',
];

/** A stand-in for tests, or for when there is nothing. */
export const doubles = list('mock fake stub dummy spy noop null inmemory test testing nop');

/** Something that others are made from. */
export const baseWords = list('base abstract protocol interface mixin generic');

/** Functions that a framework, a runner or a command line looks for by their name, in each file or module. */
export const conventions = list(
  'main run default loader action clientLoader clientAction meta links headers ErrorBoundary HydrateFallback ' +
    'getServerSideProps getStaticProps getStaticPaths generateMetadata generateStaticParams GET POST PUT PATCH DELETE HEAD ' +
    'OPTIONS middleware register setup teardown activate deactivate upgrade downgrade up down handler handle reducer ' +
    'parse_args parseArgs execute init configure command Page Layout page layout index app create_app createApp ' +
    'parseCliArgs parse_cli_args parseOptions parse_options parseArguments parse_arguments console_entry ' +
    'get_parser build_parser add_arguments lifespan includeme load_tests pytest_configure entrypoint bootstrap',
);

/** Passes on to what does the work. */
export const adapters = list('adapter bridge shim wrapper proxy facade decorator');

/** Where code runs: one of each, side by side. */
export const platforms = list(
  'node browser workerd web deno bun edge native ios android win32 win windows linux darwin mac macos posix unix shims ' +
    'electron cloudflare wasm react-native nodejs client server asyncio trio curio anyio gevent eventlet uvloop twisted sync _sync async _async',
);

/** Data, not behaviour: two of a name are told apart by what they hold. */
export const dataRoles = list('error exception warning dto vo enum');

/** Types that go with one function or component, and are called alike everywhere. */
export const localTypes = list(
  'props options opts params args state config input output request response result context row payload',
);

/** Folders whose members stand side by side on purpose. */
export const families = list(
  'providers provider adapters drivers backends plugins plugin integrations connectors nodes channels strategies locales ' +
    'extensions vendors transports engines packages apps services modules components features themes platforms dialects ' +
    'commands handlers tools loaders exporters importers agents models stores pages routes views',
);

/** Whose product or which backend: one of each, side by side. */
export const vendors = list(
  'chromadb chroma qdrant pinecone weaviate milvus faiss redis postgres postgresql mysql sqlite mongodb mongo neo4j kuzu ' +
    'falkor falkordb neptune elasticsearch opensearch openai anthropic gemini google vertex azure aws gcp bedrock mistral ' +
    'cohere ollama groq slack discord telegram teams whatsapp github gitlab bitbucket jira linear notion stripe paypal s3 gcs ' +
    'gmail outlook react vue svelte angular solid express fastify koa hono flask django fastapi kafka rabbitmq nats sqs',
);

/** Words of paths that say that what is meant lies in another language or process. */
export const bindings = list('native bridge binding bindings ffi napi wire');

/** Where requests come in. */
export const entries =
  /(?:^|\/)(?:routes?|routers?|endpoints?|controllers?|webhooks?)(?:\/|\.py$)|_(?:router|routes|endpoints|controller|webhook|server)\.py$/;

/** Words of folders that say "another of the same", as `vacuous` does of names. */
export const replacedFolders =
  /^(?:v\d+|legacy|old|new|core|enhanced|unified|deprecated|compat|common|shared|utils?|lib|helpers?|internal|next|refactored|experimental|impl)$/;

/** Methods that every store, manager or lifecycle has. */
export const plainMethods = list(
  'get set has add put list all create update delete remove find save load close open start stop init initialize setup ' +
    'dispose destroy clear reset size count length name id type run execute call handle process invoke tostring tojson ' +
    'to_dict from_dict keys values entries items on off emit connect disconnect read write render validate parse build next',
);

/** Words that join others and say nothing by themselves: `placeOf` is a name of one word. */
export const links = list('of for to from by in on at with as is and or the a if');

/** Verbs that mean one thing in the name of a method. */
const verbGroups: readonly string[] = [
  'emit notify send publish broadcast dispatch',
  'get fetch load find retrieve read lookup',
  'create make build new construct generate',
  'run execute process handle perform invoke',
  'delete remove drop destroy discard',
  'add register append insert push',
  'update modify patch change',
  'validate check verify ensure assert',
  'start begin launch',
  'stop halt end terminate shutdown',
  'close dispose cleanup teardown',
  'init initialize initialise setup',
  'save store persist write put',
  'compute calculate calc',
  'is has',
  'format render',
];

const verbs = new Map(
  verbGroups.flatMap((group) => group.split(' ').map((verb) => [verb, group.split(' ')[0] ?? verb])),
);

/** The built-in words and those of a configuration. */
export function vocabularyOf(own: ScanOptions['vocabulary'] = {}): Vocabulary {
  const groups = [
    ...roleGroups.map((group) => group.split(' ')),
    ...(own.roles ?? []).map((group) => group.map(lower)),
  ];
  return {
    vacuous: new Set([...vacuous, ...(own.vacuous ?? []).map(lower)]),
    scope: new Set([...scope, ...(own.scope ?? []).map(lower)]),
    roles: new Set([...groups.flat(), ...furtherRoles]),
    // A group of a configuration comes later and wins.
    roleGroup: new Map(groups.flatMap((group) => group.map((role) => [role, group[0] ?? role]))),
  };
}

function lower(text: string): string {
  return text.toLowerCase();
}

/** `HTTPServerV2` as `http server v2`, `get_db_session` as `get db session`. */
export function wordsOf(name: string): string[] {
  const parts = name.match(/[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+/g) ?? [name];
  return parts.map((part) => part.toLowerCase());
}

/** A method's name with its verb made plain: `fetchUser` and `get_user` are one. */
export function plainMethod(name: string): string {
  const [verb = '', ...rest] = wordsOf(name);
  return [verbs.get(verb) ?? verb, ...rest].join(' ');
}
