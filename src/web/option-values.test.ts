import assert from 'node:assert/strict';
import { it } from 'node:test';
import { askedOptions, blockedBy, isUploading, optionLabel, type AppOption, type FileChoice } from './option-values.ts';

const options: readonly AppOption[] = [
  { name: 'data', help: '', kind: 'file', many: false },
  { name: 'map', help: '', kind: 'text', many: true },
  { name: 'model', help: '', kind: 'text', many: false },
  { name: 'skip-bad-rows', help: '', kind: 'flag', many: false },
];
const file: FileChoice = { name: 'a.csv', bytes: 3, progress: 1, file: 'f1', error: undefined };

it('asks with what was chosen, a line for each value of an option that takes several', () => {
  assert.deepEqual(askedOptions(options, { data: file, map: ' a=b \n\n c=d', model: ' m ', 'skip-bad-rows': true }), {
    data: 'f1',
    map: ['a=b', 'c=d'],
    model: 'm',
    'skip-bad-rows': true,
  });
});

it('leaves out what is empty, unknown or not yet on the server', () => {
  const coming = { ...file, file: undefined, progress: 0.5 };
  assert.deepEqual(askedOptions(options, { data: coming, map: ' \n', model: '', other: 'x' }), {});
});

it('waits for a file that is on its way, and not for one that was refused', () => {
  assert.equal(isUploading({ data: { ...file, file: undefined } }), true);
  assert.equal(isUploading({ data: { ...file, file: undefined, error: 'too large' } }), false);
  assert.equal(isUploading({ data: file, map: 'x' }), false);
});

it('asks nothing while a chosen file is refused or on its way', () => {
  assert.equal(blockedBy({ data: file, 'skip-bad-rows': true }), undefined);
  assert.equal(blockedBy({ data: { ...file, file: undefined } }), 'a.csv is still being sent.');
  const refused = { ...file, file: undefined, error: 'The file is empty.' };
  assert.match(blockedBy({ map: 'x', data: refused }) ?? '', /^a\.csv was not taken/);
});

it('names an option as a person would', () => {
  assert.equal(optionLabel(options[3]!), 'Skip bad rows');
});
