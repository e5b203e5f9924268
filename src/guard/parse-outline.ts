/**
 * The outline of a file: what is defined where, as nested scopes, made of what a query of the grammar captured.
 */
import type { Span } from './facts.ts';
import type { Words } from './lexer.ts';

/** One thing a query captured. `body` belongs to the scope right around it. */
export type Capture = { readonly what: string; readonly start: number; readonly end: number };

/** A place with an inside. */
export type Scope = {
  readonly what: string;
  readonly start: number;
  readonly end: number;
  readonly parent: Scope | undefined;
  readonly children: Scope[];
  body?: { readonly start: number; readonly end: number };
};

/** Captures that are remembered but hold nothing. */
const leaves = new Set(['import', 'export', 'error', 'shorthand']);

export type Outline = {
  readonly root: Scope;
  readonly imports: readonly Capture[];
  readonly exports: readonly Capture[];
  readonly errors: number;
  /** Every scope in the order of the text. */
  readonly scopes: readonly Scope[];
};

/** Nests captures by their places. */
export function outlineOf(captures: Capture[], textLength: number): Outline {
  captures.sort((a, b) => a.start - b.start || b.end - a.end);
  const root: Scope = { what: 'file', start: 0, end: textLength, parent: undefined, children: [] };
  const scopes: Scope[] = [];
  const found: Record<string, Capture[]> = { import: [], export: [], error: [] };
  let top = root;
  for (const capture of captures) {
    top = around(top, capture.start);
    if (capture.what === 'body') top.body ??= capture;
    else if (capture.what === 'shorthand') top.children.push({ ...capture, parent: top, children: [] });
    else if (leaves.has(capture.what)) found[capture.what]?.push(capture);
    else {
      const scope: Scope = { ...capture, parent: top, children: [] };
      top.children.push(scope);
      scopes.push(scope);
      top = scope;
    }
  }
  return {
    root,
    scopes,
    imports: found['import'] ?? [],
    exports: found['export'] ?? [],
    errors: found['error']?.length ?? 0,
  };
}

/** The innermost scope that is still open at an offset. */
function around(scope: Scope, offset: number): Scope {
  let open = scope;
  while (open.parent !== undefined && open.end <= offset) open = open.parent;
  return open;
}

export function spanOf(words: Words, start: number, end: number): Span {
  return { start, end, line: words.line(start), endLine: words.line(Math.max(start, end - 1)) };
}

/** A named stretch of a file: the unit or method that a place is in. */
export type Range = { readonly start: number; readonly end: number; readonly name: string };

/** Tells, for places asked in rising order, the innermost range around each. */
export class Whereabouts {
  readonly #ranges: readonly Range[];
  readonly #open: Range[] = [];
  #next = 0;

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges.toSorted((a, b) => a.start - b.start || b.end - a.end);
  }

  /** '' at module level. */
  at(offset: number): string {
    return this.rangeAt(offset)?.name ?? '';
  }

  rangeAt(offset: number): Range | undefined {
    for (let range = this.#ranges[this.#next]; range !== undefined && range.start <= offset;) {
      this.#open.push(range);
      this.#next += 1;
      range = this.#ranges[this.#next];
    }
    while ((this.#open.at(-1)?.end ?? offset + 1) <= offset) this.#open.pop();
    return this.#open.at(-1);
  }
}
