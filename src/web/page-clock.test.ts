import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ConnectionStatus } from '../client/connection.ts';
import { EngineError } from '../core/errors.ts';
import { PageClock } from './page-clock.ts';

const error = new EngineError('closed', 'No line.', { retryable: true });
const waiting: ConnectionStatus = { state: 'waiting', retryAt: 0, attempt: 1, error };

it('stands still from when the server is away until it is heard of again (PC1)', () => {
  let time = 0;
  const listeners: ((status: ConnectionStatus) => void)[] = [];
  const connection = {
    status: { state: 'live' } as ConnectionStatus,
    now: () => time,
    onChange: (listener: (status: ConnectionStatus) => void) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  const clock = new PageClock(connection);
  const tellAt = (at: number, status: ConnectionStatus): number => {
    time = at;
    connection.status = status;
    for (const listener of listeners) listener(status);
    return clock.now();
  };
  time = 5;
  assert.equal(clock.now(), 5);
  assert.equal(tellAt(10, waiting), 10);
  time = 15;
  assert.equal(clock.now(), 10);
  assert.equal(tellAt(20, { state: 'connecting', attempt: 2 }), 10);
  assert.equal(tellAt(25, waiting), 10);
  assert.equal(tellAt(30, { state: 'catching-up' }), 30);
});
