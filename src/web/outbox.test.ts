import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { StartedRun } from '../client/remote-run.ts';
import { EngineError } from '../core/errors.ts';
import { seededRandom } from '../core/random.ts';
import { Outbox, type Outgoing } from './outbox.ts';

const question = { thread: 't', text: 'What?', ask: { question: 'What?' }, workflow: undefined };

/** A door whose starts fail as often as is said, and the keys they came with. */
function doorThatFails(times: number, retryable = true) {
  const back: Outgoing[] = [];
  const keys: (string | undefined)[] = [];
  const start = async (
    _workflow: unknown,
    _ask: unknown,
    options: { readonly key?: string } = {},
  ): Promise<StartedRun> => {
    keys.push(options.key);
    if (keys.length <= times) throw new EngineError('closed', 'No line.', { retryable });
    return { id: 'r1', notes: ['a note'] } as unknown as StartedRun;
  };
  return { keys, back, outbox: new Outbox({ start }, seededRandom(1), (refused) => back.push(refused)) };
}

it('shows a question at once, and then the run that it became', async () => {
  const { outbox } = doorThatFails(0);
  const sent = outbox.send(question);
  assert.deepEqual(
    outbox.all.map(({ text, run }) => [text, run]),
    [['What?', undefined]],
  );
  await sent;
  assert.deepEqual(
    outbox.all.map(({ run, notes }) => [run, notes]),
    [['r1', ['a note']]],
  );
});

it('sends again with the key of the first try, so that it starts once (OB1)', async () => {
  const { outbox, keys } = doorThatFails(1);
  await outbox.send(question);
  await outbox.again(outbox.all[0]!.key);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.equal(outbox.all[0]!.run, 'r1');
});

it('keeps what could not be sent, with the reason, until it is put aside (OB2)', async () => {
  const { outbox } = doorThatFails(9);
  await outbox.send(question);
  assert.equal(outbox.all[0]?.error?.message, 'No line.');
  outbox.forget(outbox.all[0].key);
  assert.deepEqual(outbox.all, []);
});

it('gives back what was refused for what it says to where it was written (OB3)', async () => {
  const { outbox, back } = doorThatFails(1, false);
  const written = { place: 'new', text: 'What?', options: { 'skip-bad-rows': true } } as const;
  const { error } = await outbox.send({ ...question, written });
  assert.equal(error?.message, 'No line.');
  assert.deepEqual(outbox.all, []);
  assert.deepEqual(back[0]?.written, written);
  assert.equal(back[0]?.error?.message, 'No line.');
});

it('keeps what can be sent again, and gives it back when it is put aside', async () => {
  const { outbox, back } = doorThatFails(9);
  await outbox.send({ ...question, written: { place: 'new', text: 'What?', options: {} } });
  assert.equal(outbox.all.length, 1);
  assert.equal(back.length, 0);
  outbox.putAside(outbox.all[0]!.key);
  assert.deepEqual(outbox.all, []);
  assert.equal(back[0]?.text, 'What?');
});

it('tells its listeners of each change', async () => {
  const { outbox } = doorThatFails(0);
  let told = 0;
  const stop = outbox.subscribe(() => told++);
  await outbox.send(question);
  assert.equal(told, 2);
  stop();
  outbox.forget(outbox.all[0]!.key);
  assert.equal(told, 2);
});
