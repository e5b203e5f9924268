import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subject } from './candidates.ts';
import type { Evidence, Unit } from './concept.ts';
import { crowdMin, inCrowd, isCrowded } from './crowd.ts';
import { rival } from './judgement.ts';
import { partsOf } from './names.ts';
import { edgeBetween, onlyNamedAlike, scanTree } from './scan.fixture.ts';
import { vocabularyOf } from './vocabulary.ts';

const vocabulary = vocabularyOf();

type Sort = Pick<Unit, 'kind' | 'isExported' | 'tokens'> & { readonly name: string };
const sorts: Readonly<Record<'code' | 'class' | 'record' | 'factory' | 'word', Sort>> = {
  code: { kind: 'function', name: 'formatSize', isExported: true, tokens: 60 },
  class: { kind: 'class', name: 'PriceTable', isExported: true, tokens: 200 },
  word: { kind: 'class', name: 'Vector', isExported: true, tokens: 200 },
  record: { kind: 'type', name: 'PriceRow', isExported: true, tokens: 30 },
  factory: { kind: 'factory', name: 'listPresentations', isExported: false, tokens: 100 },
};

function subject({ name, kind, ...unit }: Sort, path: string): Subject {
  return {
    unit: { name, kind, path, ...unit } as unknown as Unit,
    parts: partsOf(name, kind, vocabulary),
    family: kind === 'function' ? 'function' : kind === 'type' ? 'type' : 'class',
    offers: new Map(),
    isData: kind === 'type',
    keys: [],
    pieces: new Uint32Array(),
  };
}

/** What a likely pair of this sort is in a crowd. */
function tierOf(sort: Sort, evidence: Partial<Evidence>, paths: readonly [string, string] = ['a.ts', 'b.ts']): string {
  const whole = { ...onlyNamedAlike, ...evidence };
  const judged = inCrowd(rival('likely', whole), [subject(sort, paths[0]), subject(sort, paths[1])], whole);
  return judged?.verdict === 'rival' ? judged.tier : 'nothing';
}

describe('a crowd of names', () => {
  const unit = { zone: 'prod', isExported: true, kind: 'function' } as unknown as Unit;
  const of = (count: number, one: Partial<Unit> = {}): Unit[] =>
    Array.from({ length: count }, () => ({ ...unit, ...one }));

  it('is there from some number of units on that ship and can be imported', () => {
    assert.equal(isCrowded(of(crowdMin - 1)), false);
    assert.equal(isCrowded(of(crowdMin)), true);
  });

  it('is not made of types, tests and what only its own file sees', () => {
    for (const one of [{ kind: 'type' }, { zone: 'test' }, { isExported: false }, { outer: 'Outer' }] as const) {
      assert.equal(isCrowded(of(crowdMin, one)), false);
    }
  });
});

describe('two of one name in a crowd', () => {
  it('are only possible rivals if they are functions that talk about one thing (GQ1)', () => {
    assert.equal(tierOf(sorts.code, { termContainment: 0.9, bodyJaccard: 0.1 }), 'possible');
    assert.equal(tierOf(sorts.code, { bodyJaccard: 0.5 }), 'likely');
  });

  it('are rivals if a file of one name says it in much the same words', () => {
    const alike = { termContainment: 0.8, bodyJaccard: 0.25, fieldContainment: 1 };
    assert.equal(tierOf(sorts.code, alike, ['v0/size.ts', 'v1/size.ts']), 'likely');
    assert.equal(tierOf(sorts.code, alike, ['v0/size.ts', 'v1/mass.ts']), 'possible');
  });

  it('are rivals if the name says that one came after the other, in much the same words', () => {
    const alike = { termContainment: 0.8, bodyJaccard: 0.25, nameRelation: 'modifier' } as const;
    assert.equal(tierOf(sorts.code, alike), 'likely');
    assert.equal(tierOf(sorts.code, { ...alike, termContainment: 0.2 }), 'possible');
  });

  it('are alike by chance where there are few words (GQ2)', () => {
    const entry = { ...sorts.code, tokens: 10 };
    assert.equal(tierOf(entry, { bodyJaccard: 1 }), 'possible');
    assert.equal(tierOf(entry, { bodyJaccard: 1, sharedFields: ['bytes'] }), 'likely');
    assert.equal(tierOf({ ...entry, name: 'join' }, { bodyJaccard: 1, sharedFields: ['left'] }), 'possible');
  });

  it('are only possible rivals if they are classes whose methods are called alike and do other things (GQ1)', () => {
    const shared = { shared: ['bra', 'ket'], methodContainment: 1 };
    assert.equal(tierOf(sorts.class, { ...shared, termContainment: 0.3 }), 'possible');
    assert.equal(tierOf(sorts.class, { ...shared, termContainment: 0.6 }), 'likely');
    assert.equal(tierOf(sorts.word, { ...shared, termContainment: 0.55 }), 'possible');
  });

  it('are only possible rivals if they are records that share a part of their fields', () => {
    const shared = { shared: ['meta', 'links', 'loader', 'action'], methodContainment: 0.7 };
    assert.equal(tierOf(sorts.record, { ...shared, methodJaccard: 0.55 }), 'possible');
    assert.equal(tierOf(sorts.record, { ...shared, methodJaccard: 0.65 }), 'likely');
  });

  it('are parts of their files if these make them for themselves, with what all of their kind offer', () => {
    const shared = { shared: ['human', 'json', 'next', 'stdout'], methodContainment: 1, termContainment: 0.6 };
    assert.equal(tierOf(sorts.factory, shared), 'possible');
    assert.equal(tierOf({ ...sorts.factory, isExported: true }, shared), 'likely');
    assert.equal(tierOf(sorts.factory, { bodyJaccard: 1 }), 'likely');
    assert.equal(tierOf({ ...sorts.factory, tokens: 8 }, { bodyJaccard: 1 }), 'possible');
  });

  it('are told by a scan as possible ones, and in a small tree as likely ones', async () => {
    const files = {
      'package.json': '{ "name": "app" }',
      'src/files/size.ts':
        'export function formatSize(bytes: number): string {\n  const units = ["B", "kB", "MB"];\n  let step = 0;\n  while (bytes > 1024 && step < 2) { bytes /= 1024; step += 1; }\n  return bytes.toFixed(1) + units[step];\n}\n',
      'src/report/table.ts':
        'export function formatSize(bytes: number): string {\n  if (bytes > 1_000_000) return `${Math.round(bytes / 1_000_000)} MB`;\n  return bytes > 1_000 ? `${Math.round(bytes / 1_000)} kB` : `${bytes} B`;\n}\n',
    };
    const names = Array.from(
      { length: crowdMin },
      (_, index) => `export const scale${index}by = (x: number) => x * ${index};`,
    );
    const tier = async (further: Readonly<Record<string, string>>): Promise<string | undefined> =>
      edgeBetween(await scanTree({ ...files, ...further }), 'formatSize', 'formatSize')?.tier;
    assert.equal(await tier({}), 'likely');
    assert.equal(await tier({ 'src/scales.ts': names.join('\n') }), 'possible');
  });
});
