import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { otherRoutes, routes, type OperationName } from '../protocol/operations.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { openServer, served, type TestServer } from './server.fixture.ts';

/** Ids of one owner. */
type Things = { readonly run: string; readonly thread: string; readonly blob: string; readonly file: string };

let desk: TestServer;
let owned: Things;

before(async () => {
  const { engine } = await createTestEngine(served);
  desk = await openServer(engine, { limits: { requestsPerMinute: 10_000 } });
  const file = (await (
    await desk.ask('acme.alice', 'POST', '/v1/files?name=of-alice.csv', { body: 'a\n1\n' })
  ).json()) as { readonly file: string };
  const json = { key: 'k', thread: 'thread-of-alice', question: 'large secret' };
  const { run } = (await (await desk.ask('acme.alice', 'POST', '/v1/runs', { json })).json()) as { run: string };
  await (await engine.as({ tenant: 'acme', user: 'alice' }).run(run)).result();
  const events = await (await desk.ask('acme.alice', 'GET', '/v1/events')).text();
  const blob = /"\$blob":"(\w+)"/.exec(events)?.[1] ?? '';
  assert.notEqual(blob, '');
  owned = { run, thread: 'thread-of-alice', blob, file: file.file };
});
after(() => desk.close());

/** Ids of the same make that nobody has. */
const unknown: Things = {
  run: '00000000-0000-4000-8000-000000000000',
  thread: 'thread-of-nobod',
  blob: 'f'.repeat(64),
  file: '00000000-0000-4000-8000-000000000001',
};

/** What each operation is asked, with things that may be another's. One without a case does not compile (OPS1). */
const cases = {
  'app.read': () => ({}),
  'me.read': () => ({}),
  'runs.prepare': ({ thread, file }) => ({ question: 'x', thread, options: { data: file } }),
  'runs.start': ({ thread, file }) => ({ question: 'x', key: 'k', thread, options: { data: file } }),
  'runs.list': ({ thread }) => ({ thread }),
  'runs.read': () => ({}),
  'runs.answer': () => ({}),
  'runs.events': () => ({ after: '1' }),
  'runs.cancel': () => ({}),
  'runs.signal': () => ({ name: 'go' }),
  'runs.decide': () => ({ path: 'say', decision: 'give-up' }),
  'runs.approve': () => ({ path: 'say', approved: true }),
  'threads.list': () => ({ search: 'large' }),
  'threads.rename': () => ({ title: 'mine' }),
  'threads.delete': () => ({}),
  'events.list': () => ({}),
  'events.head': () => ({}),
  'values.read': () => ({}),
} as const satisfies { readonly [Name in OperationName]: (things: Things) => Record<string, unknown> };

/** Everything of an answer that may differ between two of the same is taken out. */
async function answerOf(name: OperationName, things: Things): Promise<unknown> {
  const { method, path } = routes[name];
  const input: Record<string, unknown> = cases[name](things);
  const address = path.replaceAll(/:(\w+)/g, (_, member: string) => things[member as keyof Things]);
  const inBody = method === 'POST' || method === 'PATCH';
  const query = inBody ? '' : `?${new URLSearchParams(input as Record<string, string>).toString()}`;
  const response = await desk.ask('acme.bob', method, `${address}${query}`, inBody ? { json: input } : {});
  const varying = new Set(['date', 'x-request-id', 'ratelimit', 'content-length']);
  const headers = [...response.headers].filter(([header]) => !varying.has(header));
  let body = (await response.text()).replace(/"requestId":"[^"]*"/, '');
  for (const [kind, id] of Object.entries(things)) body = body.replaceAll(id, kind);
  return { status: response.status, headers, body };
}

describe('a user who has an id of another', () => {
  for (const name of Object.keys(routes) as OperationName[])
    it(`is answered by ${name} as for one that nobody has (P2, OPS2)`, async () => {
      assert.deepEqual(await answerOf(name, owned), await answerOf(name, unknown));
    });

  it('is answered by the stream of a run as for one that nobody has (P2)', async () => {
    const answers = [owned, unknown].map(async ({ run }) => {
      const response = await desk.ask('acme.bob', 'GET', otherRoutes['runs.stream'].path.replace(':run', run));
      const text = (await response.text()).replace(/"requestId":"[^"]*"/, '');
      return [response.status, response.headers.get('content-type'), text.replaceAll(run, 'run')];
    });
    const [told, plain] = await Promise.all(answers);
    assert.equal(plain?.[0], 404);
    assert.deepEqual(told, plain);
  });

  it('has changed nothing by asking', async () => {
    const { threads } = (await (await desk.ask('acme.alice', 'GET', '/v1/threads')).json()) as {
      threads: { thread: string; title: string; status: string }[];
    };
    assert.deepEqual(
      threads.map(({ thread, title, status }) => [thread, title, status]),
      [['thread-of-alice', 'large secret', 'completed']],
    );
  });

  it('reads of its own with the same names, so that these answers prove something', async () => {
    const own = await desk.ask('acme.alice', 'GET', `/v1/values/${owned.blob}`);
    assert.equal(own.status, 200);
    const json = { question: 'x', options: { data: owned.file } };
    assert.equal((await desk.ask('acme.alice', 'POST', '/v1/runs/prepare', { json })).status, 200);
  });
});
