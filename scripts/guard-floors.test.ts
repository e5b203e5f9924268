import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseConfig } from '../src/guard/config.ts';
import { floors } from './floors.ts';
import { guardFloors } from './guard-floors.ts';

describe('the floors of guard.json', () => {
  it('are those of the one table', () => {
    const { floors: own } = parseConfig(readFileSync(new URL('../guard.json', import.meta.url), 'utf8'));
    assert.deepEqual(own, guardFloors());
  });

  it('keep what has no effects from Node, and every floor from what is above it', () => {
    const { table } = guardFloors();
    assert.deepEqual(
      table.map(({ name }) => name),
      floors.map(({ name }) => name),
    );
    for (const [index, { name, may, mayNot }] of table.entries()) {
      assert.equal(mayNot?.includes('node:*'), !floors[index]?.node, name);
      const above = table.slice(index + 1).map((floor) => floor.name);
      if (name !== 'testing' && name !== 'cli') assert.ok(!may.some((floor) => above.includes(floor)), name);
    }
  });
});
