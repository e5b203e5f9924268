/** P1 to P4 with a real server that is killed again and again: the short form of `npm run chaos`. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { chaos } from '../chaos/chaos.ts';

it('loses, doubles and mixes up nothing while its server is killed again and again (CH1, CH2, CH3)', async (t) => {
  const { tally, wrongs, recoveriesMs } = await chaos({ seconds: 8, users: 4, tell: (line) => t.diagnostic(line) });
  assert.deepEqual(wrongs, []);
  assert.ok((tally['kills'] ?? 0) >= 2, 'it was killed');
  assert.ok(recoveriesMs.length >= 1, 'it came back');
  for (const what of ['orders', 'runs in the journal', 'things completed', 'events compared'])
    assert.ok((tally[what] ?? 0) > 0, `there were no ${what}`);
});
