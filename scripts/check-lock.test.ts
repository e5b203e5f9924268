import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { missingOptional, platformEntry } from './check-lock.ts';

describe('platformEntry', () => {
  it('reads the platform from the name, as npm would read it from the package', () => {
    assert.deepEqual(platformEntry('@oxlint/binding-linux-arm64-musl', '1.94.0', true), {
      version: '1.94.0',
      cpu: ['arm64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    });
    assert.deepEqual(platformEntry('@oxfmt/binding-android-arm-eabi', '1.0.0', false), {
      version: '1.0.0',
      cpu: ['arm'],
      optional: true,
      os: ['android'],
    });
    assert.deepEqual(platformEntry('@oxfmt/binding-linux-x64-gnu', '1.0.0', false)?.libc, ['glibc']);
    assert.deepEqual(platformEntry('@oxfmt/binding-win32-x64-msvc', '1.0.0', false)?.libc, undefined);
  });

  it('makes up nothing for a name or a version that does not say it', () => {
    assert.equal(platformEntry('left-pad', '1.0.0', false), undefined);
    assert.equal(platformEntry('@oxlint/binding-linux-x64-gnu', '^1.0.0', false), undefined);
  });
});

describe('missingOptional', () => {
  it('names what the lock file speaks of and does not hold', () => {
    const packages = {
      'node_modules/lint': { dev: true, optionalDependencies: { here: '1.0.0', 'gone-linux-x64': '2.0.0' } },
      'node_modules/here': { version: '1.0.0' },
    };
    assert.deepEqual(missingOptional({ packages }), [{ name: 'gone-linux-x64', version: '2.0.0', dev: true }]);
  });
});
