/** Patterns of `guard.json`: for paths (`src/**`), and for names in them (`src/**#*Engine`). */
import picomatch from 'picomatch';

/** What is in a file: its path from the root with `/`, and the name of a unit, or '' for the file itself. */
export type Place = { readonly path: string; readonly name: string };

export type PlaceTest = (place: Place) => boolean;

/** A path matches a pattern, or is in the folder that the pattern names. */
export function pathTest(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const all = patterns.flatMap((pattern) => {
    const plain = pattern.replace(/^\.\//, '').replace(/\/$/, '');
    return plain.endsWith('**') ? [plain] : [plain, `${plain}/**`];
  });
  const matches = picomatch(all, { dot: true });
  return (path) => matches(path);
}

/** A name matches a pattern: `*Engine`. */
export function nameTest(patterns: readonly string[]): (name: string) => boolean {
  return patterns.length === 0 ? () => false : picomatch([...patterns], { dot: true, bash: true });
}

/** A place matches `path`, `path#name`, or one of several of them. */
export function placeTest(patterns: readonly string[]): PlaceTest {
  const tests = patterns.map((pattern): PlaceTest => {
    const { path, name } = splitPlace(pattern);
    const isPath = pathTest([path]);
    if (name === '') return (place) => isPath(place.path);
    const isName = nameTest([name]);
    return (place) => isName(place.name) && isPath(place.path);
  });
  return (place) => tests.some((test) => test(place));
}

/** `path#name` in its two parts; the name is '' where there is none. */
export function splitPlace(text: string): Place {
  const at = text.lastIndexOf('#');
  return at < 0 ? { path: text, name: '' } : { path: text.slice(0, at), name: text.slice(at + 1) };
}

/** The way back. */
export function joinPlace({ path, name }: Place): string {
  return name === '' ? path : `${path}#${name}`;
}

/** The files that a path or a dotted module may mean. */
export function modulePaths(module: string): readonly string[] {
  if (module.includes('/') || /\.[mc]?[jt]sx?$|\.pyi?$/.test(module)) return [module];
  const path = module.replaceAll('.', '/');
  return [`${path}.py`, `${path}/__init__.py`, `**/${path}.py`, `**/${path}/__init__.py`];
}
