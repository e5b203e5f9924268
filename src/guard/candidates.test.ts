import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subjectsOf, versionsOf, type Subject } from './candidates.ts';
import type { Unit } from './concept.ts';
import { PairFinder } from './pair-finder.ts';
import { testTree } from './rules/tree.fixture.ts';
import { limits } from '../core/limits.ts';
import { vocabularyOf } from './vocabulary.ts';

type Given = Partial<Unit> & { readonly name: string };

const methods = (...names: readonly string[]): Unit['methods'] =>
  names.map((name) => ({ name, isPrivate: false })) as unknown as Unit['methods'];

/** Subjects of units of which each has a file of its own. */
function subjects(given: readonly Given[], ending = 'ts'): readonly Subject[] {
  const files = given.map((unit, index) => [`f${index}.${ending}`, { units: [unit] }] as const);
  return subjectsOf(testTree(Object.fromEntries(files)).units.values(), vocabularyOf());
}

function pairs(given: readonly Given[]): readonly string[] {
  return new PairFinder().find(subjects(given)).map(([a, b]) => `${a.unit.name} ${b.unit.name}`);
}

describe('pairs that are worth a look', () => {
  it('share a name, a name without what says nothing, or the end of one', () => {
    assert.deepEqual(pairs([{ name: 'JobEngine' }, { name: 'JobEngine' }]), ['JobEngine JobEngine']);
    assert.deepEqual(pairs([{ name: 'JobEngine' }, { name: 'EnhancedJobEngine' }]), ['JobEngine EnhancedJobEngine']);
    assert.deepEqual(pairs([{ name: 'JobEngine' }, { name: 'MailSender' }]), []);
  });

  it('share three methods that few have: one or two are chance, and those that everything has say nothing', () => {
    const rare = ['holdBack', 'putAside', 'sendAgain'];
    const both = (names: readonly string[]): readonly string[] =>
      pairs([
        { name: 'JobEngine', methods: methods(...names) },
        { name: 'MailSender', methods: methods(...names) },
      ]);
    assert.deepEqual(both(rare), ['JobEngine MailSender']);
    assert.deepEqual(both(rare.slice(1)), []);
    assert.deepEqual(both(['get', 'set', 'close', 'start']), []);
  });

  it('are not all with all where a name is everywhere', () => {
    const many = Array.from({ length: limits.guardBucketUnitsMax + 1 }, (): Given => ({ name: 'Config' }));
    assert.deepEqual(pairs(many), []);
    assert.equal(pairs(many.slice(0, 3)).length, 3);
  });

  it('have one that ships, and are in languages that can stand for one another', () => {
    assert.deepEqual(
      pairs([
        { name: 'JobEngine', zone: 'test' },
        { name: 'JobEngine', zone: 'test' },
      ]),
      [],
    );
    assert.equal(pairs([{ name: 'JobEngine' }, { name: 'JobEngine', zone: 'test' }]).length, 1);
    const python = subjects([{ name: 'JobEngine' }], 'py');
    assert.deepEqual(new PairFinder().find([...python, ...subjects([{ name: 'JobEngine' }])]), []);
  });
});

describe('a subject', () => {
  it('offers its public methods, or its fields where it is data', () => {
    const [code, data] = subjects([
      { name: 'JobEngine', methods: methods('run_job'), fields: ['state'] },
      { name: 'JobOptions', kind: 'type', fields: ['retry_count'] },
    ]);
    assert.deepEqual([code?.isData, [...(code?.offers.values() ?? [])]], [false, ['run_job']]);
    assert.deepEqual([data?.isData, [...(data?.offers.values() ?? [])]], [true, ['retry_count']]);
  });

  it('is nothing that a language calls by itself', () => {
    assert.deepEqual(subjects([{ name: '__init__', kind: 'function' }, { name: 'default' }]), []);
  });

  it('is one of several versions where their names say so', () => {
    const found = versionsOf(subjects([{ name: 'JobEngineV2' }, { name: 'JobEngineV3' }, { name: 'MailSenderV2' }]));
    assert.deepEqual(Object.fromEntries(found), { jobengine: 2, mailsender: 1 });
  });
});
