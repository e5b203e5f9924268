import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScanOptions } from './concept.ts';
import { type Deployables, findDeployables } from './deployables.ts';
import { makeResolver } from './resolve.ts';
import type { Manifest } from './walk.ts';

function deployablesOf(files: Readonly<Record<string, string>>, options: Partial<ScanOptions> = {}): Deployables {
  const manifests = Object.keys(files).map((path): Manifest => {
    const at = path.lastIndexOf('/');
    return { folder: at < 0 ? '' : path.slice(0, at), file: path.slice(at + 1) };
  });
  const read = (path: string): string | undefined => files[path];
  return findDeployables({ root: '/', ...options }, manifests, makeResolver([], manifests, read), read);
}

describe('what is deployed as one thing', () => {
  it('is the nearest folder above that is built, and no marker without a name (GD1)', () => {
    const found = deployablesOf({
      'package.json': '{ "name": "root" }',
      'packages/a/package.json': '{ "name": "a" }',
      'packages/a/esm/package.json': '{ "type": "module" }',
      'services/auth/Dockerfile': '',
    });
    assert.equal(found.of('packages/a/esm/x.ts'), 'packages/a');
    assert.equal(found.of('packages/ab/x.ts'), '');
    assert.equal(found.of('services/auth/x.py'), 'services/auth');
    assert.deepEqual([found.isPackage('packages/a'), found.isPackage('services/auth')], [true, false]);
  });

  it('is joined with what one declares to use, in either direction, and with nothing else (GD1)', () => {
    const found = deployablesOf({
      'a/package.json': '{ "name": "a", "dependencies": { "b": "1" } }',
      'b/package.json': '{ "name": "b" }',
      'c/pyproject.toml': '[project]\nname = "c"\ndependencies = ["shared-lib>=1"]\n',
      'd/pyproject.toml': '[project]\nname = "shared_lib"\n',
    });
    assert.deepEqual([found.areJoined('a', 'b'), found.areJoined('b', 'a')], [true, true]);
    assert.ok(found.areJoined('c', 'd'));
    assert.ok(!found.areJoined('a', 'c'));
  });

  it('is what the options say, where they say it; a library is joined with all', () => {
    const deployables = { one: './one/', two: 'two', lib: { path: 'lib', library: true } };
    const found = deployablesOf({ 'three/package.json': '{ "name": "three" }' }, { deployables });
    assert.deepEqual(
      ['one/a.ts', 'two/a.ts', 'three/a.ts'].map((path) => found.of(path)),
      ['one', 'two', ''],
    );
    assert.deepEqual([found.areJoined('one', 'two'), found.areJoined('one', 'lib')], [false, true]);
  });
});
