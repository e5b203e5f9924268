/**
 * Rewrites one import so that some of its names come from elsewhere. Every other byte of it stays as it was.
 *
 * VF1  What is not written in a way that is known (a default import, a whole module, a comment between the names) is left
 *      alone: undefined, never a guess.
 */
import { posix } from 'node:path';

/** Names that move, as the other file calls them, to the one name that they all become. */
export type Move = { readonly from: ReadonlySet<string>; readonly to: string };

const script = /^((?:import|export)(?:\s+type)?\s*)\{([^{}]*)\}(\s*from\s*)(['"])([^'"]+)\4([^'"]*)$/;
const scriptName = /^(\s*)((?:type\s+)?)([\w$]+)(?:\s+as\s+([\w$]+))?(\s*)$/;

/** `import { A, B } from './x.ts'`, and the same with `export` and `type`. */
export function rewriteScript(statement: string, move: Move, specifier: string): string | undefined {
  const parts = script.exec(statement);
  if (parts === null) return undefined;
  const [, head = '', names = '', from = '', quote = '', old = '', end = ''] = parts;
  const moved = movedNames(names, scriptName, move);
  if (moved === undefined) return undefined;
  const source = `${from}${quote}${specifier}${quote}${end}`;
  if (moved.left === '') return `${head}{${moved.inPlace}}${source}`;
  return `${head}{${moved.left}}${from}${quote}${old}${quote}${end}\n${head}{ ${moved.gone.join(', ')} }${source}`;
}

const python = /^(from\s+)([.\w]+)(\s+import\s+)(\(?)([^()]*)(\)?)$/;
const pythonName = /^(\s*)()(\w+)(?:\s+as\s+(\w+))?(\s*)$/;

/** `from x import A, B as C`, in brackets or without. `indent`: of the line that it begins. */
export function rewritePython(statement: string, move: Move, module: string, indent: string): string | undefined {
  const parts = python.exec(statement);
  if (parts === null) return undefined;
  const [, from = '', old = '', middle = '', open = '', names = '', close = ''] = parts;
  const moved = movedNames(names, pythonName, move);
  if (moved === undefined) return undefined;
  if (moved.left === '') return `${from}${module}${middle}${open}${moved.inPlace}${close}`;
  return `${from}${old}${middle}${open}${moved.left}${close}\n${indent}from ${module} import ${moved.gone.join(', ')}`;
}

type Moved = { readonly left: string; readonly inPlace: string; readonly gone: readonly string[] };

type Name = { readonly text: string; readonly moved?: { readonly written: string; readonly inPlace: string } };

/** The names that stay, those that go, and all of them in place; undefined where one can't be read or none goes. */
function movedNames(names: string, pattern: RegExp, move: Move): Moved | undefined {
  const all = names.split(',').map((text) => readName(text, pattern, move));
  if (all.includes(undefined)) return undefined;
  const known = all.flatMap((name) => name ?? []);
  const gone = known.flatMap(({ moved }) => moved?.written ?? []);
  if (gone.length === 0) return undefined;
  const stay = known.flatMap(({ text, moved }) => (moved === undefined ? [text] : []));
  const left = stay.every((text) => text.trim() === '') ? '' : stay.join(',');
  return { left, inPlace: known.map(({ text, moved }) => moved?.inPlace ?? text).join(','), gone };
}

function readName(text: string, pattern: RegExp, { from, to }: Move): Name | undefined {
  const parts = pattern.exec(text);
  if (parts === null) return text.trim() === '' ? { text } : undefined;
  const [, before = '', type = '', imported = '', local = imported, behind = ''] = parts;
  if (!from.has(imported)) return { text };
  const written = `${type}${to}${local === to ? '' : ` as ${local}`}`;
  return { text, moved: { written, inPlace: `${before}${written}${behind}` } };
}

/** How `path` imports `target`, with the ending that `old` has (`.ts`, `.js` or none). Undefined for what is no path. */
export function scriptSpecifier(path: string, target: string, old: string): string | undefined {
  if (!old.startsWith('.')) return undefined;
  const relative = posix.relative(posix.dirname(path), target);
  const dotted = relative.startsWith('.') ? relative : `./${relative}`;
  const ending = /\.[cm]?[jt]sx?$/.exec(old)?.[0];
  if (ending === undefined) return dotted.replace(/\.[cm]?[jt]sx?$/, '').replace(/\/index$/, '');
  return /js/.test(ending) ? dotted.replace(/\.([cm]?)ts(x?)$/, '.$1js$2') : dotted;
}

/** The module of `target` as `path` writes it: with dots where `old` has them, else from where `old` is found. */
export function pythonModule(path: string, target: string, old: string, through: string): string | undefined {
  const parts = target.replace(/(?:\/__init__)?\.py$/, '').split('/');
  if (old.startsWith('.')) {
    const folder = posix.dirname(path) === '.' ? [] : posix.dirname(path).split('/');
    let common = 0;
    while (common < folder.length && folder[common] === parts[common]) common += 1;
    return '.'.repeat(folder.length - common + 1) + parts.slice(common).join('.');
  }
  const rest = old.replaceAll('.', '/');
  const at = through.replace(/(?:\/__init__)?\.py$/, '').lastIndexOf(rest);
  const root = at < 0 ? undefined : through.slice(0, at);
  if (root === undefined || !target.startsWith(root)) return undefined;
  return parts.join('/').slice(root.length).replaceAll('/', '.');
}
