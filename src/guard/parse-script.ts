/**
 * Facts of a TypeScript or JavaScript file, from its outline and its words.
 */
import type { FileFacts, Lang, UnitFacts } from './facts.ts';
import type { Words } from './lexer.ts';
import { readDoc, Sketcher } from './parse-body.ts';
import { readHappenings, readMembers, readWriters } from './parse-happenings.ts';
import { type Capture, type Outline, outlineOf, type Scope, spanOf } from './parse-outline.ts';
import { type Draft, readDrafts } from './parse-script-drafts.ts';
import { readExports, readScriptImports } from './parse-script-imports.ts';
import { fieldsOf, methodsOf, paramsOf } from './parse-script-members.ts';
import { outerName, rangesOf } from './parse-script-names.ts';

/** Reads a file of which the grammar captured these. */
export function readScriptFile(words: Words, lang: Lang, captures: Capture[]): FileFacts {
  const outline = outlineOf(captures, words.text.length);
  return new ScriptFile(words, outline, lang).facts();
}

class ScriptFile {
  readonly #words: Words;
  readonly #sketcher: Sketcher;
  readonly #outline: Outline;
  readonly #lang: Lang;

  constructor(words: Words, outline: Outline, lang: Lang) {
    this.#words = words;
    this.#sketcher = new Sketcher(words);
    this.#outline = outline;
    this.#lang = lang;
  }

  facts(): FileFacts {
    const words = this.#words;
    const { drafts, aliases, state } = readDrafts(words, this.#outline.scopes);
    const { exports, reexports, aliases: exportedAs } = readExports(words, this.#outline);
    const exported = new Set(exports.map((one) => one.local));
    const ranges = rangesOf(words, this.#outline.scopes);
    const imports = [...readScriptImports(words, this.#outline, ranges), ...reexports];
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
      aliases: [...aliases, ...exportedAs],
      exports,
      ...readHappenings(words, this.#lang, known, ranges),
      members: readMembers(
        words,
        imports.filter(({ imported }) => imported === '*'),
        ranges,
      ),
      state: readWriters(
        words,
        this.#lang,
        state.map((one) => ({ ...one, isExported: exported.has(one.name) })),
        ranges,
      ),
    };
  }

  #unit(draft: Draft, exported: ReadonlySet<string>, known: ReadonlySet<string>): UnitFacts {
    const { scope, name, kind } = draft;
    const words = this.#words;
    const outer = outerName(words, scope);
    const { doc, isDeprecated, claimsToBeTheOne } = readDoc(this.#docBefore(scope.start));
    const { bases, contracts } = heritageOf(words, scope);
    return {
      kind,
      name,
      ...(outer === undefined ? {} : { outer }),
      span: spanOf(words, scope.start, scope.end),
      isExported: exported.has(name) || (name === 'default' && outer === undefined),
      isAbstract: this.#isAbstract(scope),
      bases,
      implements: contracts,
      methods: methodsOf(words, draft),
      fields: fieldsOf(words, scope),
      params: paramsOf(words, draft),
      isDeprecated,
      claimsToBeTheOne,
      doc,
      ...this.#sketcher.sketch((draft.code ?? scope).body?.start ?? scope.start, scope.end),
      uses: this.#uses(scope, name, known),
    };
  }

  #uses(scope: Scope, own: string, known: ReadonlySet<string>): string[] {
    const words = this.#words;
    const used = new Set<string>();
    const end = words.firstFrom(scope.end);
    for (let at = words.firstFrom(scope.start); at < end; at++) {
      const name = words.name(at);
      if (name < 0) continue;
      const text = words.nameText(name);
      if (known.has(text) && text !== own && !words.isSign(at - 1, '.')) used.add(text);
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
}

/** Names behind `extends` and `implements`, without type arguments. */
function heritageOf(words: Words, scope: Scope): { readonly bases: string[]; readonly contracts: string[] } {
  const found = { bases: [] as string[], contracts: [] as string[] };
  if (scope.what !== 'class' && scope.what !== 'interface') return found;
  const end = scope.body?.start ?? scope.end;
  let list: string[] | undefined;
  let depth = 0;
  for (let at = words.firstFrom(scope.start); words.start(at) < end; at++) {
    const text = words.at(at);
    depth += angles.get(text) ?? 0;
    if (depth > 0) continue;
    if (text === 'extends') list = found.bases;
    else if (text === 'implements') list = found.contracts;
    else if (list !== undefined && words.isName(at)) addName(words, at, list);
  }
  return found;
}

/** How much deeper in type arguments one is behind a sign. */
const angles: ReadonlyMap<string, number> = new Map([
  ['<', 1],
  ['>', -1],
]);

/** Adds the name at a place, behind a dot as a part of the one before (`module.Name`). */
function addName(words: Words, at: number, list: string[]): void {
  if (words.isSign(at - 1, '.')) list.push(`${list.pop() ?? ''}.${words.at(at)}`);
  else list.push(words.at(at));
}
