/**
 * Reads one source file. The only file that knows the parser.
 *
 * GE1  One interface, `extract(path, text)`, for all languages: what parses is replaceable.
 * GE2  Broken source is read around its broken places; nothing in a file makes extraction throw but a fault of our own,
 *      and what is tangled (GE6).
 * GE3  The same text gives the same facts, on every machine and in every thread.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as TreeSitter from '@vscode/tree-sitter-wasm';
import { LimitError } from '../core/errors.ts';
import type { FileFacts } from './facts.ts';
import { readWords, type Words } from './lexer.ts';
import { type Grammar, grammarOf } from './parse-languages.ts';
import type { Capture } from './parse-outline.ts';
import { pythonQuery, readPythonFile } from './parse-python.ts';
import { scriptQuery } from './parse-script-query.ts';
import { readScriptFile } from './parse-script.ts';
import type { ShortText } from './parse-short-text.ts';
import { shortenPython } from './parse-shorten-python.ts';
import { shortenScript } from './parse-shorten.ts';
import { isTangled } from './parse-tangle.ts';

// The package is CommonJS of a shape whose names an import does not see.
const packages = createRequire(import.meta.url);
const { Language, Parser, Query } = packages('@vscode/tree-sitter-wasm') as typeof TreeSitter;

/** Reads files, one after another. */
export type Extractor = {
  /** Facts of a file whose language is known (`languageOf`). Throws a LimitError for one that is tangled. */
  extract(path: string, text: string): FileFacts;
  close(): void;
};

type Tools = { readonly language: TreeSitter.Language; readonly query: TreeSitter.Query };

/**
 * Opens a parser with every grammar. The first takes about 50 ms and 20 MB, further ones in a thread next to nothing.
 * `whole`: gives the parser whole texts, which takes longer for the same facts (GE4).
 */
export async function openExtractor({ whole = false } = {}): Promise<Extractor> {
  const tools = await grammars();
  const parser = new Parser();
  return {
    extract: (path, text) => extract({ parser, tools, whole }, path, text),
    close: () => parser.delete(),
  };
}

type Toolbox = ReadonlyMap<Grammar, Tools>;

type Reading = { readonly parser: TreeSitter.Parser; readonly tools: Toolbox; readonly whole: boolean };

/** Loaded once in a thread: the package starts anew with each `init`, and parsers from before it would break. */
let loaded: Promise<Toolbox> | undefined;

function grammars(): Promise<Toolbox> {
  loaded ??= loadGrammars();
  return loaded;
}

async function loadGrammars(): Promise<Toolbox> {
  const folder = dirname(packages.resolve('@vscode/tree-sitter-wasm'));
  await Parser.init();
  const tools = new Map<Grammar, Tools>();
  for (const grammar of ['typescript', 'tsx', 'javascript', 'python'] as const) {
    const language = await Language.load(readFileSync(join(folder, `tree-sitter-${grammar}.wasm`)));
    const source = grammar === 'python' ? pythonQuery : scriptQuery(grammar !== 'javascript');
    tools.set(grammar, { language, query: new Query(language, source) });
  }
  return tools;
}

function extract({ parser, tools, whole }: Reading, path: string, text: string): FileFacts {
  const known = grammarOf(path);
  const tool = known === undefined ? undefined : tools.get(known.grammar);
  if (known === undefined || tool === undefined) throw new Error(`no grammar for ${path}`);
  parser.setLanguage(tool.language);
  const words = readWords(text, known.lang);
  if (isTangled(words)) {
    throw new LimitError(`${path} has more brackets in brackets, or signs in a row, than a person writes.`, {
      hint: `Name it under zones.ignore of guard.json if a program made it.`,
    });
  }
  const short = whole ? undefined : shortOf(words, known.grammar);
  const captures = shortCaptures(parser, tool.query, short) ?? capturesOf(parser, tool.query, text);
  const facts = known.lang === 'py' ? readPythonFile(words, captures) : readScriptFile(words, known.lang, captures);
  return saysGenerated(text) ? { ...facts, isGenerated: true } : facts;
}

function shortOf(words: Words, grammar: Grammar): ShortText | undefined {
  if (grammar === 'python') return shortenPython(words);
  return mayHoldTags(grammar, words.text) ? undefined : shortenScript(words);
}

/** The words of text between tags are no words of the language, and brackets in it need not match. */
function mayHoldTags(grammar: Grammar, text: string): boolean {
  return grammar !== 'typescript' && (text.includes('</') || text.includes('/>'));
}

/** What is captured in a short text, at its places in the whole one; nothing where the grammar stumbles (GE4). */
function shortCaptures(
  parser: TreeSitter.Parser,
  query: TreeSitter.Query,
  short: ShortText | undefined,
): Capture[] | undefined {
  const tree = short === undefined ? null : parser.parse(short.text);
  if (short === undefined || tree === null) return undefined;
  try {
    if (tree.rootNode.hasError) return undefined;
    return query.captures(tree.rootNode).map(({ name, node }) => ({
      what: name,
      start: short.startOf(node.startIndex),
      end: short.endOf(node.endIndex),
    }));
  } finally {
    tree.delete();
  }
}

function capturesOf(parser: TreeSitter.Parser, query: TreeSitter.Query, text: string): Capture[] {
  const tree = parser.parse(text);
  if (tree === null) return [];
  try {
    return query
      .captures(tree.rootNode)
      .map(({ name, node }) => ({ what: name, start: node.startIndex, end: node.endIndex }));
  } finally {
    tree.delete();
  }
}

/** Does the head of a file say that a program wrote it? */
export function saysGenerated(text: string): boolean {
  const head = text.slice(0, 1_500);
  return (
    /@generated\b|\b(?:auto-?generated|automatically generated|code generated by|generated by .{1,80}do not edit|do not edit.*generated)\b/i.test(
      head,
    ) && /(?:^|\n)\s*(?:\/\/|\/?\*|#|"""|''')/.test(head)
  );
}
