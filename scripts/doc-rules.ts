/** What scripts/check-docs.ts looks for in the text of pages and sources. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Places that are made by building or running, or that a user has and this repository has not. */
const notHere = /^(dist|node_modules|test-output|data|\.cantus)(\/|$)|^cantus\.config\.ts$|^\.\.?$/;

/** Does this look like a file or folder of a repository? `a/b.ts`, `.ci/run`, `docs/`, `README.md`. */
function isPath(text: string): boolean {
  if (/[\s*<>{}()[\]$|=,;:@"'…\\]|\/\/|\.\.\.|^[/~-]|^[A-Z]+$/.test(text)) return false;
  const extension = /[^/]\.(ts|js|mjs|json|jsonc|md|html|css|sh|yml|yaml|sql|py|csv|toml)$/.test(text);
  const folder =
    /^\.?(src|test|scripts|bench|bin|docs|examples|ci|core|agents|journal|orchestrator|engine|protocol|stores|models|tools|server|client|cli|web|guard|testing)\//;
  return extension || folder.test(text);
}

/** Paths named in back-ticks, and the targets of links, that are not there. */
export function deadPaths(page: string, file: string, root: string): readonly string[] {
  const prose = page.replaceAll(/^```[\s\S]*?^```/gm, '');
  const ticked = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text).filter(isPath);
  const linked = [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)]
    .map(([, target = '']) => decodeURIComponent(target.split('#')[0] ?? ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
  const bases = [root, join(root, 'src'), join(root, dirname(file))];
  const isThere = (path: string): boolean => bases.some((base) => existsSync(join(base, path)));
  const linkIsThere = (path: string): boolean => existsSync(join(root, dirname(file), path));
  const dead = [
    ...ticked.filter((path) => !notHere.test(path) && !isThere(path)),
    ...linked.filter((path) => !linkIsThere(path)),
  ];
  return [...new Set(dead)];
}

/** Not the hour of a time (`T09:30`), nor a byte of an address (`%E0`). */
const ruleName = /(?<!%)\b([A-Z]{1,2}\d{1,2})\b(?!:\d)/g;

/** Letters and a number that are no rule of ours: the JavaScript engine, percentiles, a window system and the like. */
const notRules = new Set(['V8', 'P50', 'P95', 'P99', 'X11']);

/** The rules that a file states: at the head of a source file, or anywhere in ARCHITECTURE.md (a table or a list). */
export function statedRules(text: string, file: string): readonly string[] {
  if (file.endsWith('.md')) {
    return [...text.matchAll(/^\s*(?:\|\s*|[-*]\s+)\**([A-Z]{1,2}\d{1,2})\b/gm)].map(([, rule = '']) => rule);
  }
  const head = /^(?:#!.*\n)?\s*\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
  return [...head.matchAll(/^ \* +([A-Z]{1,2}\d{1,2}) {2}/gm)].map(([, rule = '']) => rule);
}

/** Which files state each rule. */
export type StatedRules = ReadonlyMap<string, readonly string[]>;

export function ruleOwners(files: readonly string[], textOf: (file: string) => string): StatedRules {
  const owners = new Map<string, string[]>();
  for (const file of files) {
    for (const rule of statedRules(textOf(file), file)) owners.set(rule, [...(owners.get(rule) ?? []), file]);
  }
  return owners;
}

/** What is wrong with the rules cited in a page, in a test, or in the comments of a source file. */
export function lostRules(text: string, file: string, owners: StatedRules): readonly string[] {
  const series = new Set([...owners.keys()].map(seriesOf));
  const isTold = file.endsWith('.md') || file.endsWith('.test.ts') || file.startsWith('test/faults/');
  const cited = new Set([...(isTold ? text : commentsOf(text)).matchAll(ruleName)].map(([rule]) => rule));
  return [...cited].flatMap((rule) => {
    if (notRules.has(rule) || !series.has(seriesOf(rule))) return [];
    const [owner, rival] = ownersFor(file, owners.get(rule) ?? []);
    if (owner === undefined) return [`rule ${rule} is stated nowhere`];
    return rival === undefined ? [] : [`rule ${rule} is stated in ${owner} and in ${rival}: give one another letter`];
  });
}

const seriesOf = (rule: string): string => rule.replace(/\d+/, '');

/** An example is a program of its own with rules of its own, which nobody else cites. */
const inExamples = (path: string): boolean => path.startsWith('examples/');

/** Whom a citation in `file` can mean: the file itself or the one it tests, else ARCHITECTURE.md, else whoever is near. */
function ownersFor(file: string, owners: readonly string[]): readonly string[] {
  const subject = file.replace(/(\.prop|\.process)?\.test\.ts$/, '.ts');
  for (const first of [subject, 'ARCHITECTURE.md']) if (owners.includes(first)) return [first];
  const near = owners.filter((owner) => inExamples(owner) === inExamples(file));
  return near.length > 0 || !inExamples(file) ? near : owners;
}

function commentsOf(source: string): string {
  return source
    .split('\n')
    .filter((line) => /^\s*(\/?\*|\/\/)|\s\/\/ /.test(line))
    .join('\n');
}

/** `file: name` of each name that an index exports and that has no docblock where it is declared. */
export function undocumentedExports(index: string, root: string): readonly string[] {
  const text = readFileSync(join(root, index), 'utf8');
  const lists = [...text.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'(\.[^']*)'/g)];
  return lists.flatMap(([, names = '', from = '']) => {
    const target = join(dirname(index), from);
    // An export of a file that is not there is for the compiler to tell.
    if (!existsSync(join(root, target))) return [];
    const source = readFileSync(join(root, target), 'utf8');
    return namesOf(names)
      .filter((name) => isDeclaredBare(source, name))
      .map((name) => `${target}: ${name}`);
  });
}

function namesOf(list: string): readonly string[] {
  return list
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .split(',')
    .map(
      (item) =>
        item
          .replace(/^\s*type\s+/, '')
          .trim()
          .split(/\s+as\s+/)[0] ?? '',
    )
    .filter((name) => name !== '');
}

/** Is it declared there, and without a docblock? What a file only passes on is documented where it is from. */
function isDeclaredBare(source: string, name: string): boolean {
  const declaration = new RegExp(
    String.raw`^export\s+(?:declare\s+|abstract\s+|async\s+)*(?:function\*?|const|let|class|type|interface)\s+${name}\b`,
    'm',
  ).exec(source);
  if (declaration === null) return false;
  return !source.slice(0, declaration.index).trimEnd().endsWith('*/');
}
