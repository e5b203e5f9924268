/** The watcher as a person has it: a process of its own, told of files by the operating system, stopped by Ctrl-C. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testFolder } from './cli.fixture.ts';
import { body } from './guard-tree.fixture.ts';

describe('cantus guard watch', () => {
  it('says what it watches, answers a change, and ends clean by Ctrl-C', async (test) => {
    const folder = testFolder('');
    test.after(() => folder.remove());
    folder.write('runner.ts', body('JobRunner'));
    const watch = folder.start('guard', 'watch');
    await watch.saw('Watching 1 file.');
    assert.match(watch.err(), /Nothing is twice yet\. Ctrl-C ends\./);
    folder.write('turbo.ts', body('EnhancedJobRunner'));
    await watch.saw('use JobRunner of runner.ts:2');
    assert.match(watch.out(), /✗ exists already {2}turbo\.ts:2 {2}EnhancedJobRunner\n {4}names that differ/);
    folder.write('turbo.ts', 'export const turbo = 1;\n');
    await watch.saw('✓  gone: ');
    const declared =
      '{ "concepts": { "job-runner": { "canonical": "runner.ts#JobRunner", "match": ["*JobRunner"] } } }';
    folder.write('guard.json', declared);
    await watch.saw('guard.json: nothing new');
    folder.write('guard.json', declared.slice(1));
    await watch.saw('Until it is mended, what it said before holds.');
    folder.write('nitro.ts', body('NitroJobRunner'));
    await watch.saw('it would be a second implementation of job-runner.');
    await watch.saw('nitro.ts (');
    // The check says of it what was said already.
    assert.doesNotMatch(watch.out(), /✗ one-implementation/);
    watch.child.kill('SIGINT');
    const { code } = await watch.ended;
    assert.equal(code, 0);
  });

  it('gives programs a line for each answer, and looks for itself where it is told to', async (test) => {
    const folder = testFolder('');
    test.after(() => folder.remove());
    folder.write('runner.ts', body('JobRunner'));
    const watch = folder.start('guard', 'watch', '--json', '--poll');
    await watch.saw('by looking at them every few seconds');
    folder.write('turbo.ts', body('EnhancedJobRunner'));
    await watch.saw('"added":[{');
    const [line = ''] = watch.out().split('\n');
    const { files, added } = JSON.parse(line) as { files: string[]; added: { existing: string; blocks: boolean }[] };
    assert.deepEqual(files, ['turbo.ts']);
    assert.deepEqual([added[0]?.existing, added[0]?.blocks], ['runner.ts#JobRunner', true]);
    watch.child.kill('SIGTERM');
    assert.equal((await watch.ended).code, 0);
  });
});
