import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lastLines } from './last-lines.ts';

describe('how an output ends', () => {
  it('is its last twelve lines, whatever blank ones follow, and moves no cursor (TX1)', () => {
    const output = Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n');
    const lines = lastLines(`${output}\u001b[2J\n\n`).split('\n');
    assert.deepEqual([lines.length, lines[0], lines.at(-1)], [12, '    line 8', '    line 19 [2J']);
  });
});
