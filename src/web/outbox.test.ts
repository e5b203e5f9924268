import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { StartedRun } from '../client/remote-run.ts';
import { EngineError } from '../core/errors.ts';
import { seededRandom } from '../core/random.ts';
import { Outbox } from './outbox.ts';

const question = { thread: 't', text: 'What?', ask: { question: 'What?' }, workflow: undefined };

/** A door whose starts fail as often as is said, and the keys they came with. */
function doorThatFails(times: number) {
  const keys: (string | undefined)[] = [];
  const start = async (
    _workflow: unknown,
    _ask: unknown,
    options: { readonly key?: string } = {},
  ): Promise<StartedRun> => {
    keys.push(options.key);
    if (keys.length <= times) throw new EngineError('closed', 'No line.', { retryable: true });
    return { id: 'r1', notes: ['a note'] } as unknown as StartedRun;
  };
  return { keys, outbox: new Outbox({ start }, seededRandom(1)) };
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
