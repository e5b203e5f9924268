import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pair, Subject } from './candidates.ts';
import type { Evidence, Unit } from './concept.ts';
import { judgeFunctions } from './function-tiers.ts';
import { partsOf } from './names.ts';
import { onlyNamedAlike } from './scan.fixture.ts';
import { vocabularyOf } from './vocabulary.ts';

const vocabulary = vocabularyOf();

function subject(name: string, path: string, tokens: number): Subject {
  const unit = { name, path, tokens, id: `${path}#${name}`, kind: 'function', isExported: true, termCount: 9 };
  return {
    unit: unit as unknown as Unit,
    parts: partsOf(name, 'function', vocabulary),
    family: 'function',
    offers: new Map(),
    isData: false,
    keys: [],
    pieces: new Uint32Array(),
  };
}

type Named = { readonly a?: string; readonly b?: string; readonly tokens?: readonly [number, number] };

/** What two functions are whose evidence is this, in `src/a.ts` and `lib/b.ts`. */
function tierOf(evidence: Partial<Evidence>, { a = 'formatSize', b = a, tokens = [60, 60] }: Named = {}): string {
  const pair: Pair = [subject(a, 'src/a.ts', tokens[0]), subject(b, 'lib/b.ts', tokens[1])];
  const judged = judgeFunctions(pair, { ...onlyNamedAlike, ...evidence });
  return judged === undefined ? 'nothing' : judged.verdict === 'rival' ? judged.tier : judged.verdict;
}

describe('two functions of one name', () => {
  it('are certain rivals if their bodies are alike', () => {
    assert.equal(tierOf({ bodyJaccard: 0.5, termContainment: 0.5 }), 'certain');
  });

  it('are likely rivals if they talk about one thing (GT3)', () => {
    assert.equal(tierOf({ termContainment: 0.3 }), 'likely');
  });

  it('are likely rivals if they take the same and talk a little about it (GT3)', () => {
    const taking = { sharedFields: ['bytes'], fieldContainment: 1 };
    assert.equal(tierOf({ termContainment: 0.2, ...taking }), 'likely');
    assert.equal(tierOf({ termContainment: 0.2 }), 'possible');
  });

  it('are only possible ones if the name is nearly all they share (GT3)', () => {
    assert.equal(tierOf({ termContainment: 0.15 }), 'possible');
  });

  it('are homonyms if the name is all they share (GT2)', () => {
    assert.equal(tierOf({}), 'homonym');
  });

  it('are likely rivals under a name of three words that is chosen for what it does', () => {
    assert.equal(tierOf({ termContainment: 0.15 }, { a: 'formatFileSize' }), 'likely');
  });

  it('are nothing under one word that many things are called', () => {
    assert.equal(tierOf({ termContainment: 0.6 }, { a: 'match' }), 'nothing');
    assert.equal(tierOf({ bodyJaccard: 0.55, termJaccard: 0.3, termContainment: 0.4 }, { a: 'match' }), 'possible');
    assert.equal(tierOf({ bodyJaccard: 0.9, termContainment: 0.9 }, { a: 'match' }), 'certain');
  });

  it('are no likely ones if one is a fraction of the other', () => {
    assert.equal(tierOf({ termContainment: 0.3 }, { tokens: [200, 30] }), 'possible');
    assert.equal(tierOf({ termContainment: 0.6 }, { tokens: [900, 20] }), 'possible');
  });

  it('are nothing if one only answers a constant', () => {
    assert.equal(tierOf({ termContainment: 1 }, { tokens: [60, 3] }), 'nothing');
  });

  it('are components that have to show more than what they talk about', () => {
    assert.equal(tierOf({ termContainment: 0.3 }, { a: 'ErrorMessage' }), 'possible');
  });
});

describe('two functions of nearly one name', () => {
  const about = { nameRelation: 'modifier', termContainment: 0.6 } as const;

  it('are rivals if the word says that one came after the other', () => {
    assert.equal(tierOf(about, { a: 'parseFile', b: 'enhancedParseFile' }), 'likely');
    assert.equal(tierOf(about, { a: 'parseFile', b: 'parseFileV2' }), 'likely');
  });

  it('are none if the word says what else it does', () => {
    assert.equal(tierOf(about, { a: 'parseFile', b: 'safeParseFile' }), 'possible');
  });

  it('are rivals under verbs that mean one thing, with the same words behind them', () => {
    const same = { nameRelation: 'synonym', termContainment: 0.6 } as const;
    assert.equal(tierOf(same, { a: 'loadProfile', b: 'fetchProfile' }), 'likely');
    assert.equal(tierOf(same, { a: 'getDefaultState', b: 'fetchState' }), 'nothing');
  });
});
