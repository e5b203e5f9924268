/**
 * What a unit of a TypeScript or JavaScript file has: methods, fields and parameters.
 */
import type { MethodFacts } from './facts.ts';
import { type Words, word } from './lexer.ts';
import { forwardsTo, isStubBody } from './parse-body.ts';
import type { Scope } from './parse-outline.ts';
import type { Draft } from './parse-script-drafts.ts';
import { modifiers, nameAt } from './parse-script-names.ts';

/** Methods of a class or type, or of the objects that a factory makes; of two with one name the first. */
export function methodsOf(words: Words, draft: Draft): MethodFacts[] {
  const owners = draft.kind === 'factory' ? objectsOf(draft) : [draft.scope];
  const methods = new Map<string, MethodFacts>();
  for (const member of owners.flatMap((owner) => owner.children)) {
    const method = methodOf(words, member);
    if (method !== undefined && method.name !== 'constructor' && !methods.has(method.name)) {
      methods.set(method.name, method);
    }
  }
  return [...methods.values()];
}

function objectsOf(draft: Draft): readonly Scope[] {
  const code = draft.code ?? draft.scope;
  return code.what === 'object' ? [code] : code.children.filter((child) => child.what === 'object');
}

/** A method, or a field or pair that holds a function; undefined for any other member. */
function methodOf(words: Words, member: Scope): MethodFacts | undefined {
  if (member.what === 'shorthand') return shorthandMethod(words, member);
  const arrow = member.children.find((child) => child.what === 'arrow');
  const isMethod = member.what === 'method' || member.what === 'signature';
  const holdsOne = arrow !== undefined && (member.what === 'field' || member.what === 'pair');
  return isMethod || holdsOne ? writtenMethod(words, member, member.body ?? arrow?.body) : undefined;
}

/** `{ start }`: it is known by its name alone. */
function shorthandMethod(words: Words, member: Scope): MethodFacts {
  const name = words.text.slice(member.start, member.end);
  const line = words.line(member.start);
  return { name, line, params: 0, isAsync: false, isPrivate: false, isStub: false };
}

function writtenMethod(words: Words, member: Scope, body: Scope['body']): MethodFacts {
  const name = nameAt(words, member.start);
  const headEnd = body?.start ?? member.end;
  const head = words.text.slice(member.start, headEnd);
  const delegatesTo = body === undefined ? undefined : forwardsTo(words, body.start, body.end);
  return {
    name,
    line: words.line(member.start),
    params: paramsFrom(words, member.start, headEnd).length,
    isAsync: /\basync\b/.test(head),
    isPrivate: /^[#_]/.test(name) || /^\s*(?:static\s+)?(?:private|protected)\b/.test(head),
    ...(delegatesTo === undefined ? {} : { delegatesTo }),
    isStub: body === undefined || isStubBody(words, body.start, body.end),
  };
}

/** Properties and fields that hold no function; of an enum or a union its choices too. */
export function fieldsOf(words: Words, scope: Scope): string[] {
  const fields = new Set<string>();
  for (const child of scope.children) {
    if (child.what === 'property') fields.add(nameAt(words, child.start));
    if (child.what === 'field' && !child.children.some((inner) => inner.what === 'arrow')) {
      fields.add(nameAt(words, child.start));
    }
  }
  return scope.what === 'enum' || scope.what === 'type' ? [...fields, ...choicesOf(words, scope)] : [...fields];
}

/** Members of an enum, and the literals of a union: what makes two of them say the same. */
function choicesOf(words: Words, scope: Scope): string[] {
  const [kind, signs] = scope.what === 'enum' ? [word.name, '{,'] : [word.text, '|='];
  const found = new Set<string>();
  for (let at = words.firstFrom(scope.start); at < words.length && words.start(at) < scope.end; at++) {
    const before = words.at(at - 1);
    if (words.kind(at) === kind && before.length === 1 && signs.includes(before)) found.add(words.at(at));
  }
  return [...found];
}

/** Parameters it is called with; of a class those of its constructor. */
export function paramsOf(words: Words, draft: Draft): string[] {
  if (draft.kind === 'class') {
    const made = draft.scope.children.find(
      (child) => child.what === 'method' && nameAt(words, child.start) === 'constructor',
    );
    return made === undefined ? [] : paramsFrom(words, made.start, made.body?.start ?? made.end);
  }
  const code = draft.code ?? draft.scope;
  if (draft.kind === 'type' || code.what === 'object') return [];
  return paramsFrom(words, code.start, code.body?.start ?? code.end);
}

/** Names between the first brackets: those of a destructured object too, for they are what is passed. */
function paramsFrom(words: Words, start: number, end: number): string[] {
  let open = words.firstFrom(start);
  // `config => …` and `async config => …`
  const only = words.at(open) === 'async' ? open + 1 : open;
  if (words.isName(only) && words.isSign(only + 1, '=>')) return [words.at(only)];
  while (words.start(open) < end && !words.isSign(open, '(')) open += 1;
  if (words.start(open) >= end) return [];
  const close = words.closing(open);
  const names: string[] = [];
  for (let at = open + 1; at < close; at++) {
    if (words.isSign(at, ':') || words.isSign(at, '=')) at = skipValue(words, at + 1, close);
    else if (words.isName(at) && !modifiers.has(words.at(at))) names.push(words.at(at));
  }
  return names;
}

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
