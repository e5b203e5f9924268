/** The commands over data folders that older code wrote. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { testFolder } from '../../src/cli/cli.fixture.ts';
import type { RunRow } from '../../src/index.ts';
import { folderNames, readFacts, unpackFolder } from './folder.ts';

describe('cantus over a data folder of older code', () => {
  for (const name of folderNames()) {
    it(`${name}: lists its runs and shows each kind of them`, async (test) => {
      const facts = readFacts(name);
      const folder = testFolder();
      test.after(() => folder.remove());
      unpackFolder(name, join(folder.path, 'old'));
      const where = ['--folder', 'old', '--user', 'ada', '--no-color'];
      const listed = await folder.run('runs', '--json', '--limit', '100', ...where);
      assert.equal(listed.code, 0, listed.err);
      const rows = JSON.parse(listed.out) as readonly RunRow[];
      const told = facts.runs.filter(({ tenant, user }) => tenant === 'main' && user === 'ada');
      assert.deepEqual(
        rows.map(({ run, status }) => [run, status]),
        told.map(({ row }) => [row.run, row.status]),
      );
      const shown: readonly (readonly [string, RegExp])[] = [
        ['doubted', /pay/],
        ['napper', /suspended/],
        ['gone', /parked/],
        ['stopped', /no longer needed/],
      ];
      for (const [label, said] of shown) {
        const run = told.find((one) => one.label === label)?.row.run ?? '';
        const { code, out, err } = await folder.run('show', run, ...where);
        assert.equal(code, 0, err);
        assert.match(out, said, label);
      }
    });
  }
});
