import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Edge } from '../concept.ts';
import type { DeclaredConcept } from '../config.ts';
import { testEdge } from '../report.fixture.ts';
import { oneImplementation } from './one-implementation.ts';
import { ruleInput, type TestFile } from './tree.fixture.ts';

const files: Readonly<Record<string, TestFile>> = {
  'src/engine.ts': { units: ['Engine', 'SpareEngine'] },
  'src/fast/turbo.ts': {
    units: ['TurboEngine', { name: 'EngineShape', kind: 'type' }, { name: 'startEngine', kind: 'function' }],
  },
  'src/engine.test.ts': { zone: 'test', units: ['FakeEngine'] },
  'lib/motor.py': { units: ['Motor'] },
};

const engine: DeclaredConcept = { canonical: 'src/engine.ts#Engine', match: ['*Engine'] };

function keys(concept: DeclaredConcept, edges: readonly Edge[] = [], today = '2026-11-22'): readonly string[] {
  const input = ruleInput(files, { concepts: { engine: concept } }, { edges, today });
  return oneImplementation(input).map(({ key }) => key);
}

const [spare, turbo, motor] = ['src/engine.ts#SpareEngine', 'src/fast/turbo.ts#TurboEngine', 'lib/motor.py#Motor'];

describe('one implementation', () => {
  it('takes every unit of the kind whose name matches for a rival (GO1)', () => {
    assert.deepEqual(keys(engine), [`one-implementation ${spare} -> Engine`, `one-implementation ${turbo} -> Engine`]);
  });

  it('looks only where the concept says (GO1)', () => {
    assert.deepEqual(keys({ ...engine, in: ['src/fast'] }), [`one-implementation ${turbo} -> Engine`]);
  });

  it('takes a certain rival of another name too, and the copy of a rival (GO2)', () => {
    const { match: _, ...nameless } = engine;
    const edges = [testEdge(turbo, 'src/engine.ts#Engine'), testEdge(motor, turbo)];
    assert.deepEqual(keys(nameless, edges), [
      `one-implementation ${motor} -> Engine`,
      `one-implementation ${turbo} -> Engine`,
    ]);
    assert.deepEqual(keys(nameless, [testEdge(turbo, 'src/engine.ts#Engine', 'likely')]), []);
  });

  it('lets a rival be that is allowed with a reason, until the waiver ends (GO3)', () => {
    const allow = [{ unit: 'src/fast/**', why: 'measured', until: '2026-12-31' }];
    const concept = { ...engine, allow };
    assert.deepEqual(keys(concept), [`one-implementation ${spare} -> Engine`]);
    assert.equal(keys(concept, [], '2027-01-01').length, 2);
  });

  it('asks a reason of whatever implements a contract, and of nothing that does not (GO4)', () => {
    const shops = {
      'src/store.ts': { units: [{ name: 'Store', kind: 'type' as const }] },
      'src/disk.ts': { units: [{ name: 'Disk', ancestors: ['src/store.ts#Store'] }, 'Tape'] },
      'src/ram.ts': { units: [{ name: 'Ram', ancestors: ['src/store.ts#Store'] }] },
    };
    const store = { canonical: 'src/store.ts#Store', contract: true, allow: [{ unit: 'src/ram.ts', why: 'tests' }] };
    const found = (concept: DeclaredConcept) =>
      oneImplementation(ruleInput(shops, { concepts: { store: concept } })).map(({ path }) => path);
    assert.deepEqual(found(store), ['src/disk.ts']);
    assert.deepEqual(found({ canonical: store.canonical }), []);
  });

  it('says that the canonical unit is gone, and where it may have moved (GO5)', () => {
    const moved = { ...engine, canonical: 'src/old.ts#Engine' };
    const [lost] = oneImplementation(ruleInput(files, { concepts: { engine: moved } }));
    assert.match(lost?.message ?? '', /src\/old\.ts#Engine of engine is not there/);
    assert.match(lost?.hint ?? '', /there is src\/engine\.ts#Engine/);
  });

  it('is the same violation wherever the canonical one and the code around it move (VR1)', () => {
    const before = oneImplementation(ruleInput(files, { concepts: { engine } }));
    const after = oneImplementation(
      ruleInput(
        {
          'src/core/engine.ts': { units: ['Engine'] },
          'src/fast/turbo.ts': { units: [{ name: 'TurboEngine', span: { start: 9, end: 9, line: 90, endLine: 99 } }] },
        },
        { concepts: { engine: { ...engine, canonical: 'src/core/engine.ts#Engine' } } },
      ),
    );
    assert.equal(after[0]?.key, before[1]?.key);
    assert.equal(after[0]?.line, 90);
  });
});
