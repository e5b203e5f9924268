/**
 * What one source file says by itself, in plain data that a worker can send and the cache can keep.
 *
 * Nothing here is resolved: a name is as the file writes it, and only `link.ts` knows which file it means.
 * Lines count from 1; offsets are UTF-16 places in the decoded text, so `text.slice(start, end)` is what was written.
 */

/** `js` covers JSX, `ts` covers TSX and `.mts`. */
export type Lang = 'ts' | 'js' | 'py';

/**
 * `factory` is a function that makes and returns an object with methods, or a module-level object of functions: both stand
 * in for a class. `type` has no code of its own.
 */
export type UnitKind = 'class' | 'factory' | 'function' | 'type';

/** A place in a file that can be cut out of it. */
export type Span = { readonly start: number; readonly end: number; readonly line: number; readonly endLine: number };

export type MethodFacts = {
  readonly name: string;
  readonly line: number;
  /** Parameters without `self` and `cls`. */
  readonly params: number;
  readonly isAsync: boolean;
  /** `_x`, `#x`, `private` or `protected`: no part of what it offers. */
  readonly isPrivate: boolean;
  /** The field to which its whole body forwards the call (`inner` of `return this.inner.run(x)`). */
  readonly delegatesTo?: string;
  /** It has no body, or one that only throws or passes. */
  readonly isStub: boolean;
};

export type UnitFacts = {
  readonly kind: UnitKind;
  readonly name: string;
  /** What it is defined inside of, as `Outer` or `outer.inner`; absent at module level. */
  readonly outer?: string;
  readonly span: Span;
  /** Other files can import it: `export`, or in Python a module-level name without a leading underscore. */
  readonly isExported: boolean;
  readonly isAbstract: boolean;
  /** Names after `extends`, or in Python between the brackets, as written and without type arguments. */
  readonly bases: readonly string[];
  /** Names after `implements`; for a factory the class of what it returns, where it says so. */
  readonly implements: readonly string[];
  readonly methods: readonly MethodFacts[];
  readonly fields: readonly string[];
  /** Parameters of the constructor, or of the function. */
  readonly params: readonly string[];
  /** Its own doc says that it should not be used any more, sentence by sentence. */
  readonly isDeprecated: boolean;
  /** Its own doc claims to be the one (canonical, single source of truth). A claim only. */
  readonly claimsToBeTheOne: boolean;
  /** First sentence of its doc, clipped; empty without one. */
  readonly doc: string;
  /** The smallest hashes of its body's 6-grams of tokens, sorted (`parse-body.ts`). */
  readonly body: Uint32Array;
  /** How many different 6-grams the body has. */
  readonly grams: number;
  /** The smallest hashes of the terms in its body: parts of names, texts and numbers that say something. */
  readonly terms: Uint32Array;
  /** How many different terms the body has. */
  readonly termCount: number;
  /** Tokens in the body. */
  readonly tokens: number;
  /** Names in its body that the file imports or defines at module level, sorted. */
  readonly uses: readonly string[];
};

/** `type`: only for types. `lazy`: inside a function, `import()` or `require()`. */
export type ImportKind = 'import' | 'type' | 'reexport' | 'lazy';

export type ImportFacts = {
  readonly kind: ImportKind;
  /** As written: `./engine.ts`, `@app/x`, `..core.engine`, `backend.agents.engine`. */
  readonly specifier: string;
  /** Name in the other file; `*` for the whole module, `default` for the default export. */
  readonly imported: string;
  /** Name in this file, or under which it is exported again; empty for `export *` and for a bare import. */
  readonly local: string;
  /** The whole statement. */
  readonly span: Span;
  /** The unit (`Name` or `Name.method`) it stands in; empty at module level. */
  readonly within: string;
};

/** `A = B`, `const A = B`, `export { B as A }`, `type A = B`: another name for something, never a unit. */
export type AliasFacts = { readonly name: string; readonly of: string; readonly line: number };

/** `new X()`, or in Python `X()` of a name that starts with a capital. `name` may have dots (`module.X`). */
export type ConstructionFacts = {
  readonly name: string;
  readonly line: number;
  readonly start: number;
  /** The unit (`Name` or `Name.method`) it stands in; empty at module level. */
  readonly within: string;
};

/** What is done with values of one class in this file, told from names and annotations, without types. */
export type UseFacts = {
  /** The class as this file names it. */
  readonly name: string;
  /** Variables, parameters and fields that hold it, with how often. */
  readonly bindings: readonly { readonly name: string; readonly count: number }[];
  /** Methods called on those. */
  readonly calls: readonly {
    readonly method: string;
    readonly line: number;
    readonly start: number;
    readonly within: string;
  }[];
};

/** `m.Old` of a module that the file imports whole: what it takes of it, once for each place. */
export type MemberFacts = {
  /** The import's local name, in Python maybe with dots. */
  readonly module: string;
  readonly name: string;
  readonly line: number;
  /** The unit (`Name` or `Name.method`) it stands in; empty at module level. */
  readonly within: string;
};

/** A module-level variable that something can be kept in. */
export type ModuleStateFacts = {
  readonly name: string;
  readonly line: number;
  /** `let` is a variable that is assigned again; the others say what it holds. */
  readonly holds: 'let' | 'map' | 'set' | 'array' | 'object' | 'instance';
  readonly isExported: boolean;
  /** Where a function writes to it: nothing at module level counts, for that is how it is built. */
  readonly writers: readonly { readonly within: string; readonly line: number }[];
};

export type FileFacts = {
  readonly lang: Lang;
  readonly lines: number;
  /** Places the grammar could not read; the rest of the file was. Bodies that define nothing are not looked at. */
  readonly errors: number;
  /** It says itself that it was generated. */
  readonly isGenerated: boolean;
  readonly units: readonly UnitFacts[];
  readonly imports: readonly ImportFacts[];
  readonly aliases: readonly AliasFacts[];
  /**
   * Names other files can import, with the local name behind each (`__all__`, `export { a as b }`, `export default`).
   * Of a CommonJS module that is one thing, `*` is that thing: it is what `require` gives.
   */
  readonly exports: readonly { readonly name: string; readonly local: string }[];
  readonly constructions: readonly ConstructionFacts[];
  readonly uses: readonly UseFacts[];
  readonly members: readonly MemberFacts[];
  readonly state: readonly ModuleStateFacts[];
};
