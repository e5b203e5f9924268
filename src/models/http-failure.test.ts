import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOfConnection, failureOfStatus, parseRetryAfter } from './http-failure.ts';

const call = { provider: 'acme', model: 'm-1', said: '', where: 'https://acme.test/v1' };

test('what the same call may get over is retryable, and nothing else', () => {
  const retryable = [408, 409, 425, 429, 500, 502, 503, 504, 529];
  const final = [400, 401, 402, 403, 404, 405, 413, 422];
  for (const status of retryable) assert.equal(failureOfStatus({ ...call, status }).retryable, true, String(status));
  for (const status of final) assert.equal(failureOfStatus({ ...call, status }).retryable, false, String(status));
});

test('an account without credit is not asked again, though it answers 429', () => {
  const error = failureOfStatus({ ...call, status: 429, code: 'insufficient_quota' });
  assert.equal(error.retryable, false);
  assert.match(error.message, /no credit/);
});

test('a refused key names where it is from, and does not repeat what the server said', () => {
  const error = failureOfStatus({ ...call, status: 401, keyName: 'ACME_API_KEY', said: 'Incorrect API key: sk-abc' });
  assert.match(error.hint ?? '', /Check ACME_API_KEY/);
  assert.doesNotMatch(`${error.message} ${error.hint} ${JSON.stringify(error.details)}`, /sk-abc/);
});

test('a call without a key says that one is wanted', () => {
  assert.match(failureOfStatus({ ...call, status: 401 }).message, /wants a key .*none was given/);
});

test('the words of a server are clipped', () => {
  const error = failureOfStatus({ ...call, status: 400, said: `too long: ${'x'.repeat(5_000)}` });
  assert.match(error.message, /It says: too long: x+…$/);
  assert.ok(error.message.length < 500);
});

test('a missing model at Ollama says how to get it', () => {
  assert.match(failureOfStatus({ ...call, provider: 'ollama', status: 404 }).hint ?? '', /ollama pull m-1/);
});

test('Retry-After is read as seconds and as a date, and as nothing else', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  assert.equal(parseRetryAfter('7', now), 7_000);
  assert.equal(parseRetryAfter(' 0.25 ', now), 250);
  assert.equal(parseRetryAfter('Thu, 01 Jan 2026 12:00:30 GMT', now), 30_000);
  assert.equal(parseRetryAfter('Thu, 01 Jan 2026 11:00:00 GMT', now), 0);
  for (const nothing of [null, undefined, '', '-5', 'soon', '1e9x', 'Infinity']) {
    assert.equal(parseRetryAfter(nothing, now), undefined, String(nothing));
  }
});

test('a call that got no answer says where, and whether to start a server there', () => {
  const refused = new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
  const error = failureOfConnection(refused, 'acme', 'http://127.0.0.1:9/v1');
  assert.match(error.message, /Nothing listens at http:\/\/127.0.0.1:9\/v1/);
  assert.match(error.hint ?? '', /Is the server running/);
  assert.equal(error.retryable, true);
  const nowhere = new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ENOTFOUND' }) });
  assert.match(failureOfConnection(nowhere, 'acme', 'https://api.acme.test').hint ?? '', /Is this machine online/);
  const untrusted = Object.assign(new Error('no'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  assert.equal(failureOfConnection(untrusted, 'acme', 'https://acme.test').retryable, false);
  assert.equal(failureOfConnection('odd', 'acme', 'https://acme.test').retryable, true);
});
