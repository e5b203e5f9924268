import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FileFacts } from './facts.ts';
import { readWords } from './lexer.ts';
import { type Extractor, openExtractor } from './parse.ts';
import { languageOf } from './parse-languages.ts';
import { shortenPython } from './parse-shorten-python.ts';
import { shortenScript } from './parse-shorten.ts';

const repository = new URL('../../', import.meta.url).pathname;

/** Facts without what the parser is not asked for: errors in bodies, and comments behind the end of something. */
function plain({ errors: _errors, ...facts }: FileFacts): unknown {
  return JSON.parse(JSON.stringify(facts, (key, value: unknown) => (key === 'span' ? lineOf(value) : value)));
}

function lineOf(span: unknown): unknown {
  return (span as { readonly line: number }).line;
}

/** Code whose braces look like others. */
const traps: Readonly<Record<string, string>> = {
  'a class that extends a call': 'class A extends mixin<B>(C) { run() { return 1; } stop() {} }',
  'a class with braces in the arguments of its base': 'class A extends B<{ a: string }, { b: 1 }> { run() { go(); } }',
  'a class in a method': 'class A { make() { return class B { run() {} }; } }',
  'a type behind an arrow': 'type Make = () => { name: string; run(): void; };',
  'a type behind a guard': 'function is(value: unknown): value is { index: number } { return true; }',
  'a type in what a function gives': 'function make(): Promise<{ a: string }> & { b: number } { return go(); }',
  'a type of destructured names': 'function go() { const { a, b, }: { a: string; b: number } = read(); return a; }',
  'a factory': 'export function make() { const x = 1; return { run() { return x; }, stop: () => x, x }; }',
  'a factory by shorthand': 'function make() { function run() {} function stop() {} return { run, stop }; }',
  'methods of an object in a function': 'function go() { on({ start() { a(); }, stop: function () {} }); }',
  'a function in a module-level arrow': 'export const go = () => { function inner() { new A(); } inner(); };',
  'arrows in control flow at module level': 'if (ready) { on(() => { new Engine(); }); } else { off((x) => x); }',
  'an arrow field': 'class A { run = async (x: X) => { await this.inner.run(x); }; stop = bind(() => { go(); }); }',
  loops: 'for (const a of b) { go(a); } for await (const c of d) go(c); for (let i = 0; i < 9; i++) { go(i); }',
  'templates with code in them': 'class A { run() { return `a ${list.map((x) => `${x}`).join(`}`)} b`; } stop() {} }',
  'regular expressions with brackets': 'class A { run(x) { return /[({]/.test(x) && x.split(/}/); } stop() {} }',
  'index signatures and mapped types': 'interface A { [key: string]: B; run(): void } type C = { [K in keyof D]: E };',
  'an import with require': 'import fs = require("node:fs"); export class A { run() { fs.read(); } }',
  'a block behind a call':
    'bench("a", () => { go(); })\n{\n  const r = 1;\n  type B = { a: 1 } | { b: 2 };\n  on(() => { new C(); });\n}',
  'a block behind a declared type':
    'declare function f(): { a: 1 }\n{\n  type B = { a: 1 };\n  on(() => { new C(); });\n}',
  'braces on lines of their own':
    'class A\n{\n  run(x)\n  {\n    go(x);\n  }\n  stop(): void\n  {\n  }\n}\nfunction make()\n{\n  return { a() {}, b() {} };\n}',
  'broken brackets': 'class A { run( { } stop() {} }',
  'a broken class': 'class A { run() { go(); } 1 2 3 stop() {} } class B { run() {} }',
};

const pythonTraps: Readonly<Record<string, string>> = {
  'imports in compound statements': 'try:\n    import a\nexcept ImportError:\n    a = None\nelse:\n    b = 1\n',
  'a relative import in brackets': 'from . import (\n    a,\n    b as c,\n)\n',
  'bodies on one line':
    'class A:\n    def run(self): ...\n    async def stop(self) -> None: ...\n    def go(self): pass\n',
  'classes under conditions':
    'if x:\n  class A:\n    def run(self):\n      return 1\nelse:\n  class B(A):\n    y = 1\n',
  decorators: '@a.b(c=[1])\nclass A:\n    @property\n    def run(self):\n        return 1\n',
  'texts over lines':
    'class A:\n    """Doc.\n\nclass B:\n    pass\n"""\n    def run(self):\n        return """\nx\n"""\n',
  'an import that goes on': 'x = 1\nfrom a \\\nimport b\n',
  'lines that go on': 'def run(a, \\\n        b):\n    x = a + \\\n      b\n    return x\nclass A: x = (\n1)\n',
  'tabs and spaces': 'class A:\n\tdef run(self):\n\t\treturn 1\n\n\tdef stop(self):\n\t    return 2\n',
  'wrong indentation': 'class A:\n    def run(self):\n        x = 1\n      y = 2\n    def stop(self):\n        pass\n',
  'a class in a function':
    'def make():\n    x = 1\n    class A:\n        def run(self):\n            return x\n    return A\n',
  'nothing but comments in between': 'def a():\n    x()\n    # said\n\n# of b\ndef b():\n    pass\n',
};

describe('the short text that the parser is given', () => {
  let short: Extractor;
  let whole: Extractor;
  before(async () => {
    short = await openExtractor();
    whole = await openExtractor({ whole: true });
  });
  after(() => {
    short.close();
    whole.close();
  });
  const assertSame = (path: string, text: string): void =>
    assert.deepEqual(plain(short.extract(path, text)), plain(whole.extract(path, text)), path);

  for (const [what, text] of Object.entries(traps)) {
    it(`has the facts of the whole one: ${what} (GE4)`, () => {
      assertSame('a.ts', text);
      assertSame('a.js', text);
    });
  }

  for (const [what, text] of Object.entries(pythonTraps)) {
    it(`has the facts of the whole one, in Python: ${what} (GE4)`, () => assertSame('a.py', text));
  }

  it('has the facts of the whole one for the sources of this repository (GE4)', () => {
    const paths = globSync(['src/{guard,engine,web}/**/*', 'test/fixtures/guard/**/*'], { cwd: repository });
    const sources = paths.filter((path) => languageOf(path) !== undefined);
    assert.ok(sources.length > 200);
    for (const path of sources) assertSame(path, readFileSync(join(repository, path), 'utf8'));
  });

  it('leaves out bodies, comments and what stands in brackets', () => {
    const text = `/** Runs. */\nexport class A extends B<C> { // here\n  run(x: X) { if (x) { go(x, "y"); } }\n}`;
    const given = shortenScript(readWords(text, 'ts'));
    assert.equal(given?.text, '\nexport class A extends B<C> {\n  run(a) {}\n}'.replace('{\n  run', '{\nrun'));
    const python =
      'import a\nx = f(\n 1)\nif x:\n    y = 2\nclass B(C):\n    """Doc."""\n    def run(self):\n        z()\n';
    const lines = ['', 'import a', '0', 'class B(a):', '    0', '    def run(a):', '        0'];
    assert.equal(shortenPython(readWords(python, 'py'))?.text, lines.join('\n'));
  });

  it('gives way to the whole one where the parser stumbles over it alone (GE4)', () => {
    const text = 'import fs = require("node:fs");\nexport class A { run() { fs.read(); } }';
    assert.match(shortenScript(readWords(text, 'ts'))?.text ?? '', /= require\(a\)/);
    assert.equal(short.extract('a.ts', text).errors, 0);
    assertSame('a.ts', text);
  });

  it('is none where brackets or indentation do not match', () => {
    assert.equal(shortenScript(readWords('class A { run( }', 'ts')), undefined);
    assert.equal(shortenScript(readWords('const a = `${b`;', 'ts')), undefined);
    assert.equal(shortenPython(readWords('def a(:\n  pass\n', 'py')), undefined);
    assert.equal(shortenPython(readWords('if a:\n    b\n  c\n', 'py')), undefined);
  });
});
