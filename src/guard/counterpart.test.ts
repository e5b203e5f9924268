import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Unit } from './concept.ts';
import { counterpartTest } from './counterpart.ts';
import { testTree } from './rules/tree.fixture.ts';

const method = (name: string, isPrivate = false): Unit['methods'][number] => ({ name, isPrivate }) as never;

type Given = Partial<Unit>;

/** Whether a canonical one has what is asked of a rival: called, unless told otherwise. */
function has(canonical: Given, rival: Given, name: string, open: number | undefined = 1): boolean {
  const base = { name: 'Base', methods: [method('close')], fields: ['log'] };
  const tree = testTree({
    'base.ts': { units: [base] },
    'a.ts': { units: [{ name: 'Engine', ...canonical }] },
    'b.ts': { units: [{ name: 'OldEngine', ...rival }] },
  });
  const [one, other] = [tree.units.get('a.ts#Engine'), tree.units.get('b.ts#OldEngine')];
  assert.ok(one !== undefined && other !== undefined);
  return counterpartTest(tree, one)({ unit: other, name, open });
}

describe('a counterpart', () => {
  it('is a public method or a field of that name, its own or inherited', () => {
    const rival = { methods: [method('run'), method('close')], fields: ['state'] };
    assert.equal(has({ methods: [method('run')] }, rival, 'run'), true);
    assert.equal(has({ methods: [] }, rival, 'run'), false);
    assert.equal(has({ fields: ['state'] }, rival, 'state', undefined), true);
    assert.equal(has({}, rival, 'state', undefined), false);
    assert.equal(has({ ancestors: ['base.ts#Base'] }, rival, 'close'), true);
  });

  it('is no private method, and none is needed of what the rival never had', () => {
    assert.equal(has({ methods: [method('run', true)] }, { methods: [method('run')] }, 'run'), false);
    assert.equal(has({}, { methods: [method('run')] }, 'toString'), true);
    assert.equal(has({}, { methods: [method('hidden', true)] }, 'hidden'), false, 'it had it, though privately');
  });

  it('is given by a base from elsewhere that both have, and is not known where the rival alone has one', () => {
    const both = { bases: ['EventEmitter'] };
    assert.equal(has(both, both, 'emit'), true);
    assert.equal(has({}, both, 'emit'), false);
    assert.equal(has(both, { ...both, methods: [method('run')] }, 'run'), false, 'its own method is no gift');
  });
});
