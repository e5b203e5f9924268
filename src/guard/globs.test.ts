import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { joinPlace, nameTest, pathTest, placeTest, splitPlace } from './globs.ts';

describe('patterns of guard.json', () => {
  it('matches a path by a pattern, and all that is in a folder by its name', () => {
    const isIn = pathTest(['src/*/x.ts', 'backend', './auth/']);
    assert.ok(isIn('src/a/x.ts') && isIn('backend/deep/x.py') && isIn('auth/x.py'));
    assert.ok(!isIn('src/a/b/x.ts') && !isIn('backend2/x.py') && !isIn('x/backend/x.py'));
    assert.ok(pathTest(['**/*.backup*'])('.hidden/a.backup.py'));
  });

  it('matches a name as a whole', () => {
    assert.ok(nameTest(['*Engine'])('UserEngine') && nameTest(['*Engine'])('Engine'));
    assert.ok(!nameTest(['*Engine'])('EngineFactory') && !nameTest([])('Engine'));
  });

  it('matches a unit by path and name, and any of a file where no name is given', () => {
    const test = placeTest(['src/**#create*', 'lib/a.py']);
    assert.ok(test({ path: 'src/x/y.ts', name: 'createEngine' }) && test({ path: 'lib/a.py', name: 'Any' }));
    assert.ok(!test({ path: 'src/x/y.ts', name: 'Engine' }) && !test({ path: 'lib/b.py', name: 'createEngine' }));
  });

  it('splits and joins a place', () => {
    assert.deepEqual(splitPlace('a/b.ts#C'), { path: 'a/b.ts', name: 'C' });
    for (const text of ['a/b.ts#C', 'a/b.ts']) assert.equal(joinPlace(splitPlace(text)), text);
  });
});
