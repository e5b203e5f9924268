/** JSON as people read it in a repository: on which line a member is, and text that is short where it can be. */
import type { Json } from '../core/json.ts';

/** Names of members and numbers of elements, from the root. */
export type JsonPlace = readonly PropertyKey[];

const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

type Open = { readonly isArray: boolean; index: number; key: string };

/** Where one is in a JSON text, token by token. */
class Reader {
  readonly #open: Open[] = [];
  #isKey = false;

  /** Takes the next token; says where the value is that begins with it, if one does. */
  take(word: string): readonly string[] | undefined {
    const top = this.#open.at(-1);
    if (word === '}' || word === ']') this.#open.pop();
    else if (word === ',') this.#next(top);
    else if (word === ':') this.#isKey = false;
    else if (this.#isKey && top !== undefined) top.key = JSON.parse(word) as string;
    else return this.#begin(word);
    return undefined;
  }

  #next(top: Open | undefined): void {
    if (top === undefined) return;
    top.index += 1;
    this.#isKey = !top.isArray;
  }

  #begin(word: string): readonly string[] {
    const place = this.#open.map(({ isArray, index, key }) => (isArray ? String(index) : key));
    if (word === '{' || word === '[') {
      this.#open.push({ isArray: word === '[', index: 0, key: '' });
      this.#isKey = word === '{';
    }
    return place;
  }
}

/**
 * The line, from 1, on which the value at `place` begins; of its nearest ancestor where there is no such value.
 * The text must be valid JSON.
 */
export function lineOf(text: string, place: JsonPlace): number {
  const wanted = place.map(String);
  const reader = new Reader();
  let found = { depth: -1, offset: 0 };
  for (const { 0: word, index: offset } of text.matchAll(token)) {
    const at = reader.take(word);
    if (at === undefined || at.length <= found.depth || !at.every((part, index) => part === wanted[index])) continue;
    found = { depth: at.length, offset };
  }
  return text.slice(0, found.offset).split('\n').length;
}

/** The line of a member's name, for one that should not be there. */
export function lineOfName(text: string, place: JsonPlace, name: string): number {
  const from = lineOf(text, place);
  const lines = text.split('\n');
  const at = lines.findIndex((line, index) => index >= from - 1 && line.includes(`${JSON.stringify(name)}:`));
  return at < 0 ? lineOf(text, [...place, name]) : at + 1;
}

/** What a line of `guard.json` may have, in columns. */
const columnsMax = 120;

/** JSON text in which whatever fits on a line is on one, as a formatter would leave it. Ends with a line feed. */
export function printJson(value: Json): string {
  return `${print(value, 0, 0)}\n`;
}

/** `indent`: of the line it stands on. `before`: what that line has before it, and after it, in columns. */
function print(value: Json, indent: number, before: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const [isArray, members] = Array.isArray(value)
    ? ([true, value.map((member: Json) => ['', member] as const)] as const)
    : ([false, Object.entries(value).map(([name, member]) => [`${JSON.stringify(name)}: `, member] as const)] as const);
  const flat = flatText(value);
  const mustBreak = indent === 0 || (isArray && members.length > 1 && members.every(([, member]) => isWide(member)));
  if (members.length === 0 || (!mustBreak && before + flat.length < columnsMax)) return flat;
  const inner = indent + 2;
  const lines = members.map(
    ([name, member]) => `${' '.repeat(inner)}${name}${print(member, inner, inner + name.length)}`,
  );
  const [open, close] = isArray ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.join(',\n')}\n${' '.repeat(indent)}${close}`;
}

function isWide(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 1;
}

function flatText(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flatText).join(', ')}]`;
  const members = Object.entries(value).map(
    ([name, member]: [string, Json]) => `${JSON.stringify(name)}: ${flatText(member)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
