import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FileFacts, UnitFacts } from './facts.ts';
import { type Extractor, openExtractor } from './parse.ts';

let extractor: Extractor;

function facts(path: string, text: string): FileFacts {
  return extractor.extract(path, text);
}

function unit(path: string, text: string, name: string): UnitFacts {
  const found = facts(path, text).units.find((one) => one.name === name);
  assert.ok(found, `no unit ${name}`);
  return found;
}

const names = (values: readonly { readonly name: string }[]): readonly string[] => values.map(({ name }) => name);

describe('facts of a file', () => {
  before(async () => {
    extractor = await openExtractor();
  });
  after(() => extractor.close());

  it('tells a TypeScript class with its head, methods and constructor', () => {
    const engine = unit(
      'a.ts',
      `import * as ns from './base.ts';
/** Runs plans. */
@injectable({ scope: 'user' })
export abstract class Engine<T> extends ns.Base<T> implements Runner, Closer<T> {
  #queue = [];
  constructor(private readonly store: Store, { clock, limit = 3 }: Options) { super(); }
  static async run(plan: Plan, ...rest: number[]): Promise<void> {}
  private tick = () => { this.#queue.pop(); };
  abstract stop(): void;
}`,
      'Engine',
    );
    assert.deepEqual(engine.bases, ['ns.Base']);
    assert.deepEqual(engine.implements, ['Runner', 'Closer']);
    assert.deepEqual(engine.params, ['store', 'clock', 'limit']);
    assert.deepEqual(
      engine.methods.map(({ name, isPrivate, isAsync, isStub }) => [name, isPrivate, isAsync, isStub]),
      [
        ['run', false, true, true],
        ['tick', true, false, false],
        ['stop', false, false, true],
      ],
    );
    assert.deepEqual(engine.fields, ['#queue']);
    assert.equal(engine.isAbstract, true);
    assert.equal(engine.isExported, true);
    assert.equal(engine.doc, 'Runs plans.');
  });

  it('tells a Python class with its bases, fields and docstring', () => {
    const engine = unit(
      'a.py',
      `class Engine(Base, abc.ABC, Generic[T], metaclass=Meta):
    """Runs plans for one user."""
    limit: int = 3

    def __init__(self, store, *, clock=None):
        self._store = store

    async def run(self, plan, *args, **kwargs):
        return await self._store.run(plan)

    def _tick(self):
        pass
`,
      'Engine',
    );
    assert.deepEqual(engine.bases, ['Base', 'Generic']);
    assert.equal(engine.isAbstract, true);
    assert.deepEqual(engine.params, ['store', 'clock']);
    assert.deepEqual(engine.fields, ['limit', '_store']);
    assert.deepEqual(
      engine.methods.map(({ name, params, isAsync, isPrivate, delegatesTo }) => [
        name,
        params,
        isAsync,
        isPrivate,
        delegatesTo,
      ]),
      [
        ['run', 3, true, false, '_store'],
        ['_tick', 0, false, true, undefined],
      ],
    );
    assert.equal(engine.doc, 'Runs plans for one user.');
  });

  it('takes a function that returns an object of functions for a factory', () => {
    const text = `export function createBus(store) {
      function emit(event) { store.push(event); }
      return { emit, close: () => store.end(), async drain(ms) { await store.wait(ms); } };
    }
    export const mailer = { send(to) { return to; }, queue: () => 1 };
    export function add(a, b) { return { sum: a + b }; }`;
    assert.deepEqual(names(unit('a.js', text, 'createBus').methods), ['emit', 'close', 'drain']);
    assert.equal(unit('a.js', text, 'createBus').kind, 'factory');
    assert.equal(unit('a.js', text, 'mailer').kind, 'factory');
    assert.equal(unit('a.js', text, 'add').kind, 'function');
  });

  it('tells imports of every shape, and what is exported under which name', () => {
    const found = facts(
      'a.ts',
      `import base, { type Plan as P, run } from './run.ts';
import type { Clock } from '../clock.js';
import * as all from 'all';
export { a as b } from './a.ts';
export * from './everything.ts';
const local = 1;
export { local as renamed };
async function later() { const { Engine: E } = await import('./engine.ts'); }`,
    );
    assert.deepEqual(
      found.imports.map(({ kind, specifier, imported, local, within }) =>
        [kind, specifier, imported, local, within].join(' '),
      ),
      [
        'import ./run.ts default base ',
        'type ./run.ts Plan P ',
        'import ./run.ts run run ',
        'type ../clock.js Clock Clock ',
        'import all * all ',
        'reexport ./a.ts a b ',
        'reexport ./everything.ts *  ',
        'lazy ./engine.ts Engine E later',
      ],
    );
    assert.deepEqual(found.exports, [{ name: 'renamed', local: 'local' }]);
  });

  it('tells Python imports: relative, renamed, inside functions and for types only', () => {
    const found = facts(
      'a.py',
      `from __future__ import annotations
import app.core.engine as eng, json
from ..store import (Store as S, open_store)
if TYPE_CHECKING:
    from .types import Plan

def later():
    from app.tools import Tool
    return Tool()
`,
    );
    assert.deepEqual(
      found.imports.map(({ kind, specifier, imported, local }) => [kind, specifier, imported, local].join(' ')),
      [
        'import app.core.engine * eng',
        'import json * json',
        'import ..store Store S',
        'import ..store open_store open_store',
        'type .types Plan Plan',
        'lazy app.tools Tool Tool',
      ],
    );
    assert.deepEqual(
      found.constructions.map(({ name, within }) => [name, within]),
      [['Tool', 'later']],
    );
  });

  it('tells where something is constructed, what holds it, and what is called on it', () => {
    const found = facts(
      'a.ts',
      `import { Engine } from './engine.ts';
export class Door {
  open() { const engine = new Engine(1); engine.start(); return other.start(); }
}
export function run(theEngine: Engine) { return theEngine.executePlan(); }`,
    );
    assert.deepEqual(
      found.constructions.map(({ name, line, within }) => [name, line, within]),
      [['Engine', 3, 'Door.open']],
    );
    const [use] = found.uses;
    assert.deepEqual(use?.bindings, [
      { name: 'engine', count: 1 },
      { name: 'theEngine', count: 1 },
    ]);
    assert.deepEqual(
      use.calls.map(({ method, line, within }) => [method, line, within]),
      [
        ['start', 3, 'Door.open'],
        ['executePlan', 5, 'run'],
      ],
    );
  });

  it('tells module-level state with who writes to it, and not with who only builds it or hides it', () => {
    const script = facts(
      'a.ts',
      `const cache = new Map(); const names = ['a']; let last = 0;
names.push('b');
export function remember(key) { cache.set(key, 1); last = 2; }
export function other(cache) { cache.set(1, 2); }
app.get('/', () => { names.push('c'); });`,
    );
    assert.deepEqual(
      script.state.map(({ name, holds, writers }) => [name, holds, writers.map((writer) => writer.within)]),
      [
        ['cache', 'map', ['remember']],
        ['names', 'array', ['(anonymous)']],
        ['last', 'let', ['remember']],
      ],
    );
    const python = facts(
      'a.py',
      `_cache = {}
TOTAL = 0

def remember(key):
    _cache[key] = 1

def local():
    TOTAL = 3

def count():
    global TOTAL
    TOTAL += 1
`,
    );
    assert.deepEqual(
      python.state.map(({ name, holds, writers }) => [name, holds, writers.map((writer) => writer.within)]),
      [
        ['_cache', 'map', ['remember']],
        ['TOTAL', 'let', ['count']],
      ],
    );
  });

  it('reads a doc sentence by sentence, so that what a class replaces is not held against it (GB3)', () => {
    const doc = (text: string): readonly boolean[] => {
      const { isDeprecated, claimsToBeTheOne } = unit('a.ts', `/** ${text} */\nexport class A { run() {} }`, 'A');
      return [isDeprecated, claimsToBeTheOne];
    };
    assert.deepEqual(doc('The single source of truth. Replaces the deprecated OldEngine.'), [false, true]);
    assert.deepEqual(doc('Replaces OldEngine, which is deprecated.'), [false, false]);
    assert.deepEqual(doc('Runs plans.\n * @deprecated use Engine'), [true, false]);
    assert.deepEqual(doc('Superseded by Engine.'), [true, false]);
  });

  it('knows an alias from a unit, and what is nested from what is not', () => {
    const found = facts(
      'a.ts',
      `class Engine { run() {} } const Old = Engine; type Also = Engine;
function mixin() { return class Inner { go() {} }; }
namespace N { export class Deep { go() {} } }`,
    );
    assert.deepEqual(
      found.aliases.map(({ name, of }) => [name, of]),
      [
        ['Old', 'Engine'],
        ['Also', 'Engine'],
      ],
    );
    assert.deepEqual(
      found.units.map(({ name, outer }) => [name, outer]),
      [
        ['Engine', undefined],
        ['mixin', undefined],
        ['Inner', 'mixin'],
        ['Deep', 'N'],
      ],
    );
  });

  it('reads around broken places (GE2)', () => {
    const text = `export class Engine { run( { }\n  stop() { return 1; }\n}\nexport function fine() { return 2; }`;
    const found = facts('a.ts', text);
    assert.ok(found.errors > 0);
    assert.ok(found.units.some(({ name }) => name === 'fine'));
  });

  it('tells the parameter of an arrow that has no brackets round it', () => {
    const text = 'const make = config => new Engine(config);\nconst open = async id => { return make(id); };';
    assert.deepEqual(unit('a.ts', text, 'make').params, ['config']);
    assert.deepEqual(unit('a.ts', text, 'open').params, ['id']);
    assert.deepEqual(unit('a.ts', 'export default clock => () => clock;', 'default').params, ['clock']);
  });

  it('knows CommonJS exports', () => {
    const found = facts(
      'a.js',
      `class A { run() {} }\nfunction b() {}\nmodule.exports = { A, bee: b };\nexports.c = b;`,
    );
    assert.deepEqual(found.exports, [
      { name: 'A', local: 'A' },
      { name: 'bee', local: 'b' },
      { name: 'c', local: 'b' },
    ]);
  });

  it('knows what CommonJS exports at once, named there or not at all', () => {
    const told = (text: string) => {
      const { units, exports } = facts('a.js', text);
      return [names(units).join(), exports.map(({ name, local }) => `${name}=${local}`).join()];
    };
    for (const [text, unitNames, exported] of [
      ['module.exports = class A { run() {} };', 'A', 'default=A,*=A'],
      ['module.exports = class extends B { run() {} };', 'default', 'default=default,*=default'],
      ['module.exports = function make(a) { return a; };', 'make', 'default=make,*=make'],
      ['module.exports = a => a;', 'default', 'default=default,*=default'],
      ['exports = module.exports = make;\nfunction make() {}', 'make', 'default=make,*=make'],
      ['exports.run = function () {};\nmodule.exports.B = class { go() {} };', 'run,B', 'run=run,B=B'],
      ['exports.B = void 0;\nclass B {}\nexports.B = B;', 'B', 'B=B'],
      ['module.exports = make(A);\nclass A {}', 'A', ''],
      ["module.exports = { ...require('./b'), A };\nclass A {}", 'A', 'A=A'],
    ] as const) {
      assert.deepEqual(told(text), [unitNames, exported], text);
    }
    assert.deepEqual(names(facts('a.ts', 'class A {}\nexport = A;').exports), ['default', '*']);
    assert.deepEqual(
      facts('a.ts', "import A = require('./a');").imports.map(({ local, imported }) => [local, imported]),
      [['A', '*']],
    );
  });
});
