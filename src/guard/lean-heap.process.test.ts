import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

/** Makes much that stays, in a process of its own, and gives the megabytes of its young generation. */
function youngMegabytes(before: string): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { keepHeapLean } from ${JSON.stringify(import.meta.resolve('./lean-heap.ts'))};
    ${before}
    const kept = [];
    for (let index = 0; index < 1_500_000; index++) kept.push({ index });
    console.log(getHeapSpaceStatistics().find((one) => one.space_name === 'new_space').space_size / 1e6);
  `;
  const flags = ['--no-warnings', '--conditions=source', '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8' });
  assert.equal(stderr, '');
  return Number(stdout);
}

describe('a lean heap', () => {
  it('has a young generation that does not grow (KR4)', () => {
    assert.ok(youngMegabytes('') > 30);
    assert.ok(youngMegabytes('keepHeapLean();') < 20);
  });
});
