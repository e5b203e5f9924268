import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Listeners } from './listeners.ts';

describe('listeners', () => {
  it('tells a function as often as it was added, and stops each on its own', () => {
    const listeners = new Listeners<[number]>();
    const told: number[] = [];
    const listener = (value: number): void => void told.push(value);
    const stops = [listeners.add('key', listener), listeners.add('key', listener)];
    listeners.tell('key', 1);
    stops[0]?.();
    stops[0]?.();
    listeners.tell('key', 2);
    assert.deepEqual(told, [1, 1, 2]);
    stops[1]?.();
    assert.ok(listeners.empty);
  });

  it('does not tell whom an earlier one has stopped, nor whom it has added', () => {
    const listeners = new Listeners<[]>();
    const told: string[] = [];
    listeners.add('key', () => {
      told.push('first');
      stop();
      listeners.add('key', () => told.push('added'));
    });
    const stop = listeners.add('key', () => told.push('stopped'));
    listeners.tell('key');
    assert.deepEqual(told, ['first']);
  });
});
