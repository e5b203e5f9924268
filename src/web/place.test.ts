import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatPlace, parsePlace, type Place } from './place.ts';

it('gives back each place that it writes', () => {
  const places: readonly Place[] = [
    { kind: 'new' },
    { kind: 'runs' },
    { kind: 'thread', thread: 'a thread/ä?#' },
    { kind: 'thread', thread: 't', run: 'r 1' },
    { kind: 'run', run: 'r1' },
    { kind: 'run', run: 'r1', path: 'data/data/analyze_performance:1-2' },
    { kind: 'setup', code: 'AB-12' },
    { kind: 'join', code: 'x y' },
  ];
  for (const place of places) assert.deepEqual(parsePlace(formatPlace(place)), place);
});

it('takes what it does not know for a new question', () => {
  for (const text of ['', '#', '#/', '#/t', '#/t/', '#/x/1', '#/t/a/b', '#nothing']) {
    assert.deepEqual(parsePlace(text), { kind: 'new' }, text);
  }
});

it('reads an id that is broken as it is', () => {
  assert.deepEqual(parsePlace('#/t/%E0%A4%A'), { kind: 'thread', thread: '%E0%A4%A' });
});
