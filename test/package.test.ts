/** What is built for the package is what its users need, and all that its doors lead to. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';

const root = new URL('../', import.meta.url).pathname;

type Package = {
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
};

/** The project's own files that the build compiles. */
function builtFrom(): string[] {
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--listFilesOnly'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(status, 0, stdout);
  return stdout
    .trim()
    .split('\n')
    .map((file) => relative(root, file))
    .filter((file) => !file.startsWith('node_modules/') && !file.startsWith('..'));
}

describe('the package', () => {
  const { files, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Package;
  const built = builtFrom();

  it('is built without tests, fixtures, scripts and benchmarks', () => {
    assert.deepEqual(
      built.filter((file) => /\.(test|fixture)\.ts$/.test(file) || !/^(src|examples\/optimizer)\//.test(file)),
      [],
    );
  });

  it('has what its exports, its command and its threads lead to', () => {
    const sources = new Set(built);
    const doors = Object.values(exports).flatMap((door) =>
      typeof door === 'string' ? [] : [door.types, door.default],
    );
    const led = ['./dist/src/cli/main.js', './dist/src/stores/sqlite-worker.js', ...doors];
    for (const door of [...led, './dist/examples/optimizer/cantus.config.js']) {
      const source = door.replace('./dist/', '').replace(/(\.d\.ts|\.js)$/, '.ts');
      assert.ok(sources.has(source), door);
      assert.ok(
        files.some((folder) => door.startsWith(`./${folder}/`)),
        door,
      );
    }
    for (const file of files)
      assert.ok(file.startsWith('!') || file.startsWith('dist') || existsSync(join(root, file)));
  });
});
