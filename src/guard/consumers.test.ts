import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findConsumers } from './consumers.ts';
import { testTree } from './rules/tree.fixture.ts';

const engine = 'a.ts#Engine';

describe('the users of a unit', () => {
  it('are files that import it or name it by its module, and neither its own nor one that only passes it on', () => {
    const { importers } = findConsumers(
      testTree({
        'a.ts': { units: ['Engine'], imports: [{ unit: engine, file: 'a.ts' }] },
        'z.ts': { imports: [{ unit: engine, file: 'a.ts' }] },
        'b.ts': { names: { 'engines.Engine': engine } },
        'index.ts': { imports: [{ unit: engine, file: 'a.ts', kind: 'reexport' }] },
        'other.ts': { imports: [{ imported: 'Engine', file: 'elsewhere.ts' }] },
      }),
    );
    assert.deepEqual([...importers], [[engine, ['b.ts', 'z.ts']]]);
  });

  it('call its methods, under whatever name they have it', () => {
    const { calls } = findConsumers(
      testTree({
        'a.ts': { units: ['Engine'] },
        'b.ts': { names: { E: engine }, uses: [{ name: 'E', calls: ['run', 'stop'] }] },
        'c.ts': { names: { Engine: engine }, uses: [{ name: 'Engine', calls: ['run'] }] },
        'd.ts': { uses: [{ name: 'Engine', calls: ['fly'] }] },
      }),
    );
    assert.deepEqual([...(calls.get(engine) ?? [])].toSorted(), ['run', 'stop']);
  });

  it('share one instance only where it is made at module level of what ships', () => {
    const made = (within: string, zone: 'prod' | 'test' = 'prod'): ReadonlyMap<string, string> =>
      findConsumers(
        testTree({
          'a.ts': { units: ['Engine'] },
          'b.ts': { zone, names: { Engine: engine }, constructions: [{ name: 'Engine', within }] },
        }),
      ).moduleInstances;
    assert.deepEqual([...made('')], [[engine, 'b.ts']]);
    assert.deepEqual([...made('start')], []);
    assert.deepEqual([...made('', 'test')], []);
  });
});
