/**
 * Facts of one file as bytes: what a thread sends and the cache keeps.
 *
 * GE5  What was packed comes back equal, whatever its strings hold.
 *
 * Numbers of 32 bits throughout: first how many there are of each kind, then the members of the facts one after another,
 * then the hashes of all sketches, then the characters of all strings, each string once. Members are in the order in
 * which `Packing` writes them; who changes it raises `extractorVersion`.
 */
import type {
  AliasFacts,
  ConstructionFacts,
  FileFacts,
  ImportFacts,
  ImportKind,
  Lang,
  MethodFacts,
  ModuleStateFacts,
  Span,
  UnitFacts,
  UnitKind,
  UseFacts,
} from './facts.ts';

/** Facts of one file in bytes; their number is a multiple of four. */
export type PackedFacts = Uint8Array<ArrayBuffer>;

const langs: readonly Lang[] = ['ts', 'js', 'py'];
const unitKinds: readonly UnitKind[] = ['class', 'factory', 'function', 'type'];
const importKinds: readonly ImportKind[] = ['import', 'type', 'reexport', 'lazy'];
const holdings: readonly ModuleStateFacts['holds'][] = ['let', 'map', 'set', 'array', 'object', 'instance'];

/** Members, hashes, characters, bytes of a character, strings. */
const headNumbers = 5;

export function packFacts(facts: FileFacts): PackedFacts {
  return new Packing().pack(facts);
}

/** Strings of many files, each kept once. */
export type SharedStrings = Map<string, string>;

/** The way back. Throws on what was not packed by `packFacts`. */
export function unpackFacts(packed: Uint8Array, shared: SharedStrings = new Map()): FileFacts {
  return new Unpacking(packed, shared).file();
}

class Packing {
  readonly #numbers: number[] = [];
  readonly #strings = new Map<string, number>();
  readonly #sketches: Uint32Array[] = [];

  pack(facts: FileFacts): PackedFacts {
    this.#file(facts);
    const lengths = [...this.#strings.keys()].map((text) => text.length);
    const characters = [...this.#strings.keys()].join('');
    const isWide = /[^\0-\xff]/.test(characters);
    const hashes = this.#sketches.reduce((sum, one) => sum + one.length, 0);
    const members = this.#numbers.length;
    const numbers = headNumbers + members + lengths.length + hashes;
    const bytes = numbers * 4 + characters.length * (isWide ? 2 : 1);
    const packed = new Uint8Array(Math.ceil(bytes / 4) * 4);
    const all = new Uint32Array(packed.buffer, 0, numbers);
    all.set([members, hashes, characters.length, isWide ? 2 : 1, lengths.length]);
    all.set(this.#numbers, headNumbers);
    all.set(lengths, headNumbers + members);
    let at = headNumbers + members + lengths.length;
    for (const sketch of this.#sketches) {
      all.set(sketch, at);
      at += sketch.length;
    }
    Buffer.from(packed.buffer).write(characters, numbers * 4, isWide ? 'utf16le' : 'latin1');
    return packed;
  }

  #number(value: number): void {
    this.#numbers.push(value);
  }

  #string(text: string): void {
    const known = this.#strings.get(text);
    this.#numbers.push(known ?? this.#strings.size);
    if (known === undefined) this.#strings.set(text, this.#strings.size);
  }

  #list<Of>(all: readonly Of[], write: (one: Of) => void): void {
    this.#numbers.push(all.length);
    for (const one of all) write(one);
  }

  #flags(...flags: readonly boolean[]): void {
    this.#numbers.push(flags.reduce((sum, flag, bit) => sum + (flag ? 2 ** bit : 0), 0));
  }

  #file(facts: FileFacts): void {
    this.#number(langs.indexOf(facts.lang));
    this.#number(facts.lines);
    this.#number(facts.errors);
    this.#flags(facts.isGenerated);
    this.#list(facts.units, (one) => this.#unit(one));
    this.#list(facts.imports, (one) => this.#import(one));
    this.#list(facts.aliases, ({ name, of, line }) => {
      this.#string(name);
      this.#string(of);
      this.#number(line);
    });
    this.#list(facts.exports, ({ name, local }) => {
      this.#string(name);
      this.#string(local);
    });
    this.#list(facts.constructions, ({ name, line, start, within }) => {
      this.#string(name);
      this.#number(line);
      this.#number(start);
      this.#string(within);
    });
    this.#list(facts.uses, (one) => this.#use(one));
    this.#list(facts.members, ({ module, name, line, within }) => {
      this.#string(module);
      this.#string(name);
      this.#number(line);
      this.#string(within);
    });
    this.#list(facts.state, (one) => this.#state(one));
  }

  #span({ start, end, line, endLine }: Span): void {
    this.#numbers.push(start, end, line, endLine);
  }

  #texts(all: readonly string[]): void {
    this.#list(all, (one) => this.#string(one));
  }

  #unit(unit: UnitFacts): void {
    const hasOuter = unit.outer !== undefined;
    this.#number(unitKinds.indexOf(unit.kind));
    this.#string(unit.name);
    this.#flags(hasOuter, unit.isExported, unit.isAbstract, unit.isDeprecated, unit.claimsToBeTheOne);
    if (unit.outer !== undefined) this.#string(unit.outer);
    this.#span(unit.span);
    this.#texts(unit.bases);
    this.#texts(unit.implements);
    this.#list(unit.methods, (one) => this.#method(one));
    this.#texts(unit.fields);
    this.#texts(unit.params);
    this.#string(unit.doc);
    this.#numbers.push(unit.body.length, unit.grams, unit.terms.length, unit.termCount, unit.tokens);
    this.#sketches.push(unit.body, unit.terms);
    this.#texts(unit.uses);
  }

  #method({ name, line, params, isAsync, isPrivate, isStub, delegatesTo }: MethodFacts): void {
    this.#string(name);
    this.#number(line);
    this.#number(params);
    this.#flags(isAsync, isPrivate, isStub, delegatesTo !== undefined);
    if (delegatesTo !== undefined) this.#string(delegatesTo);
  }

  #import({ kind, specifier, imported, local, span, within }: ImportFacts): void {
    this.#number(importKinds.indexOf(kind));
    this.#string(specifier);
    this.#string(imported);
    this.#string(local);
    this.#span(span);
    this.#string(within);
  }

  #use({ name, bindings, calls }: UseFacts): void {
    this.#string(name);
    this.#list(bindings, (one) => {
      this.#string(one.name);
      this.#number(one.count);
    });
    this.#list(calls, ({ method, line, start, within }) => {
      this.#string(method);
      this.#number(line);
      this.#number(start);
      this.#string(within);
    });
  }

  #state({ name, line, holds, isExported, writers }: ModuleStateFacts): void {
    this.#string(name);
    this.#number(line);
    this.#number(holdings.indexOf(holds));
    this.#flags(isExported);
    this.#list(writers, ({ within, line: at }) => {
      this.#string(within);
      this.#number(at);
    });
  }
}

class Unpacking {
  readonly #numbers: Uint32Array;
  readonly #sketches: Uint32Array;
  readonly #strings: string[] = [];
  #at = headNumbers;
  #sketchAt = 0;

  constructor(packed: Uint8Array, shared: SharedStrings) {
    // A stretch of a larger buffer may start anywhere.
    const bytes = packed.byteOffset % 4 === 0 ? packed : packed.slice();
    const all = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
    const [members = 0, hashes = 0, characters = 0, width = 0, strings = 0] = all;
    const lengthsAt = headNumbers + members;
    const sketchesAt = lengthsAt + strings;
    const textAt = (sketchesAt + hashes) * 4;
    if (width < 1 || width > 2 || textAt + characters * width > bytes.byteLength) throw new Error('no packed facts');
    this.#numbers = all;
    this.#sketches = all.slice(sketchesAt, sketchesAt + hashes);
    const view = Buffer.from(bytes.buffer, bytes.byteOffset + textAt, characters * width);
    const text = view.toString(width === 2 ? 'utf16le' : 'latin1');
    this.#cut(text, all.subarray(lengthsAt, sketchesAt), shared);
  }

  #cut(text: string, lengths: Uint32Array, shared: SharedStrings): void {
    let start = 0;
    for (const length of lengths) {
      this.#strings.push(shareString(shared, text.slice(start, start + length)));
      start += length;
    }
  }

  #number(): number {
    const value = this.#numbers[this.#at];
    if (value === undefined) throw new Error('packed facts end early');
    this.#at += 1;
    return value;
  }

  #string(): string {
    const text = this.#strings[this.#number()];
    if (text === undefined) throw new Error('packed facts name a string that is not there');
    return text;
  }

  #one<Of>(all: readonly Of[]): Of {
    const one = all[this.#number()];
    if (one === undefined) throw new Error('packed facts name what does not exist');
    return one;
  }

  #list<Of>(read: () => Of): Of[] {
    const length = this.#number();
    const all: Of[] = [];
    for (let index = 0; index < length; index++) all.push(read());
    return all;
  }

  #texts(): string[] {
    const length = this.#number();
    const all: string[] = [];
    for (let index = 0; index < length; index++) all.push(this.#string());
    return all;
  }

  #span(): Span {
    return { start: this.#number(), end: this.#number(), line: this.#number(), endLine: this.#number() };
  }

  #hashes(length: number): Uint32Array {
    const from = this.#sketchAt;
    this.#sketchAt += length;
    return this.#sketches.subarray(from, this.#sketchAt);
  }

  file(): FileFacts {
    return {
      lang: this.#one(langs),
      lines: this.#number(),
      errors: this.#number(),
      isGenerated: this.#number() === 1,
      units: this.#list(() => this.#unit()),
      imports: this.#list(() => this.#import()),
      aliases: this.#list((): AliasFacts => ({ name: this.#string(), of: this.#string(), line: this.#number() })),
      exports: this.#list(() => ({ name: this.#string(), local: this.#string() })),
      constructions: this.#list(() => this.#construction()),
      uses: this.#list(() => this.#use()),
      members: this.#list(() => ({
        module: this.#string(),
        name: this.#string(),
        line: this.#number(),
        within: this.#string(),
      })),
      state: this.#list(() => this.#state()),
    };
  }

  #unit(): UnitFacts {
    const kind = this.#one(unitKinds);
    const name = this.#string();
    const flags = this.#number();
    const outer = (flags & 1) === 0 ? {} : { outer: this.#string() };
    const head = {
      kind,
      name,
      ...outer,
      span: this.#span(),
      isExported: (flags & 2) !== 0,
      isAbstract: (flags & 4) !== 0,
      bases: this.#texts(),
      implements: this.#texts(),
      methods: this.#list(() => this.#method()),
      fields: this.#texts(),
      params: this.#texts(),
      isDeprecated: (flags & 8) !== 0,
      claimsToBeTheOne: (flags & 16) !== 0,
      doc: this.#string(),
    };
    const bodyLength = this.#number();
    const grams = this.#number();
    const termsLength = this.#number();
    return {
      ...head,
      body: this.#hashes(bodyLength),
      grams,
      terms: this.#hashes(termsLength),
      termCount: this.#number(),
      tokens: this.#number(),
      uses: this.#texts(),
    };
  }

  #method(): MethodFacts {
    const name = this.#string();
    const line = this.#number();
    const params = this.#number();
    const flags = this.#number();
    const shape = {
      name,
      line,
      params,
      isAsync: (flags & 1) !== 0,
      isPrivate: (flags & 2) !== 0,
      isStub: (flags & 4) !== 0,
    };
    return (flags & 8) === 0 ? shape : { ...shape, delegatesTo: this.#string() };
  }

  #import(): ImportFacts {
    return {
      kind: this.#one(importKinds),
      specifier: this.#string(),
      imported: this.#string(),
      local: this.#string(),
      span: this.#span(),
      within: this.#string(),
    };
  }

  #construction(): ConstructionFacts {
    return { name: this.#string(), line: this.#number(), start: this.#number(), within: this.#string() };
  }

  #use(): UseFacts {
    return {
      name: this.#string(),
      bindings: this.#list(() => ({ name: this.#string(), count: this.#number() })),
      calls: this.#list(() => ({
        method: this.#string(),
        line: this.#number(),
        start: this.#number(),
        within: this.#string(),
      })),
    };
  }

  #state(): ModuleStateFacts {
    return {
      name: this.#string(),
      line: this.#number(),
      holds: this.#one(holdings),
      isExported: this.#number() === 1,
      writers: this.#list(() => ({ within: this.#string(), line: this.#number() })),
    };
  }
}

function shareString(shared: SharedStrings, text: string): string {
  const known = shared.get(text);
  if (known !== undefined) return known;
  shared.set(text, text);
  return text;
}
