/**
 * Moves the users of rivals to the canonical implementation, import by import.
 *
 * VX1  It only plans; whoever asked writes. Doing it twice is doing it once.
 * VX2  It refuses what it can't be sure of, and says why: a method that has no counterpart, a base class, another
 *      constructor, an import that is written in another way.
 * VX3  Only imports change: the local name stays, by an alias where it has to, and with it every other byte of the file.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LinkedImport, SourceFile, Unit } from './concept.ts';
import { pythonModule, rewritePython, rewriteScript, scriptSpecifier } from './fix-statement.ts';
import type { RuleInput } from './rules/rule.ts';
import { todoOf, type TodoItem } from './todo.ts';

/** A file with its new text. */
export type FixedFile = {
  readonly path: string;
  readonly text: string;
  /** Each statement that changes. */
  readonly changes: readonly { readonly line: number; readonly before: string; readonly after: string }[];
};

export type FixPlan = {
  readonly files: readonly FixedFile[];
  readonly refused: readonly {
    readonly path: string;
    readonly line: number;
    readonly name: string;
    readonly why: string;
  }[];
};

/** What would change for a declared concept; undefined where it is not declared. Reads the files, and writes none. */
export function planFix(input: RuleInput, concept: string): FixPlan | undefined {
  const todo = todoOf(input, concept);
  if (todo === undefined) return undefined;
  const files: FixedFile[] = [];
  const refused: FixPlan['refused'][number][] = [];
  for (const [path, items] of Map.groupBy(todo.items, (item) => item.path)) {
    const file = input.tree.files.get(path);
    if (file === undefined) continue;
    const source = readSource(join(input.tree.root, path));
    if (source === undefined) {
      refused.push({ path, line: 1, name: '', why: 'it is no UTF-8' });
      continue;
    }
    const { mark, text } = source;
    const fixed = fixFile({ file, text, items, canonical: todo.canonical, units: input.tree.units }, refused);
    if (fixed.changes.length > 0) files.push({ ...fixed, text: mark + fixed.text });
  }
  return { files, refused };
}

/** The text as the facts count its places, without the mark that may stand before it. */
function readSource(file: string): { readonly mark: string; readonly text: string } | undefined {
  const bytes = readFileSync(file);
  const whole = bytes.toString('utf8');
  if (!Buffer.from(whole, 'utf8').equals(bytes)) return undefined;
  return whole.startsWith('\uFEFF') ? { mark: '\uFEFF', text: whole.slice(1) } : { mark: '', text: whole };
}

type Fixing = {
  readonly file: SourceFile;
  readonly text: string;
  readonly items: readonly TodoItem[];
  readonly canonical: Unit;
  readonly units: ReadonlyMap<string, Unit>;
};

type Statement = {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly imports: LinkedImport[];
};

function fixFile(fixing: Fixing, refused: FixPlan['refused'][number][]): FixedFile {
  const { file, text, canonical } = fixing;
  const changes: FixedFile['changes'][number][] = [];
  let out = text;
  // From the end to the beginning, so that no change moves the place of another.
  for (const statement of statementsOf(fixing).toReversed()) {
    const before = text.slice(statement.start, statement.end);
    const why = statement.imports.map((linked) => objection(fixing, linked)).find((one) => one !== undefined);
    const after = why === undefined ? rewritten(statement, before, file, canonical, text) : undefined;
    if (after === undefined) {
      const [first] = statement.imports;
      const unknown = 'it is imported in a way that is not rewritten';
      refused.push({ path: file.path, line: statement.line, name: first?.imported ?? '', why: why ?? unknown });
      continue;
    }
    const written = text.includes('\r\n') ? after.replaceAll(/\r?\n/g, '\r\n') : after;
    out = out.slice(0, statement.start) + written + out.slice(statement.end);
    changes.unshift({ line: statement.line, before, after: written });
  }
  return { path: file.path, text: out, changes };
}

/** The statements that import a rival, in order. */
function statementsOf({ file, items }: Fixing): readonly Statement[] {
  const rivals = new Set(items.map(({ rival }) => rival));
  const statements = new Map<number, Statement>();
  for (const linked of file.imports) {
    if (!rivals.has(linked.unit ?? '')) continue;
    const { start, end, line } = linked.span;
    const statement = statements.get(start) ?? { start, end, line, imports: [] };
    statement.imports.push(linked);
    statements.set(start, statement);
  }
  return [...statements.values()].toSorted((a, b) => a.start - b.start);
}

/** Why this can't be moved without a person (VX2). */
function objection({ file, items, canonical, units }: Fixing, linked: LinkedImport): string | undefined {
  const item = items.find(({ rival, line }) => rival === linked.unit && line === linked.span.line);
  const missing = item?.calls.filter(({ isThere }) => !isThere).map(({ name }) => name) ?? [];
  if (missing.length > 0) return `${canonical.name} has no ${missing.join(', ')}`;
  if (item?.how === 'base class') return 'a class here extends it';
  if (file.path === canonical.path) return 'this is the file of the canonical one';
  const rival = units.get(linked.unit ?? '');
  const isConstructed = file.facts.constructions.some(({ name }) => name === linked.local);
  if (isConstructed && rival !== undefined && rival.params.length !== canonical.params.length) {
    return `it is constructed here, and ${canonical.name} takes (${canonical.params.join(', ')})`;
  }
  return undefined;
}

function rewritten(
  { start, imports }: Statement,
  before: string,
  file: SourceFile,
  ...[canonical, text]: readonly [Unit, string]
): string | undefined {
  const [first] = imports;
  if (first === undefined || first.unit === undefined) return undefined;
  const move = { from: new Set(imports.map(({ imported }) => imported)), to: canonical.name };
  if (file.facts.lang === 'py') {
    const module = pythonModule(file.path, canonical.path, first.specifier, first.through ?? '');
    const indent = /[ \t]*$/.exec(text.slice(0, start))?.[0] ?? '';
    return module === undefined ? undefined : rewritePython(before, move, module, indent);
  }
  const specifier = scriptSpecifier(file.path, canonical.path, first.specifier);
  return specifier === undefined ? undefined : rewriteScript(before, move, specifier);
}
