/**
 * Facts of a TypeScript or JavaScript file, from its outline and its words.
 */
import type { AliasFacts, FileFacts, Lang, MethodFacts, UnitFacts, UnitKind } from './facts.ts';
import { readWords, type Words, word } from './lexer.ts';
import { forwardsTo, isStubBody, readDoc, sketch } from './parse-body.ts';
import { readHappenings, readWriters, type StateDraft } from './parse-happenings.ts';
import { type Capture, type Outline, outlineOf, type Range, type Scope, spanOf } from './parse-outline.ts';
import { readExports, readScriptImports } from './parse-script-imports.ts';

/** What the grammar is asked for. `%FIELD%` differs between the grammars. */
export const scriptQuery = (typed: boolean): string => `
(class_declaration body: (class_body) @body) @class
(class body: (class_body) @body) @class
(function_declaration body: (statement_block) @body) @function
(generator_function_declaration body: (statement_block) @body) @function
(method_definition body: (statement_block) @body) @method
(arrow_function body: (_) @body) @arrow
(function_expression body: (_) @body) @arrow
(generator_function body: (_) @body) @arrow
(program (lexical_declaration (variable_declarator) @variable))
(program (variable_declaration (variable_declarator) @variable))
(program (export_statement declaration: (lexical_declaration (variable_declarator) @variable)))
(program (export_statement declaration: (variable_declaration (variable_declarator) @variable)))
(program (expression_statement (assignment_expression) @assign))
(export_statement) @export
(import_statement) @import
(return_statement (object) @object)
(arrow_function body: (parenthesized_expression (object) @object))
(variable_declarator value: (object) @object)
(assignment_expression right: (object) @object)
(return_statement (object (shorthand_property_identifier) @shorthand))
(pair value: [(arrow_function) (function_expression)]) @pair
(ERROR) @error
${typed ? typedQuery : '(field_definition) @field'}
`;

const typedQuery = `
(abstract_class_declaration body: (class_body) @body) @class
(interface_declaration body: (_) @body) @interface
(type_alias_declaration) @type
(enum_declaration) @enum
(internal_module body: (statement_block) @body) @namespace
(abstract_method_signature) @signature
(method_signature) @signature
(property_signature) @property
(public_field_definition) @field
(return_statement (as_expression (object) @object))
(return_statement (satisfies_expression (object) @object))
`;

/** Reads a file of which the grammar captured these. */
export function readScriptFile(text: string, lang: Lang, captures: Capture[]): FileFacts {
  const words = readWords(text, lang);
  const outline = outlineOf(captures, text.length);
  return new ScriptFile(words, outline, lang).facts();
}

const primitives = new Set(
  'string number boolean bigint symbol unknown any never null undefined void object'.split(' '),
);

const modifiers = new Set(
  'public private protected static async get set override readonly abstract declare export default accessor function class interface type enum namespace module const let var * ?'.split(
    ' ',
  ),
);

class ScriptFile {
  readonly #words: Words;
  readonly #outline: Outline;
  readonly #lang: Lang;
  readonly #aliases: AliasFacts[] = [];
  readonly #state: StateDraft[] = [];
  readonly #ranges: Range[] = [];

  constructor(words: Words, outline: Outline, lang: Lang) {
    this.#words = words;
    this.#outline = outline;
    this.#lang = lang;
  }

  facts(): FileFacts {
    const words = this.#words;
    const drafts = this.#outline.scopes.flatMap((scope) => this.#draft(scope));
    const { exports, reexports, aliases } = readExports(words, this.#outline);
    const exported = new Set(exports.map((one) => one.local));
    this.#placeRanges();
    const imports = [...readScriptImports(words, this.#outline, this.#ranges), ...reexports];
    const here = imports.filter((one) => one.kind !== 'reexport').map((one) => one.local);
    const known = new Set([...here, ...drafts.map((draft) => draft.name)]);
    known.delete('');
    const units = drafts.map((draft) => this.#unit(draft, exported, known));
    return {
      lang: this.#lang,
      lines: words.lines,
      errors: this.#outline.errors,
      isGenerated: false,
      units,
      imports: imports.toSorted((a, b) => a.span.start - b.span.start),
      aliases: [...this.#aliases, ...aliases],
      exports,
      ...readHappenings(words, this.#lang, known, this.#ranges),
      state: readWriters(
        words,
        this.#lang,
        this.#state.map((state) => ({ ...state, isExported: exported.has(state.name) })),
        this.#ranges,
      ),
    };
  }

  /** A scope that is a unit, with its name and kind. */
  #draft(scope: Scope): Draft[] {
    switch (scope.what) {
      case 'class': {
        const name = this.#className(scope);
        return name === undefined ? [] : [{ scope, name, kind: 'class' }];
      }
      case 'function':
        return isTopLevel(scope)
          ? [{ scope, name: this.#nameAt(scope.start), kind: this.#returnsObject(scope) ? 'factory' : 'function' }]
          : [];
      case 'interface':
      case 'enum':
      case 'type':
        return isTopLevel(scope) ? this.#typeDraft(scope) : [];
      case 'variable':
      case 'assign':
        return this.#variable(scope);
      case 'arrow': {
        // `export default () => …`
        const before = this.#words.firstFrom(scope.start) - 1;
        return scope.parent?.what === 'file' && this.#words.at(before) === 'default'
          ? [{ scope, name: 'default', kind: 'function' }]
          : [];
      }
      default:
        return [];
    }
  }

  #typeDraft(scope: Scope): Draft[] {
    const name = this.#nameAt(scope.start);
    if (scope.what === 'type') {
      // `type A = B` is another name, not another type.
      const same = /=\s*([\w$]+)\s*;?\s*$/.exec(this.#words.text.slice(scope.start, scope.end));
      if (same?.[1] !== undefined && !primitives.has(same[1])) {
        this.#aliases.push({ name, of: same[1], line: this.#words.line(scope.start) });
        return [];
      }
    }
    return [{ scope, name, kind: 'type' }];
  }

  /** The first name in a declaration, behind modifiers and decorators. */
  #nameAt(start: number): string {
    const words = this.#words;
    let at = words.firstFrom(start);
    for (;;) {
      if (words.isSign(at, '@')) {
        at += 2;
        while (words.isSign(at, '.')) at += 2;
        if (words.isSign(at, '(')) at = words.closing(at) + 1;
      } else if (modifiers.has(words.at(at)) && !/^[(=:;<]$/.test(words.at(at + 1))) at += 1;
      else break;
    }
    if (words.kind(at) === word.text) return words.at(at).slice(1, -1);
    return words.isName(at) ? words.at(at) : 'default';
  }

  #className(scope: Scope): string | undefined {
    const words = this.#words;
    let at = words.firstFrom(scope.start);
    const end = scope.body?.start ?? scope.end;
    while (words.start(at) < end && words.at(at) !== 'class')
      at = words.isSign(at, '(') ? words.closing(at) + 1 : at + 1;
    if (scope.parent?.what === 'variable') return this.#nameAt(scope.parent.start);
    const name = words.at(at + 1);
    if (words.isName(at + 1) && name !== 'extends' && name !== 'implements') return name;
    return scope.parent?.what === 'file' && words.at(at - 1) === 'default' ? 'default' : undefined;
  }

  #variable(scope: Scope): Draft[] {
    const words = this.#words;
    const first = this.#assigned(scope);
    if (!words.isName(first)) return [];
    const name = words.at(first);
    const value = scope.children.find((child) => child.end === scope.end);
    if (value?.what === 'arrow') {
      return [{ scope, name, kind: this.#returnsObject(value) ? 'factory' : 'function', code: value }];
    }
    if (value?.what === 'class') return [];
    if (value?.what === 'object' && this.#objectMembers(value).length >= 2) {
      return [{ scope, name, kind: 'factory', code: value }];
    }
    if (scope.what === 'variable') this.#keepState(scope, name, first);
    return [];
  }

  /** The word that a variable, or a member of CommonJS `exports`, is called by. */
  #assigned(scope: Scope): number {
    const words = this.#words;
    let at = words.firstFrom(scope.start);
    if (scope.what === 'variable') return at;
    if (words.at(at) === 'module') at += 2;
    if (words.at(at) !== 'exports' || !words.isSign(at + 1, '.')) return -1;
    return words.isSign(at + 3, '=') ? at + 2 : -1;
  }

  /** `const A = B` is an alias; a map, list or variable that may change is state. */
  #keepState(scope: Scope, name: string, first: number): void {
    const words = this.#words;
    const isConst = words.at(first - 1) === 'const' || words.at(first - 1) === ',';
    let at = first + 1;
    while (words.start(at) < scope.end && !words.isSign(at, '=')) at += 1;
    const value = words.start(at) < scope.end ? words.at(at + 1) : '';
    if (isConst && words.isName(at + 1) && words.end(at + 1) === scope.end) {
      this.#aliases.push({ name, of: value, line: words.line(scope.start) });
      return;
    }
    const holds = isConst ? held(value, words.at(at + 2)) : 'let';
    if (holds !== undefined) this.#state.push({ name, line: words.line(scope.start), holds, isExported: false });
  }

  #returnsObject(scope: Scope): boolean {
    return scope.children.some((child) => child.what === 'object' && this.#objectMembers(child).length >= 2);
  }

  /** Functions of an object literal: methods, and members that name or are one. */
  #objectMembers(object: Scope): readonly Scope[] {
    return object.children.filter((child) => ['method', 'pair', 'shorthand'].includes(child.what));
  }

  /** Names every unit and method, so that what happens can be told where. */
  #placeRanges(): void {
    for (const scope of this.#outline.scopes) {
      const name = this.#rangeName(scope);
      if (name !== undefined) this.#ranges.push({ start: scope.start, end: scope.end, name });
    }
  }

  #rangeName(scope: Scope): string | undefined {
    const within = enclosing(scope, ['class', 'function', 'method']);
    switch (scope.what) {
      case 'class':
        return this.#className(scope);
      case 'function':
        return within === undefined ? this.#nameAt(scope.start) : undefined;
      case 'method':
        return this.#memberName(scope);
      case 'field':
        return scope.children.some((child) => child.what === 'arrow') ? this.#memberName(scope) : undefined;
      case 'arrow':
        return enclosing(scope, ['class', 'function', 'method', 'arrow', 'field']) === undefined
          ? this.#arrowName(scope)
          : undefined;
      default:
        return undefined;
    }
  }

  /** `Class.member`. */
  #memberName({ parent, start }: Scope): string | undefined {
    return parent?.what === 'class' ? `${this.#className(parent) ?? 'class'}.${this.#nameAt(start)}` : undefined;
  }

  #arrowName({ parent }: Scope): string {
    if (parent?.what === 'assign') return this.#words.at(this.#assigned(parent)) || '(anonymous)';
    return parent?.what === 'variable' ? this.#nameAt(parent.start) : '(anonymous)';
  }

  #unit(draft: Draft, exported: ReadonlySet<string>, known: ReadonlySet<string>): UnitFacts {
    const { scope, name, kind } = draft;
    const words = this.#words;
    const outer = outerName(scope, (inner) => this.#nameAt(inner.start));
    const { doc, isDeprecated, claimsToBeTheOne } = readDoc(this.#docBefore(scope.start));
    const { bases, contracts } = this.#heritage(scope);
    return {
      kind,
      name,
      ...(outer === undefined ? {} : { outer }),
      span: spanOf(words, scope.start, scope.end),
      isExported: exported.has(name) || (name === 'default' && outer === undefined),
      isAbstract: this.#isAbstract(scope),
      bases,
      implements: contracts,
      methods: this.#methods(draft),
      fields: this.#fields(scope),
      params: this.#params(draft),
      isDeprecated,
      claimsToBeTheOne,
      doc,
      ...sketch(words, (draft.code ?? scope).body?.start ?? scope.start, scope.end),
      uses: this.#uses(scope, name, known),
    };
  }

  #uses(scope: Scope, own: string, known: ReadonlySet<string>): string[] {
    const words = this.#words;
    const used = new Set<string>();
    for (let at = words.firstFrom(scope.start); at < words.length && words.start(at) < scope.end; at++) {
      if (!words.isName(at)) continue;
      const text = words.at(at);
      if (text !== own && known.has(text) && !words.isSign(at - 1, '.')) used.add(text);
    }
    return [...used].toSorted();
  }

  /** The comment right before a declaration. */
  #docBefore(start: number): string {
    const { comments, text } = this.#words;
    let low = 0;
    let high = comments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((comments[middle]?.end ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    const comment = comments[low - 1];
    if (comment === undefined || start - comment.end > 300) return '';
    const between = text.slice(comment.end, start);
    if (!/^(?:\s|export|default|declare|abstract|async|const|let|var|@[\w.]+(?:\([^)]*\))?)*$/.test(between)) return '';
    return text.slice(comment.start, comment.end);
  }

  #isAbstract(scope: Scope): boolean {
    if (scope.what !== 'class') return false;
    const head = this.#words.text.slice(scope.start, scope.body?.start ?? scope.end);
    return /\babstract\s+class\b/.test(head);
  }

  /** Names behind `extends` and `implements`, without type arguments. */
  #heritage(scope: Scope): { bases: string[]; contracts: string[] } {
    const found = { bases: [] as string[], contracts: [] as string[] };
    if (scope.what !== 'class' && scope.what !== 'interface') return found;
    const words = this.#words;
    const end = scope.body?.start ?? scope.end;
    let list: string[] | undefined;
    let depth = 0;
    for (let at = words.firstFrom(scope.start); words.start(at) < end; at++) {
      const text = words.at(at);
      if (text === '<') depth += 1;
      else if (text === '>') depth -= 1;
      if (depth > 0) continue;
      if (text === 'extends') list = found.bases;
      else if (text === 'implements') list = found.contracts;
      else if (list !== undefined && words.isName(at)) {
        if (words.isSign(at - 1, '.')) list.push(`${list.pop() ?? ''}.${text}`);
        else list.push(text);
      }
    }
    return found;
  }

  #methods(draft: Draft): MethodFacts[] {
    const owners = draft.kind === 'factory' ? this.#objectsOf(draft) : [draft.scope];
    const methods = new Map<string, MethodFacts>();
    for (const member of owners.flatMap((owner) => owner.children)) {
      const method = this.#method(member);
      if (method !== undefined && method.name !== 'constructor' && !methods.has(method.name)) {
        methods.set(method.name, method);
      }
    }
    return [...methods.values()];
  }

  #objectsOf(draft: Draft): readonly Scope[] {
    const code = draft.code ?? draft.scope;
    return code.what === 'object' ? [code] : code.children.filter((child) => child.what === 'object');
  }

  #method(member: Scope): MethodFacts | undefined {
    const words = this.#words;
    if (member.what === 'shorthand') {
      const name = words.text.slice(member.start, member.end);
      const line = words.line(member.start);
      return { name, line, params: 0, isAsync: false, isPrivate: false, isStub: false };
    }
    const arrow = member.children.find((child) => child.what === 'arrow');
    const isMethod = member.what === 'method' || member.what === 'signature';
    if (!isMethod && !((member.what === 'field' || member.what === 'pair') && arrow !== undefined)) return undefined;
    const name = this.#nameAt(member.start);
    const body = member.body ?? arrow?.body;
    const head = words.text.slice(member.start, body?.start ?? member.end);
    const delegatesTo = body === undefined ? undefined : forwardsTo(words, body.start, body.end);
    return {
      name,
      line: words.line(member.start),
      params: this.#paramsFrom(member.start, body?.start ?? member.end).length,
      isAsync: /\basync\b/.test(head),
      isPrivate: /^[#_]/.test(name) || /^\s*(?:static\s+)?(?:private|protected)\b/.test(head),
      ...(delegatesTo === undefined ? {} : { delegatesTo }),
      isStub: body === undefined || isStubBody(words, body.start, body.end),
    };
  }

  #fields(scope: Scope): string[] {
    const fields = new Set<string>();
    for (const child of scope.children) {
      if (child.what === 'property') fields.add(this.#nameAt(child.start));
      if (child.what === 'field' && !child.children.some((inner) => inner.what === 'arrow')) {
        fields.add(this.#nameAt(child.start));
      }
    }
    return scope.what === 'enum' || scope.what === 'type' ? [...fields, ...this.#choices(scope)] : [...fields];
  }

  /** Members of an enum, and the literals of a union: what makes two of them say the same. */
  #choices(scope: Scope): string[] {
    const words = this.#words;
    const [kind, signs] = scope.what === 'enum' ? [word.name, '{,'] : [word.text, '|='];
    const found = new Set<string>();
    for (let at = words.firstFrom(scope.start); at < words.length && words.start(at) < scope.end; at++) {
      const before = words.at(at - 1);
      if (words.kind(at) === kind && before.length === 1 && signs.includes(before)) found.add(words.at(at));
    }
    return [...found];
  }

  #params(draft: Draft): string[] {
    if (draft.kind === 'class') {
      const made = draft.scope.children.find(
        (child) => child.what === 'method' && this.#nameAt(child.start) === 'constructor',
      );
      return made === undefined ? [] : this.#paramsFrom(made.start, made.body?.start ?? made.end);
    }
    const code = draft.code ?? draft.scope;
    if (draft.kind === 'type' || code.what === 'object') return [];
    return this.#paramsFrom(code.start, code.body?.start ?? code.end);
  }

  /** Names between the first brackets: those of a destructured object too, for they are what is passed. */
  #paramsFrom(start: number, end: number): string[] {
    const words = this.#words;
    let open = words.firstFrom(start);
    while (words.start(open) < end && !words.isSign(open, '(')) open += 1;
    if (words.start(open) >= end) return words.isName(words.firstFrom(start)) ? [] : [];
    const close = words.closing(open);
    const names: string[] = [];
    for (let at = open + 1; at < close; at++) {
      if (words.isSign(at, ':') || words.isSign(at, '=')) at = skipValue(words, at + 1, close);
      else if (words.isName(at) && !modifiers.has(words.at(at))) names.push(words.at(at));
    }
    return names;
  }
}

type Draft = {
  readonly scope: Scope;
  readonly name: string;
  readonly kind: UnitKind;
  /** Where its code is, if not in the scope itself. */
  readonly code?: Scope;
};

/** Behind a type or default: the place before the next comma, or the bracket that closes. */
function skipValue(words: Words, from: number, close: number): number {
  let depth = 0;
  for (let at = from; at < close; at++) {
    const text = words.at(at);
    if (/^[<([{]$/.test(text)) depth += 1;
    else if (/^[>)\]}]$/.test(text)) depth -= 1;
    if (depth < 0 || (depth === 0 && text === ',')) return at;
  }
  return close;
}

function held(value: string, next: string): StateDraft['holds'] | undefined {
  if (value === '[') return 'array';
  if (value === '{') return 'object';
  if (value !== 'new') return undefined;
  if (next === 'Map' || next === 'WeakMap') return 'map';
  return next === 'Set' || next === 'WeakSet' ? 'set' : 'instance';
}

function isTopLevel(scope: Scope): boolean {
  return scope.parent?.what === 'file' || scope.parent?.what === 'namespace';
}

function enclosing(scope: Scope, whats: readonly string[]): Scope | undefined {
  for (let at = scope.parent; at !== undefined; at = at.parent) if (whats.includes(at.what)) return at;
  return undefined;
}

function outerName(scope: Scope, nameOf: (scope: Scope) => string): string | undefined {
  const names: string[] = [];
  const own = scope.parent?.what === 'variable' && scope.parent.end === scope.end ? scope.parent : scope;
  for (let at = own.parent; at !== undefined; at = at.parent) {
    if (['class', 'function', 'namespace', 'method', 'variable'].includes(at.what)) names.unshift(nameOf(at));
    else if (at.what === 'arrow' && at.parent?.what !== 'variable') names.unshift('(anonymous)');
  }
  return names.length === 0 ? undefined : names.join('.');
}
