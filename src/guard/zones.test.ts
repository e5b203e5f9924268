import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Zone } from './concept.ts';
import { zoneTest } from './zones.ts';

const places: Readonly<Record<Zone, readonly string[]>> = {
  prod: ['src/engine.ts', 'app/testing_tools.py', 'src/contest/run.ts', 'src/latest.ts', 'src/documents/page.ts'],
  test: [
    'src/engine.test.ts',
    'src/engine.spec.tsx',
    'tests/engine.py',
    'app/test_engine.py',
    'app/engine_test.py',
    'app/conftest.py',
    'src/__mocks__/engine.ts',
    'e2e/login.ts',
    'vitest.config.ts',
  ],
  example: [
    'examples/one.ts',
    'docs/conf.py',
    'src/button.stories.tsx',
    'src/radio.demo.tsx',
    '.github/scripts/run.py',
    'bench/run.ts',
  ],
  generated: ['src/api.generated.ts', 'app/user_pb2.py', 'alembic/0001_first.py', 'src/types.d.ts', 'vendor/lib.js'],
  backup: ['src/engine.ts.bak', 'backups/engine.py', 'src/engine.backup.ts', 'app/engine.py~', 'attic/engine.ts'],
};

describe('the zone of a file', () => {
  it('is told by its name and its folders, and a name that only contains such a word is of what ships', () => {
    const zoneOf = zoneTest();
    for (const [zone, paths] of Object.entries(places)) {
      for (const path of paths) assert.equal(zoneOf(path), zone, path);
    }
  });

  it('is that of the first kind that fits: a copy of a test is a copy, and a test of generated code is generated', () => {
    const zoneOf = zoneTest();
    assert.equal(zoneOf('tests/engine.test.ts.bak'), 'backup');
    assert.equal(zoneOf('generated/client.test.ts'), 'generated');
    assert.equal(zoneOf('examples/tests/one.ts'), 'test');
  });

  it('is what the configuration says before all', () => {
    const zoneOf = zoneTest({ prod: ['examples/app/**'], test: ['**/checks/**'] });
    assert.equal(zoneOf('examples/app/main.ts'), 'prod');
    assert.equal(zoneOf('examples/other/main.ts'), 'example');
    assert.equal(zoneOf('src/checks/engine.ts'), 'test');
  });
});
