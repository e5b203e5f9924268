import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseUserId, userIdOf } from './user-id.ts';

describe('the name of an account', () => {
  it('is one name in capitals, in wide letters and with spaces around it (UI1)', () => {
    for (const typed of ['ada', 'ADA', 'Ａda', ' ada ']) assert.equal(parseUserId(typed), 'ada');
  });

  it('has ASCII letters, digits, dot, dash and underscore, so that none looks like another (UI1)', () => {
    assert.equal(parseUserId('a.b-c_9'), 'a.b-c_9');
    // The second is a Cyrillic a; the last has a character that can't be seen.
    for (const typed of ['', '\u0430da', '.ada', '-ada', 'a da', 'ada@x', 'ada/..', 'x'.repeat(65), 'ada\u200b']) {
      assert.equal(userIdOf(typed), undefined, typed);
      assert.throws(() => parseUserId(typed), { code: 'invalid_input' });
    }
  });

  it('is none that a lost value turns into (P8)', () => {
    for (const typed of ['null', 'Undefined', 'default_user']) {
      assert.throws(() => parseUserId(typed), { code: 'identity_required' });
    }
  });
});
