import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declaredUnits } from './declared-units.ts';
import { testEdge } from './report.fixture.ts';
import { testTree } from './rules/tree.fixture.ts';

describe('the units of what is declared', () => {
  it('are those that the check goes by: names, places, waivers, and certain rivals of any name (GO1 to GO3)', () => {
    const tree = testTree({
      'src/engine.ts': { units: ['Engine'] },
      'src/turbo.ts': { units: ['TurboEngine'] },
      'src/mcp.ts': { units: ['McpEngine'] },
      'src/motor.ts': { units: ['Motor'] },
      'lib/old.ts': { units: ['OldEngine'] },
      'src/lamp.ts': { units: ['Lamp'] },
    });
    const config = {
      concepts: {
        engine: {
          canonical: 'src/engine.ts#Engine',
          match: ['*Engine'],
          in: ['src/**'],
          allow: [{ unit: 'src/mcp.ts#*', why: 'another transport' }],
        },
        gone: { canonical: 'src/gone.ts#Lamp', match: ['Lamp'] },
      },
    };
    const edges = [testEdge('src/engine.ts#Engine', 'src/motor.ts#Motor')];
    const members = declaredUnits({ config, tree, edges, paths: [], today: '2026-11-22' });
    assert.deepEqual(Object.fromEntries(members), {
      'src/engine.ts#Engine': { concept: 'engine', isCanonical: true },
      'src/motor.ts#Motor': { concept: 'engine', isCanonical: false },
      'src/turbo.ts#TurboEngine': { concept: 'engine', isCanonical: false },
    });
  });
});
