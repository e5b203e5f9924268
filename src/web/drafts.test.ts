import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Drafts } from './drafts.ts';
import type { FileChoice } from './option-values.ts';

const owner = { tenant: 't', user: 'u' };
const file: FileChoice = { name: 'a.csv', bytes: 3, progress: 1, file: 'f1', error: undefined };
const refused = { code: 'invalid_input', message: 'a.csv, line 8', retryable: false, hint: 'Skip it.' } as const;

function keptDrafts(kept = new Map<string, string>()) {
  const keep = {
    read: (name: string) => kept.get(name),
    write: (name: string, value: string | undefined) =>
      void (value === undefined ? kept.delete(name) : kept.set(name, value)),
  };
  return { kept, drafts: new Drafts(keep, owner) };
}

it('gives back the words, the file and the reason to where they were written (DF1)', () => {
  const { drafts } = keptDrafts();
  drafts.change('new', { text: 'What?' });
  drafts.setOption('new', 'data', file);
  const { text, options } = drafts.read('new');
  drafts.change('new', { text: '', options: {} });
  assert.deepEqual(drafts.read('new'), { text: '', options: {}, workflow: undefined, refused: undefined });
  drafts.giveBack('new', { text, options, workflow: 'clerk', refused });
  assert.deepEqual(drafts.read('new'), { text: 'What?', options: { data: file }, workflow: 'clerk', refused });
});

it('keeps what stands there by now, behind what comes back (DF2)', () => {
  const { drafts } = keptDrafts();
  drafts.change('t1', { text: 'And then?' });
  drafts.setOption('t1', 'skip-bad-rows', true);
  drafts.giveBack('t1', { text: 'What?', options: { data: file }, refused });
  assert.equal(drafts.read('t1').text, 'What?\n\nAnd then?');
  assert.deepEqual(drafts.read('t1').options, { data: file, 'skip-bad-rows': true });
});

it('says no longer why something was refused when an option is changed', () => {
  const { drafts } = keptDrafts();
  drafts.giveBack('t1', { text: 'What?', options: {}, refused });
  drafts.change('t1', { text: 'What then?' });
  assert.equal(drafts.read('t1').refused, refused);
  drafts.setOption('t1', 'skip-bad-rows', true);
  assert.equal(drafts.read('t1').refused, undefined);
});

it('keeps words and what is asked for the next visit, by conversation, until they are forgotten (DF3)', () => {
  const { kept, drafts } = keptDrafts();
  drafts.change('t1', { text: 'What?', workflow: 'clerk' });
  const next = keptDrafts(kept).drafts;
  assert.deepEqual([next.read('t1').text, next.read('t1').workflow], ['What?', 'clerk']);
  assert.deepEqual([next.read('t2').text, next.read('t2').workflow], ['', undefined]);
  next.forget('t1');
  assert.equal(kept.size, 0);
  assert.equal(next.read('t1').text, '');
});

it('tells its listeners of each change', () => {
  const { drafts } = keptDrafts();
  let told = 0;
  const stop = drafts.subscribe(() => told++);
  drafts.change('new', { text: 'W' });
  stop();
  drafts.change('new', { text: 'Wh' });
  assert.equal(told, 1);
});
