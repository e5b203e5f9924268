import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { routes } from '../protocol/operations.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { openServer, served, type TestServer } from './server.fixture.ts';

let desk: TestServer;
before(async () => {
  const { engine } = await createTestEngine(served);
  desk = await openServer(engine, { limits: { requestsPerMinute: 1_000_000, strangerRequestsPerMinute: 1_000_000 } });
  const json = { key: 'kept', question: 'kept', thread: 'kept' };
  const { run } = (await (await desk.ask('acme.alice', 'POST', '/v1/runs', { json })).json()) as { run: string };
  await (await engine.as({ tenant: 'acme', user: 'alice' }).run(run)).result();
});
after(() => desk.close());

/** Everything that a user has, as one text. */
const everythingOf = async (who: string): Promise<string> =>
  (
    await Promise.all(
      ['/v1/events', '/v1/runs', '/v1/threads'].map(async (path) => (await desk.ask(who, 'GET', path)).text()),
    )
  ).join();

type Sent = {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
};

/** The status, or 0 where the connection was ended instead. */
function send({ method, path, headers, body }: Sent): Promise<number> {
  const { host, port } = desk.server.address;
  return new Promise((resolve) => {
    const sent = httpRequest({ host, port, method, path, headers, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0));
    sent.end(method === 'GET' || method === 'HEAD' ? undefined : body);
  });
}

const paths = Object.values(routes).map(({ path }) => path);
const part = fc.oneof(
  fc.constantFrom('x', 'kept', '..', '%00', '%2F', '%zz', '__proto__', 'constructor', '-1', '1e9', 'null'),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map(encodeURIComponent),
);
const address = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...paths),
      part.map((text) => `/v1/${text}`),
    ),
    fc.array(part, { maxLength: 4 }),
  )
  .map(([path, values]) => {
    let next = 0;
    const filled = path.replaceAll(/:\w+/g, () => values[next++] ?? 'x');
    const names = ['limit', 'after', 'before', 'status', 'thread', 'search', 'odd'];
    const query = values.map((value, index) => `${names[index + next] ?? 'more'}=${value}`).join('&');
    return `${filled}${query === '' ? '' : `?${query}`}`;
  });

const members = [
  'key',
  'question',
  'options',
  'input',
  'thread',
  'workflow',
  'title',
  'name',
  'value',
  'path',
  '__proto__',
];
const body = fc.oneof(
  fc.dictionary(fc.constantFrom(...members), fc.jsonValue()).map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom('{"__proto__":{"question":"x"}}', '['.repeat(20_000), '{"key":"a","options":{"data":"../x"}}'),
);

const headerText = fc.string({ maxLength: 30 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, ''));
const headers = fc
  .record(
    {
      'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json;charset=latin1', ''),
      'content-encoding': fc.constantFrom('identity', 'gzip', 'br'),
      'last-event-id': headerText,
      origin: fc.oneof(headerText, fc.constantFrom('null', 'http://', 'http://localhost')),
      cookie: headerText,
      'x-request-id': headerText,
      accept: headerText,
      'if-none-match': headerText,
      range: fc.constantFrom('bytes=0-1', 'x'),
      'x-forwarded-for': headerText,
      'accept-encoding': headerText,
    },
    { requiredKeys: ['content-type'] },
  )
  .map((given) => ({ ...given, authorization: 'Bearer acme.mallory' }));

describe('whatever a user sends', () => {
  it('is answered with less than 500, and changes nothing for others (P2)', { timeout: 120_000 }, async () => {
    const kept = await everythingOf('acme.alice');
    const sent = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'HEAD', 'PUT', 'OPTIONS'),
      path: address,
      headers,
      body,
    });
    await fc.assert(
      fc.asyncProperty(sent, async (request) => {
        const status = await send(request);
        assert.ok(status > 0 && status < 500, `${status}`);
      }),
      { numRuns: 600 },
    );
    assert.equal(await everythingOf('acme.alice'), kept);
    assert.equal((await desk.ask('acme.alice', 'GET', '/healthz')).status, 200);
  });
});
