/** P1 to P4 with a real server that is killed again and again: the short form of `npm run chaos`. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { chaos, shortForm } from '../chaos/chaos.ts';

it('loses, doubles and mixes up nothing while its server is killed again and again (CH1, CH2, CH3, CH4)', async (t) => {
  const tell = (line: string): void => t.diagnostic(line);
  const { tally, verdict, recoveriesMs } = await chaos({
    ...shortForm,
    seconds: 5,
    users: 4,
    everyMs: 50,
    quietMs: 12_000,
    tell,
  });
  assert.deepEqual(verdict.words, []);
  assert.ok((tally['kills'] ?? 0) >= 2, 'it was killed');
  assert.ok(recoveriesMs.length >= 1, 'it came back');
  for (const what of ['orders', 'runs in the journal', 'things completed', 'events compared', 'canaries seen'])
    assert.ok((tally[what] ?? 0) > 0, `there were no ${what}`);
});
