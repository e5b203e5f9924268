/**
 * What happens in a file, told from its words: what is constructed, which variables hold what and which methods are
 * called on them, and where module-level variables are written to.
 */
import type { ConstructionFacts, ImportFacts, Lang, MemberFacts, ModuleStateFacts, UseFacts } from './facts.ts';
import type { Words } from './lexer.ts';
import { type Range, Whereabouts } from './parse-outline.ts';

export type Happenings = { readonly constructions: ConstructionFacts[]; readonly uses: UseFacts[] };

type Call = { readonly receiver: string; readonly method: string; readonly index: number; readonly within: string };

/** Bindings kept of one class in one file, and calls: enough to compare, and a bound for generated code. */
const bindingsMax = 200;
const callsMax = 400;

/**
 * @param known names that the file imports or defines at module level: only values of those are followed.
 * @param ranges units and methods, to say where something happens.
 */
export function readHappenings(
  words: Words,
  lang: Lang,
  known: ReadonlySet<string>,
  ranges: readonly Range[],
): Happenings {
  const places = new Whereabouts(ranges);
  const constructions: ConstructionFacts[] = [];
  /** Class to variable to how often. */
  const bound = new Map<string, Map<string, number>>();
  const calls: Call[] = [];
  for (let index = 0; index < words.length; index++) {
    if (!words.isName(index)) continue;
    const construction = constructionAt(words, index, lang, known);
    if (construction !== undefined) {
      const start = words.start(index);
      constructions.push({ name: construction, start, line: words.line(start), within: places.at(start) });
    }
    const binding = bindingAt(words, index, known);
    if (binding !== undefined) {
      const names = bound.get(binding.of) ?? new Map<string, number>();
      names.set(binding.name, (names.get(binding.name) ?? 0) + 1);
      if (names.size <= bindingsMax) bound.set(binding.of, names);
    }
    if (isDot(words, index + 1) && words.isName(index + 2) && opensCall(words, index + 3)) {
      const within = places.at(words.start(index));
      calls.push({ receiver: words.at(index), method: words.at(index + 2), index: index + 2, within });
    }
  }
  return { constructions, uses: usesOf(words, bound, calls) };
}

function isDot(words: Words, index: number): boolean {
  return words.isSign(index, '.') || words.isSign(index, '?.');
}

function opensCall(words: Words, index: number): boolean {
  return words.isSign(index, '(') || words.isSign(index, '<') || words.isSign(index, '?.');
}

function isCapital(text: string): boolean {
  const code = text.charCodeAt(0);
  return code >= 65 && code <= 90;
}

/** The name that is constructed by the word at `index`, with the module before it if there is one. */
function constructionAt(words: Words, index: number, lang: Lang, known: ReadonlySet<string>): string | undefined {
  if (lang !== 'py') {
    if (words.at(index) !== 'new' || !words.isName(index + 1)) return undefined;
    let name = words.at(index + 1);
    for (let at = index + 2; isDot(words, at) && words.isName(at + 1); at += 2) name += `.${words.at(at + 1)}`;
    return name;
  }
  return words.isSign(index + 1, '(') ? madeByCall(words, index, known) : undefined;
}

/** In Python a call of what is called like a class. */
function madeByCall(words: Words, index: number, known: ReadonlySet<string>): string | undefined {
  const name = words.at(index);
  const before = words.at(index - 1);
  if (before === 'class' || before === 'def') return undefined;
  const last = name.replace(/^_+/, '');
  if (!isCapital(last)) return undefined;
  if (before !== '.') return known.has(name) ? name : undefined;
  const module = words.at(index - 2);
  return known.has(module) ? `${module}.${name}` : undefined;
}

/** `x: X`, `x = X(`, `x = new X`, `x = createX(`: what the variable at `index` holds, if it is known. */
function bindingAt(
  words: Words,
  index: number,
  known: ReadonlySet<string>,
): { readonly name: string; readonly of: string } | undefined {
  let at = index + 1;
  if (words.isSign(at, '?')) at += 1;
  if (words.isSign(at, ':')) {
    const of = annotated(words, at + 1);
    return known.has(of) && isCapital(of) ? { name: words.at(index), of } : undefined;
  }
  if (!words.isSign(at, '=')) return undefined;
  at += 1;
  while (words.at(at) === 'await' || words.at(at) === 'new') at += 1;
  const of = words.at(at);
  if (!known.has(of)) return undefined;
  return words.isSign(at + 1, '(') || words.isSign(at + 1, '<') ? { name: words.at(index), of } : undefined;
}

const wrappers = new Set(['Optional', 'Type', 'Annotated', 'readonly', '[', 'Promise', '<', 'Awaited']);

/** The class an annotation names, behind `Optional[`, a quote or a `readonly`. */
function annotated(words: Words, from: number): string {
  let at = from;
  while (wrappers.has(words.at(at))) at += 1;
  const text = words.at(at);
  return text.startsWith('"') || text.startsWith("'") ? text.slice(1, -1) : text;
}

function usesOf(
  words: Words,
  bound: ReadonlyMap<string, ReadonlyMap<string, number>>,
  calls: readonly Call[],
): UseFacts[] {
  const byReceiver = Map.groupBy(calls, (call) => call.receiver);
  const uses: UseFacts[] = [];
  for (const [name, bindings] of bound) {
    const receivers = new Set([...bindings.keys(), name]);
    const called = [...receivers].flatMap((receiver) => byReceiver.get(receiver) ?? []).slice(0, callsMax);
    uses.push({
      name,
      bindings: [...bindings].map(([binding, count]) => ({ name: binding, count })),
      calls: called
        .toSorted((a, b) => a.index - b.index)
        .map((call) => {
          const start = words.start(call.index);
          return { method: call.method, line: words.line(start), start, within: call.within };
        }),
    });
  }
  return uses;
}

/** What is taken of the modules that these imports bring; in Python `from app import old` may bring one too. */
export function readMembers(words: Words, imports: readonly ImportFacts[], ranges: readonly Range[]): MemberFacts[] {
  const places = new Whereabouts(ranges);
  const modules = modulesByFirstPart(imports);
  const found = new Map<string, MemberFacts>();
  for (let at = 0; at < words.length && modules.size > 0; at++) {
    const named = words.isName(at) ? modules.get(words.at(at)) : undefined;
    // `from old.deep import x` names modules, and takes nothing of `old` here.
    if (named === undefined || isDot(words, at - 1) || /^(?:from|import)$/.test(words.at(at - 1))) continue;
    for (const parts of named) {
      const dot = at + parts.length * 2 - 1;
      const isWhole = parts.every((part, index) => words.at(at + index * 2) === part);
      if (!isWhole || !isDot(words, dot) || !words.isName(dot + 1)) continue;
      const start = words.start(dot + 1);
      const [module, name, within] = [parts.join('.'), words.at(dot + 1), places.at(start)];
      const key = `${module} ${name} ${within}`;
      if (!found.has(key)) found.set(key, { module, name, line: words.line(start), within });
    }
  }
  return [...found.values()];
}

function modulesByFirstPart(imports: readonly ImportFacts[]): ReadonlyMap<string, readonly string[][]> {
  const locals = imports.filter(isModuleName).map(({ local }) => local);
  return Map.groupBy(
    [...new Set(locals)].map((local) => local.split('.')),
    ([first = '']) => first,
  );
}

function isModuleName({ imported, local, kind }: ImportFacts): boolean {
  if (local === '' || kind === 'reexport') return false;
  return imported === '*' || /^[a-z_][a-z0-9_]*$/.test(imported);
}

/** A module-level variable that can hold something, before its writers are known. */
export type StateDraft = Omit<ModuleStateFacts, 'writers'>;

const mutators = new Set(
  (
    'set add push pop shift unshift splice delete clear fill sort reverse append extend insert remove update setdefault ' +
    'popitem discard appendleft popleft put enqueue'
  ).split(' '),
);

/** Finds where functions write to these variables. One that hides the name with a variable of its own is left out. */
export function readWriters(
  words: Words,
  lang: Lang,
  drafts: readonly StateDraft[],
  ranges: readonly Range[],
): ModuleStateFacts[] {
  const wanted = new Map(
    drafts.map((draft) => [draft.name, { draft, writers: [] as { within: string; line: number }[] }]),
  );
  if (wanted.size === 0) return [];
  const places = new Whereabouts(ranges);
  for (let index = 0; index < words.length; index++) {
    if (!words.isName(index)) continue;
    const state = wanted.get(words.at(index));
    if (state === undefined) continue;
    const range = places.rangeAt(words.start(index));
    if (range === undefined || isDot(words, index - 1) || !isWrite(words, index, state.draft.holds)) continue;
    if (!isHidden(words, range, state.draft.name, lang)) {
      state.writers.push({ within: range.name, line: words.line(words.start(index)) });
    }
  }
  return [...wanted.values()].flatMap(({ draft, writers }) =>
    draft.holds === 'let' && writers.length === 0 ? [] : [{ ...draft, writers }],
  );
}

const assigns = new Set(['=', '+=', '-=', '*=', '/=', '??=', '||=', '&&=', '++', '--', '|=', '&=']);

function isWrite(words: Words, index: number, holds: ModuleStateFacts['holds']): boolean {
  const next = words.at(index + 1);
  const before = words.at(index - 1);
  if (next === '.' && before !== 'delete' && before !== 'del') return isMemberWrite(words, index, holds);
  if (assigns.has(next) || before === '++' || before === '--') return true;
  if (before === 'delete' || before === 'del') return next === '[' || next === '.';
  return next === '[' && assigns.has(words.at(words.closing(index + 1) + 1));
}

function isMemberWrite(words: Words, index: number, holds: ModuleStateFacts['holds']): boolean {
  if (!words.isName(index + 2)) return false;
  if (words.isSign(index + 3, '(')) return holds !== 'let' && holds !== 'instance' && mutators.has(words.at(index + 2));
  return assigns.has(words.at(index + 3));
}

/** Does the function have a variable or parameter of that name? In Python an assignment makes one unless it says `global`. */
function isHidden(words: Words, range: Range, name: string, lang: Lang): boolean {
  let declared = false;
  let inParams = true;
  for (let at = words.firstFrom(range.start); at < words.length && words.start(at) < range.end; at++) {
    if (words.isSign(at, '{') || words.isSign(at, '=>') || words.isSign(at, '->')) inParams = false;
    if (!words.isName(at) || words.at(at) !== name) continue;
    if (words.at(at - 1) === 'global' || words.at(at - 1) === 'nonlocal') return false;
    declared ||= isDeclared(words, at, inParams, lang);
  }
  return declared;
}

/** Does the name at `at` make a variable of its own? */
function isDeclared(words: Words, at: number, inParams: boolean, lang: Lang): boolean {
  const before = words.at(at - 1);
  if (['const', 'let', 'var', 'for', 'as'].includes(before)) return true;
  if (lang === 'py' && words.isSign(at + 1, '=') && !/^[.(,]$/.test(before)) return true;
  return inParams && (before === '(' || before === ',') && /^[:,)=?]$/.test(words.at(at + 1));
}
