import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { faultEnvironment, type PlantedFault } from './hook.ts';

const fault: PlantedFault = {
  file: 'src/core/errors.ts',
  find: 'charsMax = 80',
  replace: 'charsMax = 2 /* $& is no reference */',
};
const module = new URL('../../src/core/errors.ts', import.meta.url).href;
const print = `import(${JSON.stringify(module)}).then(({ clip }) => console.log(clip('abcdef')))`;

function printed(code: string, env: Readonly<Record<string, string>>): string {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return stdout.trim() || stderr;
}

describe('the hook that plants a fault', () => {
  it('changes the file as it is loaded, and only in a process that is asked to', () => {
    assert.equal(printed(print, faultEnvironment(fault)), 'ab…');
    assert.equal(printed(print, {}), 'abcdef');
  });

  it('is also in worker threads, with and without arguments of their own', () => {
    for (const execArgv of ['undefined', '[]']) {
      const worker = `import { Worker } from 'node:worker_threads';
        new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(print)})), { execArgv: ${execArgv} });`;
      assert.equal(printed(worker, faultEnvironment(fault)), 'ab…');
    }
  });
});
