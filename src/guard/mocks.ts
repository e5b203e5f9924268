/**
 * Tests that replace a module, or something of it, by its name in a text: `vi.mock('./old')`, `patch("app.old.Engine")`.
 *
 * VG1  A text is not rewritten: what a test puts in the old one's place has the old one's names. But once the users of the
 *      old one have moved, it replaces nothing any more and the test says nothing about it, so each such place is told.
 */
import type { SourceFile, SourceTree, Unit } from './concept.ts';
import { word, type Words } from './lexer.ts';
import { folderOf } from './resolve-paths.ts';
import type { Resolver } from './resolve.ts';
import type { Migration, ReadSource } from './todo.ts';

/** A place where a rival is replaced by its name. */
export type MockedRival = { readonly path: string; readonly line: number; readonly rival: Unit };

/** What it is found with. */
export type MockGround = {
  readonly tree: SourceTree;
  readonly migration: Pick<Migration, 'rivals' | 'consumers'>;
  readonly read: ReadSource;
  readonly wordsOf: (path: string) => Words | undefined;
  readonly resolve: Resolver['resolve'];
};

/** Every place in tests, and in files that use a rival, that replaces one by its name. */
export function mockedRivals({ tree, migration, read, wordsOf, resolve }: MockGround): readonly MockedRival[] {
  const rivals = [...migration.rivals.values()];
  const stems = [...new Set(rivals.map(({ path }) => stemOf(path)))];
  const consumers = new Set(migration.consumers.map(({ file }) => file.path));
  return [...tree.files.values()].flatMap((file): MockedRival[] => {
    if (file.zone !== 'test' && !consumers.has(file.path)) return [];
    const text = read(file.path) ?? '';
    const words = stems.some((stem) => text.includes(stem)) && isMocking.test(text) ? wordsOf(file.path) : undefined;
    return words === undefined ? [] : mockedIn(file, words, { rivals, resolve });
  });
}

/** What a path to the file is written with, in texts. */
function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\..*$/, '');
  const folder = folderOf(path);
  return name === 'index' || name === '__init__' ? folder.slice(folder.lastIndexOf('/') + 1) : name;
}

const isMocking = /mock|patch|setattr|delattr|replace|unstable_/i;

/** Names of calls whose first argument is a module's path, in scripts: of vitest, jest, node:test and testdouble. */
const scriptCalls =
  /^(?:(?:do|un|dont|set|deep|unstable_)?(?:un)?mock(?:Module)?|module|(?:import|require)(?:Actual|Mock)|replace(?:Esm)?|createMockFromModule)$/i;

/** Of Python, where it is dotted: of unittest.mock, pytest-mock and pytest's monkeypatch. */
const pythonCalls = /^(?:patch|multiple|setattr|delattr)$/;

type Known = { readonly rivals: readonly Unit[]; readonly resolve: Resolver['resolve'] };

function mockedIn({ path, facts }: SourceFile, words: Words, known: Known): MockedRival[] {
  const isPython = facts.lang === 'py';
  const calls = isPython ? pythonCalls : scriptCalls;
  const found: MockedRival[] = [];
  for (let at = 2; at < words.length; at++) {
    if (words.kind(at) !== word.text || !words.isSign(at - 1, '(') || !calls.test(words.at(at - 2))) continue;
    const text = /^[rbu]?(['"`])(.*)\1$/i.exec(words.at(at))?.[2] ?? '';
    const named = isPython ? namedInPython(path, text, known) : namedInScript(path, text, known);
    const line = words.line(words.start(at));
    found.push(...named.map((rival) => ({ path, line, rival })));
  }
  return found;
}

/** A module is replaced whole, and so is every rival in it. */
function namedInScript(path: string, text: string, { rivals, resolve }: Known): readonly Unit[] {
  const file = text === '' ? undefined : resolve(path, text);
  return file === undefined ? [] : rivals.filter((rival) => rival.path === file && rival.outer === undefined);
}

/** `app.old.Engine` and what is behind it (`app.old.Engine.run`), or the module alone (`patch.multiple("app.old", …)`). */
function namedInPython(path: string, text: string, { rivals, resolve }: Known): readonly Unit[] {
  if (!/^\w+(?:\.\w+)+$/.test(text)) return [];
  const parts = text.split('.');
  for (let end = parts.length; end > 0; end--) {
    const file = resolve(path, parts.slice(0, end).join('.'));
    if (file === undefined) continue;
    const name = parts[end];
    return rivals.filter((rival) => rival.path === file && (name === undefined || rival.name === name));
  }
  return [];
}
