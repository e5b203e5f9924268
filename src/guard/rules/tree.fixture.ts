/** Trees for tests of rules, without files and without a parser. */
import type { LinkedImport, SourceFile, SourceTree, Unit, Zone } from '../concept.ts';
import type { GuardConfig } from '../config.ts';
import type { ConstructionFacts, MemberFacts, ModuleStateFacts } from '../facts.ts';
import type { RuleInput } from './rule.ts';

export type TestFile = {
  readonly zone?: Zone;
  /** Names of classes, or units with what is said of them. */
  readonly units?: readonly (string | (Partial<Unit> & { readonly name: string }))[];
  readonly imports?: readonly Partial<LinkedImport>[];
  readonly constructions?: readonly Partial<ConstructionFacts>[];
  /** What names of the file mean, besides its own units. */
  readonly names?: Readonly<Record<string, string>>;
  /** Methods called on what a name of the file stands for. */
  readonly uses?: readonly { readonly name: string; readonly calls: readonly string[] }[];
  /** What it takes of modules that it imports whole: `m.Name` of the local name `m`. */
  readonly members?: readonly (Partial<MemberFacts> & { readonly module: string; readonly name: string })[];
  readonly state?: readonly (Partial<ModuleStateFacts> & { readonly name: string })[];
};

const span = { start: 0, end: 0, line: 1, endLine: 1 };

export function testUnit(path: string, given: Partial<Unit> & { readonly name: string }): Unit {
  return {
    id: `${path}#${given.name}`,
    path,
    lang: path.endsWith('.py') ? 'py' : 'ts',
    zone: 'prod',
    deployable: '',
    ancestors: [],
    kind: 'class',
    span,
    isExported: true,
    isAbstract: false,
    bases: [],
    implements: [],
    methods: [],
    fields: [],
    params: [],
    isDeprecated: false,
    claimsToBeTheOne: false,
    doc: '',
    body: new Uint32Array(),
    grams: 0,
    terms: new Uint32Array(),
    termCount: 0,
    tokens: 0,
    uses: [],
    ...given,
  };
}

export function testTree(files: Readonly<Record<string, TestFile>>): SourceTree {
  const units = new Map<string, Unit>();
  const all = new Map<string, SourceFile>();
  for (const [path, file] of Object.entries(files)) {
    const zone = file.zone ?? 'prod';
    const own = (file.units ?? []).map((unit) =>
      testUnit(path, { zone, ...(typeof unit === 'string' ? { name: unit } : unit) }),
    );
    for (const unit of own) units.set(unit.id, unit);
    all.set(path, sourceFile(path, file, own));
  }
  return { root: '/nowhere', files: all, units };
}

function sourceFile(path: string, file: TestFile, units: readonly Unit[]): SourceFile {
  const imports = (file.imports ?? []).map((given): LinkedImport => ({
    kind: 'import',
    specifier: './x.ts',
    imported: 'X',
    local: given.imported ?? 'X',
    span,
    within: '',
    ...given,
  }));
  return {
    path,
    zone: file.zone ?? 'prod',
    deployable: '',
    imports,
    names: new Map([...units.map(({ name, id }) => [name, id] as const), ...Object.entries(file.names ?? {})]),
    facts: {
      lang: path.endsWith('.py') ? 'py' : 'ts',
      lines: 1,
      errors: 0,
      isGenerated: false,
      units,
      imports,
      aliases: [],
      exports: [],
      constructions: (file.constructions ?? []).map((given) => ({
        name: 'X',
        line: 1,
        start: 0,
        within: '',
        ...given,
      })),
      uses: (file.uses ?? []).map(({ name, calls }) => ({
        name,
        bindings: [],
        calls: calls.map((method) => ({ method, line: 1, start: 0, within: '' })),
      })),
      members: (file.members ?? []).map((given) => ({ line: 1, within: '', ...given })),
      state: (file.state ?? []).map((given) => ({ line: 1, holds: 'map', isExported: false, writers: [], ...given })),
    },
  };
}

export function ruleInput(
  files: Readonly<Record<string, TestFile>>,
  config: GuardConfig,
  more: Partial<RuleInput> = {},
): RuleInput {
  return { config, tree: testTree(files), edges: [], paths: Object.keys(files), today: '2026-11-22', ...more };
}
