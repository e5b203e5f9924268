/** Which files are read, and in which grammar. Imports no parser, so that a walk is cheap. */
import type { Lang } from './facts.ts';

export type Grammar = 'typescript' | 'tsx' | 'javascript' | 'python';

const languages: Readonly<Record<string, { readonly grammar: Grammar; readonly lang: Lang }>> = {
  ts: { grammar: 'typescript', lang: 'ts' },
  mts: { grammar: 'typescript', lang: 'ts' },
  cts: { grammar: 'typescript', lang: 'ts' },
  tsx: { grammar: 'tsx', lang: 'ts' },
  js: { grammar: 'javascript', lang: 'js' },
  mjs: { grammar: 'javascript', lang: 'js' },
  cjs: { grammar: 'javascript', lang: 'js' },
  jsx: { grammar: 'javascript', lang: 'js' },
  py: { grammar: 'python', lang: 'py' },
};

/** The grammar and language of a file by the end of its name, or undefined if it is none that is read. */
export function grammarOf(path: string): { readonly grammar: Grammar; readonly lang: Lang } | undefined {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  return Object.hasOwn(languages, extension) ? languages[extension] : undefined;
}

export function languageOf(path: string): Lang | undefined {
  return grammarOf(path)?.lang;
}
