import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blocksOf, checkBlocks } from './page-blocks.ts';

const root = new URL('../', import.meta.url).pathname;
const block = (mark: string, code: string): string => `\`\`\`${mark}\n${code}\n\`\`\`\n`;

describe('blocksOf', () => {
  it('takes the blocks marked ts, with their line and whether they run', () => {
    const page = `# A\n\n${block('sh', 'npm ci')}\n${block('ts', 'a')}${block('ts no-run', 'b')}`;
    assert.deepEqual(blocksOf(page), [
      { code: 'a\n', line: 7, runs: true },
      { code: 'b\n', line: 10, runs: false },
    ]);
  });
});

describe('checkBlocks', () => {
  it('finds a block that does not compile and one that does not run', async () => {
    const page =
      block('ts', "console.log('fine');") +
      block('ts', "throw new Error('does not run');") +
      block('ts no-run', "throw new Error('never run');") +
      block('ts no-run', 'const n: number = "text";');
    const findings = await checkBlocks(page, 'docs/a.md', root);
    assert.equal(findings.length, 2, findings.join('\n'));
    assert.match(findings[0] ?? '', /^docs\/a\.md: line-10\.ts\(1,7\): error TS2322/);
    assert.match(findings[1] ?? '', /^docs\/a\.md:4: the block does not run \(DC3\)[^]*does not run/);
  });

  it('is content with a page without blocks', async () =>
    assert.deepEqual(await checkBlocks('# A\n', 'docs/a.md', root), []));
});
