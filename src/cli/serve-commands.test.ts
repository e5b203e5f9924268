import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startWords } from './serve-commands.ts';

describe('start', () => {
  it('serves where nothing is asked', () => {
    for (const words of [
      [],
      ['--port', '4400'],
      ['--port=4400'],
      ['--user', 'ada', '--folder', 'data'],
      ['--user', 'ada', '--dev'],
      ['--json', '--folder=data', '--no-page'],
      ['--port', '4400', '--help'],
    ])
      assert.deepEqual(startWords(['start', ...words]), ['serve', ...words]);
  });

  it('runs what is asked', () => {
    for (const words of [
      ['How many?'],
      ['--user', 'ada', 'How many?'],
      ['optimize', '--data', 'calls.csv'],
      ['--data', 'calls.csv', 'Why?'],
      ['--thread', 't'],
    ])
      assert.deepEqual(startWords(['start', ...words]), ['run', ...words]);
  });

  it('has a help of its own, that says what it stands for', () => {
    for (const help of ['--help', '-h']) assert.deepEqual(startWords(['start', help]), ['start', help]);
  });

  it('is no other command', () => {
    assert.deepEqual(startWords(['runs', 'start']), ['runs', 'start']);
    assert.deepEqual(startWords([]), []);
  });
});
