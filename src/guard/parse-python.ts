/**
 * Facts of a Python file, from its outline and its words.
 */
import type { AliasFacts, FileFacts, ImportFacts, MethodFacts, UnitFacts, UnitKind } from './facts.ts';
import { type Words, word } from './lexer.ts';
import { forwardsTo, isStubBody, readDoc, Sketcher } from './parse-body.ts';
import { readHappenings, readMembers, readWriters, type StateDraft } from './parse-happenings.ts';
import { type Capture, type Outline, outlineOf, type Range, type Scope, spanOf, Whereabouts } from './parse-outline.ts';

/** What the grammar is asked for. */
export const pythonQuery = `
(class_definition body: (block) @body) @class
(function_definition body: (block) @body) @function
(import_statement) @import
(import_from_statement) @import
(ERROR) @error
`;

/** Reads a file of which the grammar captured these. */
export function readPythonFile(words: Words, captures: Capture[]): FileFacts {
  return new PythonFile(words, outlineOf(captures, words.text.length)).facts();
}

/** Bases that say what a class is, not whose it is. */
const abstractBases = new Set(['ABC', 'abc.ABC', 'Protocol', 'typing.Protocol', 'typing_extensions.Protocol']);

class PythonFile {
  readonly #words: Words;
  readonly #sketcher: Sketcher;
  readonly #outline: Outline;
  readonly #aliases: AliasFacts[] = [];
  readonly #state: StateDraft[] = [];
  readonly #ranges: Range[] = [];
  /** Names that `__all__` lists, if there is one. */
  #listed: Set<string> | undefined;

  constructor(words: Words, outline: Outline) {
    this.#words = words;
    this.#sketcher = new Sketcher(words);
    this.#outline = outline;
  }

  facts(): FileFacts {
    const words = this.#words;
    this.#readMargin();
    for (const scope of this.#outline.scopes) {
      const name = this.#rangeName(scope);
      if (name !== undefined) this.#ranges.push({ start: scope.start, end: scope.end, name });
    }
    const imports = this.#imports();
    const drafts = this.#outline.scopes.filter((scope) => scope.what === 'class' || scope.parent?.what === 'file');
    const known = new Set([...imports.map((one) => one.local), ...drafts.map((scope) => this.#nameOf(scope))]);
    known.delete('');
    const units = drafts.map((scope) => this.#unit(scope, known));
    const own = [...units.filter((unit) => unit.outer === undefined), ...this.#aliases].map((one) => one.name);
    const exports = [...new Set([...own.filter((name) => this.#isOffered(name)), ...(this.#listed ?? [])])];
    return {
      lang: 'py',
      lines: words.lines,
      errors: this.#outline.errors,
      isGenerated: false,
      units,
      imports,
      aliases: this.#aliases,
      exports: exports.map((name) => ({ name, local: name })),
      ...readHappenings(words, 'py', known, this.#ranges),
      members: readMembers(words, imports, this.#ranges),
      state: readWriters(words, 'py', this.#state, this.#ranges),
    };
  }

  #isOffered(name: string): boolean {
    return this.#listed?.has(name) ?? !name.startsWith('_');
  }

  /** Module-level assignments: `__all__`, aliases and state. */
  #readMargin(): void {
    const words = this.#words;
    for (let at = 0; at < words.length; at++) {
      if (!words.isName(at) || !words.isAtMargin(at)) continue;
      let equals = at + 1;
      if (words.isSign(equals, ':'))
        while (words.line(words.start(equals)) === words.line(words.start(at)) && !words.isSign(equals, '='))
          equals += 1;
      if (words.at(at) === '__all__' && /^\+?=$/.test(words.at(equals))) this.#readListed(equals + 1);
      else if (words.isSign(equals, '=')) this.#readAssignment(at, equals + 1);
    }
  }

  #readListed(open: number): void {
    const words = this.#words;
    this.#listed ??= new Set();
    if (!words.isSign(open, '[') && !words.isSign(open, '(')) return;
    const close = words.closing(open);
    for (let at = open + 1; at < close; at++) {
      if (words.kind(at) === word.text) this.#listed.add(words.at(at).replaceAll(/^['"]+|['"]+$/g, ''));
    }
  }

  #readAssignment(at: number, value: number): void {
    const words = this.#words;
    const name = words.at(at);
    const line = words.line(words.start(at));
    const first = words.at(value);
    const isAlone =
      value + 1 >= words.length || words.isAtMargin(value + 1) || words.line(words.start(value + 1)) > line;
    if (words.isName(value) && isAlone && !['None', 'True', 'False'].includes(first)) {
      this.#aliases.push({ name, of: first, line });
      return;
    }
    const isExported = !name.startsWith('_');
    this.#state.push({ name, line, holds: this.#held(value), isExported });
  }

  #held(value: number): StateDraft['holds'] {
    const words = this.#words;
    const first = words.at(value);
    if (first === '[') return 'array';
    if (first === '{') return words.isSign(value + 1, '}') || words.isSign(value + 2, ':') ? 'map' : 'set';
    let last = value;
    while (words.isSign(last + 1, '.') && words.isName(last + 2)) last += 2;
    if (!words.isSign(last + 1, '(')) return 'let';
    return heldBy(words.at(last));
  }

  #nameOf(scope: Scope): string {
    const words = this.#words;
    let at = words.firstFrom(scope.start);
    while (words.at(at) === 'async' || words.at(at) === 'class' || words.at(at) === 'def') at += 1;
    return words.at(at);
  }

  #rangeName(scope: Scope): string | undefined {
    const { parent } = scope;
    if (scope.what === 'class') return this.#nameOf(scope);
    if (parent?.what === 'class') return `${this.#nameOf(parent)}.${this.#nameOf(scope)}`;
    return parent?.what === 'file' ? this.#nameOf(scope) : undefined;
  }

  #imports(): ImportFacts[] {
    const words = this.#words;
    const places = new Whereabouts(this.#ranges);
    return this.#outline.imports.flatMap((statement): ImportFacts[] => {
      const span = spanOf(words, statement.start, statement.end);
      const within = places.at(statement.start);
      const from = words.firstFrom(statement.start);
      const last = words.firstFrom(statement.end) - 1;
      const kind = within !== '' ? 'lazy' : this.#isForTypes(statement.start) ? 'type' : 'import';
      const shape = { kind, span, within } as const;
      if (words.at(from) === 'import') return this.#modules(from + 1, last).map((one) => ({ ...shape, ...one }));
      const { specifier, next } = this.#specifier(from + 1);
      return this.#names(next + 1, last).map((one) => ({ ...shape, specifier, ...one }));
    });
  }

  /** Is it under `if TYPE_CHECKING:`, the line before it with less indentation? */
  #isForTypes(start: number): boolean {
    const { text } = this.#words;
    const lineStart = text.lastIndexOf('\n', start - 1) + 1;
    if (start === lineStart) return false;
    const above = text
      .slice(Math.max(0, lineStart - 2_000), lineStart)
      .split('\n')
      .toReversed();
    const owner = above.find((line) => line.trim() !== '' && !/^\s/.test(line));
    return owner !== undefined && /^if\b.*\bTYPE_CHECKING\b/.test(owner);
  }

  #specifier(from: number): { specifier: string; next: number } {
    const words = this.#words;
    let at = from;
    let specifier = '';
    for (; at < words.length && words.at(at) !== 'import'; at++) specifier += words.at(at);
    return { specifier, next: at };
  }

  /** `import a.b as c, d`. */
  #modules(from: number, last: number): { specifier: string; imported: string; local: string }[] {
    const words = this.#words;
    const found: { specifier: string; imported: string; local: string }[] = [];
    for (let at = from; at <= last; at++) {
      let specifier = '';
      while (at <= last && !words.isSign(at, ',') && words.at(at) !== 'as') specifier += words.at(at++);
      if (words.at(at) === 'as') {
        found.push({ specifier, imported: '*', local: words.at(at + 1) });
        at += 2;
      } else found.push({ specifier, imported: '*', local: specifier });
    }
    return found;
  }

  /** Names behind `from x import`. */
  #names(from: number, last: number): { imported: string; local: string }[] {
    const words = this.#words;
    const found: { imported: string; local: string }[] = [];
    for (let at = from; at <= last; at++) {
      if (words.isSign(at, '*')) found.push({ imported: '*', local: '' });
      if (!words.isName(at)) continue;
      const imported = words.at(at);
      if (words.at(at + 1) === 'as') {
        found.push({ imported, local: words.at(at + 2) });
        at += 2;
      } else found.push({ imported, local: imported });
    }
    return found;
  }

  #unit(scope: Scope, known: ReadonlySet<string>): UnitFacts {
    const words = this.#words;
    const name = this.#nameOf(scope);
    const outer = outerName(scope, (one) => this.#nameOf(one));
    const body = scope.body ?? { start: scope.end, end: scope.end };
    const bases = scope.what === 'class' ? this.#bases(scope, body.start) : [];
    const first = words.firstFrom(body.start);
    const told = words.kind(first) === word.text ? words.at(first) : '';
    const { doc, isDeprecated, claimsToBeTheOne } = readDoc(told.replaceAll(/^[rbuRBU]*['"]+|['"]+$/g, ''));
    const methods = scope.what === 'class' ? this.#methods(scope) : [];
    const kind: UnitKind = scope.what === 'class' ? 'class' : 'function';
    return {
      kind,
      name,
      ...(outer === undefined ? {} : { outer }),
      span: spanOf(words, scope.start, scope.end),
      isExported: outer === undefined && this.#isOffered(name),
      isAbstract:
        bases.some((base) => abstractBases.has(base)) || /@(?:abc\.)?abstractmethod/.test(this.#headOf(scope)),
      bases: bases.filter((base) => !abstractBases.has(base)),
      implements: [],
      methods,
      fields: scope.what === 'class' ? this.#fields(scope, body) : [],
      params: this.#paramsOf(scope),
      isDeprecated: isDeprecated || this.#warnsOfItself(scope),
      claimsToBeTheOne,
      doc,
      ...this.#sketcher.sketch(body.start, scope.end),
      uses: this.#uses(scope, name, known),
    };
  }

  #headOf(scope: Scope): string {
    return scope.what === 'class' ? this.#words.text.slice(scope.start, scope.end) : '';
  }

  /** `@deprecated` above it, or a DeprecationWarning where it is made. */
  #warnsOfItself(scope: Scope): boolean {
    const { text } = this.#words;
    const above = text.slice(Math.max(0, scope.start - 300), scope.start);
    if (/(?:^|\n)[ \t]*@(?:\w+\.)*deprecated\b[^\n]*\n(?:[ \t]*[@)\w'"][^\n]*\n)*[ \t]*$/.test(above)) return true;
    const made = scope.what === 'class' ? this.#member(scope, '__init__') : scope;
    return (
      made !== undefined &&
      /\bwarn\w*\(/.test(text.slice(made.start, made.end)) &&
      /\b(?:Pending)?DeprecationWarning\b/.test(text.slice(made.start, made.end))
    );
  }

  #member(scope: Scope, name: string): Scope | undefined {
    return scope.children.find((child) => child.what === 'function' && this.#nameOf(child) === name);
  }

  #bases(scope: Scope, end: number): string[] {
    const words = this.#words;
    const open = words.firstFrom(scope.start) + 2;
    if (!words.isSign(open, '(') || words.start(open) >= end) return [];
    const close = words.closing(open);
    const bases: string[] = [];
    for (let at = open + 1; at < close; at++) {
      let base = '';
      while (at < close && (words.isName(at) || words.isSign(at, '.'))) base += words.at(at++);
      if (words.isSign(at, '[')) at = words.closing(at) + 1;
      const isKeyword = words.isSign(at, '=');
      at = argumentEnd(words, at, close);
      if (base !== '' && !isKeyword && base !== 'object') bases.push(base);
    }
    return bases;
  }

  #methods(scope: Scope): MethodFacts[] {
    const methods = new Map<string, MethodFacts>();
    for (const child of scope.children) {
      if (child.what !== 'function') continue;
      const name = this.#nameOf(child);
      if (/^__\w+__$/.test(name) && name !== '__call__') continue;
      const body = child.body ?? { start: child.end, end: child.end };
      const delegatesTo = forwardsTo(this.#words, body.start, child.end);
      methods.set(name, {
        name,
        line: this.#words.line(child.start),
        params: this.#paramsOf(child).length,
        isAsync: this.#words.at(this.#words.firstFrom(child.start)) === 'async',
        isPrivate: name.startsWith('_') && name !== '__call__',
        ...(delegatesTo === undefined ? {} : { delegatesTo }),
        isStub: isStubBody(this.#words, body.start, child.end),
      });
    }
    return [...methods.values()];
  }

  /** Class-level assignments and annotations, and what methods put on `self`. */
  #fields(scope: Scope, body: { readonly start: number }): string[] {
    const words = this.#words;
    const fields = new Set<string>();
    const indent = this.#indentOf(body.start);
    for (let at = words.firstFrom(body.start); at < words.length && words.start(at) < scope.end; at++) {
      if (!words.isName(at)) continue;
      if (words.at(at) === 'self' && words.isSign(at + 1, '.') && /^[=:]$/.test(words.at(at + 3)))
        fields.add(words.at(at + 2));
      else if (/^[=:]$/.test(words.at(at + 1)) && this.#indentOf(words.start(at)) === indent) fields.add(words.at(at));
    }
    return [...fields];
  }

  /** Characters before the first word of its line, or -1 if it is not the first. */
  #indentOf(offset: number): number {
    const { text } = this.#words;
    const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
    return text.slice(lineStart, offset).trim() === '' ? offset - lineStart : -1;
  }

  #paramsOf(scope: Scope): string[] {
    const made = scope.what === 'class' ? this.#member(scope, '__init__') : scope;
    if (made === undefined) return [];
    const words = this.#words;
    let open = words.firstFrom(made.start);
    while (open < words.length && !words.isSign(open, '(')) open += 1;
    const close = words.closing(open);
    const names: string[] = [];
    let depth = 0;
    for (let at = open + 1; at < close; at++) {
      const text = words.at(at);
      if ('([{'.includes(text)) depth += 1;
      else if (')]}'.includes(text)) depth -= 1;
      else if (depth === 0 && isParam(words, at)) names.push(text);
    }
    return names;
  }

  #uses(scope: Scope, own: string, known: ReadonlySet<string>): string[] {
    const words = this.#words;
    const used = new Set<string>();
    for (let at = words.firstFrom(scope.start); at < words.length && words.start(at) < scope.end; at++) {
      if (!words.isName(at) || words.isSign(at - 1, '.')) continue;
      const text = words.at(at);
      if (text !== own && known.has(text)) used.add(text);
    }
    return [...used].toSorted();
  }
}

/** The comma behind an argument, or the bracket that closes. */
function argumentEnd(words: Words, from: number, close: number): number {
  let at = from;
  while (at < close && !words.isSign(at, ',')) at = words.isSign(at, '(') ? words.closing(at) + 1 : at + 1;
  return at;
}

/** A name that begins a parameter, other than the one for the object or class itself. */
function isParam(words: Words, at: number): boolean {
  const name = words.at(at);
  return words.isName(at) && /^(?:\(|,|\*)$/.test(words.at(at - 1)) && name !== 'self' && name !== 'cls';
}

function outerName(scope: Scope, nameOf: (scope: Scope) => string): string | undefined {
  const names: string[] = [];
  for (let at = scope.parent; at !== undefined && at.what !== 'file'; at = at.parent) names.unshift(nameOf(at));
  return names.length === 0 ? undefined : names.join('.');
}

/** What a call of this name gives. */
function heldBy(made: string): StateDraft['holds'] {
  if (/^(?:dict|defaultdict|OrderedDict|Counter|WeakValueDictionary|WeakKeyDictionary)$/.test(made)) return 'map';
  if (made === 'set' || made === 'WeakSet') return 'set';
  if (made === 'list' || made === 'deque') return 'array';
  return /^_*[A-Z]/.test(made) ? 'instance' : 'let';
}
