import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ValidationError } from './errors.ts';
import { limits } from './limits.ts';
import { nearestName, parseName } from './names.ts';

describe('parseName', () => {
  it('takes letters, digits, "_", "." and "-" after a letter', () => {
    for (const name of ['a', 'fetch', 'agent.clerk', 'Step-2', 'x_1', 'a'.repeat(limits.nameCharsMax)]) {
      assert.equal(parseName(name, 'a step'), name);
    }
  });

  it('refuses what would make two paths one, or none', () => {
    for (const name of ['', 'a/b', 'a:b', 'a@2', '1a', '-a', 'a b', 'é', 'a\n', 'a'.repeat(limits.nameCharsMax + 1)]) {
      assert.throws(() => parseName(name, 'a step'), ValidationError, JSON.stringify(name));
    }
  });

  it('refuses what is no text, and says for what', () => {
    assert.throws(() => parseName(undefined, 'a tool'), /"undefined" can't be the name of a tool/);
    assert.throws(() => parseName(7, 'a tool'), ValidationError);
    assert.throws(() => parseName(Symbol('x'), 'a tool'), ValidationError);
  });
});

describe('nearestName', () => {
  const known = ['web_search', 'add', 'fetch'];

  it('finds a slip of the pen', () => {
    assert.equal(nearestName('web_serach', known), 'web_search');
    assert.equal(nearestName('WebSearch', known), 'web_search');
    assert.equal(nearestName('ad', known), 'add');
  });

  it('offers nothing when nothing is near', () => {
    assert.equal(nearestName('transfer_money', known), undefined);
    assert.equal(nearestName('x', []), undefined);
  });

  it('offers the nearest of several', () => {
    assert.equal(nearestName('fetc', ['fetches', 'fetch', 'etch']), 'fetch');
  });
});
