import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UserDoor } from '../engine/user-door.ts';
import type { RunRow } from '../journal/run-row.ts';
import { findRun } from './find-run.ts';

/** A door behind which are these runs, the first the newest, given in pages of `limit`. */
function doorTo(...ids: readonly string[]): UserDoor {
  const rows = ids.map(
    (run, index) => ({ run, workflow: 'w', status: 'completed', firstUserSeq: ids.length - index }) as RunRow,
  );
  return {
    runs: async ({ before = Infinity, limit = 50 } = {}) =>
      rows.filter(({ firstUserSeq }) => firstUserSeq < before).slice(0, limit),
  } as Partial<UserDoor> as UserDoor;
}

describe('which run is meant', () => {
  it('takes a whole id, the beginning of one, and "last"', async () => {
    const door = doorTo('abcd1111', 'ffff2222');
    assert.equal((await findRun(door, 'ffff2222')).run, 'ffff2222');
    assert.equal((await findRun(door, 'FFFF')).run, 'ffff2222');
    assert.equal((await findRun(door, 'last')).run, 'abcd1111');
  });

  it('lists who could be meant by a beginning that several have', async () => {
    await assert.rejects(findRun(doorTo('abcd1111', 'abcd2222'), 'abcd'), {
      message: '"abcd" is the beginning of 2 runs.',
      hint: 'Give more of it:\nabcd1111 (w, completed)\nabcd2222 (w, completed)',
    });
  });

  it('prefers the run whose whole id it is', async () => {
    assert.equal((await findRun(doorTo('abcd1111', 'abcd'), 'abcd')).run, 'abcd');
  });

  it('looks through all pages', async () => {
    const ids = Array.from({ length: 1_201 }, (_, at) => `${String(at).padStart(6, '0')}-run`);
    assert.equal((await findRun(doorTo(...ids), '001200')).run, '001200-run');
  });

  it('refuses what is too short or not there', async () => {
    await assert.rejects(findRun(doorTo('abcd1111'), 'abc'), { code: 'invalid_input' });
    await assert.rejects(findRun(doorTo('abcd1111'), 'abce'), { code: 'not_found' });
    await assert.rejects(findRun(doorTo(), 'last'), { code: 'not_found' });
  });
});
