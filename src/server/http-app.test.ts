import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { routes } from '../protocol/operations.ts';
import type { Problem } from '../protocol/problem.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { openServer, served, type TestServer } from './server.fixture.ts';

let desk: TestServer;
before(async () => {
  const { engine } = await createTestEngine(served);
  desk = await openServer(engine, { limits: { requestBytesMax: 5_000 }, origins: ['https://chat.example.com'] });
});
after(() => desk.close());

const problemOf = async (response: Response): Promise<Problem> => (await response.json()) as Problem;

let keys = 0;
/** Starts a run and waits for its end. */
async function start(who: string, ask: Record<string, unknown>): Promise<string> {
  const response = await desk.ask(who, 'POST', '/v1/runs', { json: { key: `key-${++keys}`, ...ask } });
  assert.equal(response.status, 200, await response.clone().text());
  const { run } = (await response.json()) as { readonly run: string };
  const [tenant = '', user = ''] = who.split('.');
  await (await desk.engine.as({ tenant, user }).run(run)).result();
  return run;
}

async function read<T>(who: string, path: string): Promise<T> {
  const response = await desk.ask(who, 'GET', path);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as T;
}

/** A request as no browser and no `fetch` would send it. */
function sendRaw(
  headers: Record<string, string>,
  { method = 'GET', path = '/v1/me', body }: { method?: string; path?: string; body?: readonly string[] } = {},
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const { host, port } = desk.server.address;
    const sent = httpRequest({ host, port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject);
    for (const piece of body ?? []) sent.write(piece);
    sent.end();
  });
}

describe('the operations over HTTP', () => {
  it('start a run and give its answer, its row and its thread', async () => {
    const run = await start('acme.alice', { question: 'How many?', thread: 'talk' });
    assert.deepEqual(await read('acme.alice', `/v1/runs/${run}/answer`), {
      outcome: { status: 'completed', output: { said: 'How many?||', large: '' } },
      answer: null,
      markdown: '# How many?||',
    });
    const row = await read<Record<string, unknown>>('acme.alice', `/v1/runs/${run}`);
    assert.deepEqual([row['run'], row['status'], row['thread']], [run, 'completed', 'talk']);
    const { threads } = await read<{ threads: { title: string }[] }>('acme.alice', '/v1/threads');
    assert.equal(threads[0]?.title, 'How many?');
  });

  it('start once for a key, and say so to whoever uses it for something else', async () => {
    const ask = { question: 'Once?', key: 'once' };
    const [one, two] = [await start('acme.alice', ask), await start('acme.alice', ask)];
    assert.equal(one, two);
    const other = await desk.ask('acme.alice', 'POST', '/v1/runs', { json: { ...ask, question: 'Twice?' } });
    assert.deepEqual([other.status, (await problemOf(other)).code], [409, 'conflict']);
  });

  it('go on in a thread with the input of the newest run of the workflow', async () => {
    await start('acme.alice', { question: 'first', thread: 'follow' });
    const run = await start('acme.alice', { question: 'second', thread: 'follow' });
    const { markdown } = await read<{ markdown: string }>('acme.alice', `/v1/runs/${run}/answer`);
    assert.equal(markdown, '# second||first');
  });

  it('give an answer in plain words where the app fails to find its own', async () => {
    const run = await start('acme.alice', { question: 'unrenderable' });
    const { markdown } = await read<{ markdown: string }>('acme.alice', `/v1/runs/${run}/answer`);
    assert.match(markdown, /^```json\n\{[^]*"said": "unrenderable\|\|"/);
    assert.equal(desk.server.counts()['answer.render.failed'], 1);
  });

  it('give the text of an agent as it is, and outputs kept as blobs whole', async () => {
    const run = await start('acme.alice', { workflow: 'clerk', question: 'Hi' });
    assert.equal((await read<{ markdown: string }>('acme.alice', `/v1/runs/${run}/answer`)).markdown, 'Hello.');
    const large = await start('acme.alice', { question: 'large' });
    const told = await read<{ outcome: { output: { large: string } } }>('acme.alice', `/v1/runs/${large}/answer`);
    assert.equal(told.outcome.output.large.length, 100_000);
  });

  it('read events by pages that neither miss nor repeat one', async () => {
    const run = await start('acme.pager', { question: 'pages' });
    const whole = await read<{ events: { seq: number }[]; ended: boolean }>('acme.pager', `/v1/runs/${run}/events`);
    assert.equal(whole.ended, true);
    const seqs: number[] = [];
    for (let at = 0, ended = false; !ended;) {
      const path = `/v1/runs/${run}/events?after=${at}&limit=2`;
      const page = await read<{ events: { seq: number }[]; next: number; ended: boolean }>('acme.pager', path);
      seqs.push(...page.events.map(({ seq }) => seq));
      ({ next: at, ended } = page);
    }
    assert.deepEqual(
      seqs,
      whole.events.map(({ seq }) => seq),
    );
    type Place = { readonly generation: string; readonly userSeq: number };
    const places: number[] = [];
    const head = await read<Place>('acme.pager', '/v1/events/head');
    for (let place = ''; ;) {
      const page = await read<{ events: { userSeq: number }[]; next: Place; head: Place }>(
        'acme.pager',
        `/v1/events?limit=3${place}`,
      );
      places.push(...page.events.map(({ userSeq }) => userSeq));
      if (page.next.userSeq === page.head.userSeq) break;
      place = `&after=${page.next.generation}-${page.next.userSeq}`;
    }
    assert.deepEqual(
      places,
      Array.from({ length: head.userSeq }, (_, index) => index + 1),
    );
  });

  it('signal and cancel a run that waits', async () => {
    const json = { question: 'wait', options: { wait: true }, key: 'waits' };
    const { run } = (await (await desk.ask('acme.alice', 'POST', '/v1/runs', { json })).json()) as { run: string };
    const open = await read<{ outcome: null }>('acme.alice', `/v1/runs/${run}/answer`);
    assert.deepEqual(open, { outcome: null, answer: null, markdown: null });
    const now = await read<{ next: number; ended: boolean }>('acme.alice', `/v1/runs/${run}/events`);
    assert.equal(now.ended, false);
    const more = await read<{ next: number }>('acme.alice', `/v1/runs/${run}/events?after=${now.next + 1_000}`);
    assert.deepEqual(more, { events: [], next: now.next + 1_000, ended: false }, 'it waits for nothing');
    const told = await desk.ask('acme.alice', 'POST', `/v1/runs/${run}/cancel`, { json: { reason: 'enough' } });
    assert.deepEqual([told.status, await told.json()], [200, {}]);
    const handle = await desk.engine.as({ tenant: 'acme', user: 'alice' }).run(run);
    assert.equal((await handle.result()).status, 'cancelled');
    const ended = await read<unknown>('acme.alice', `/v1/runs/${run}/events?after=1000`);
    assert.deepEqual(ended, { events: [], next: 1_000, ended: true });
  });

  it('say what was meant by a member, an option or a name that nobody knows', async () => {
    const hints: readonly (readonly [string, Record<string, unknown>])[] = [
      ['question', { key: 'k', qestion: 'x' }],
      ['word', { key: 'k', question: 'x', options: { wrod: ['a'] } }],
      ['report', { key: 'k', question: 'x', workflow: 'reprot' }],
    ];
    for (const [meant, json] of hints) {
      const response = await desk.ask('acme.alice', 'POST', '/v1/runs', { json });
      const { status, hint } = await problemOf(response);
      assert.equal(status, 400);
      assert.ok(hint?.includes(`Did you mean "${meant}"?`), hint);
    }
  });

  it('refuse a query that is no number, is given twice, or belongs into the body', async () => {
    for (const path of ['/v1/runs?limit=many', '/v1/runs?limit=1&limit=2', '/v1/runs?nothing=1', '/v1/runs?status=odd'])
      assert.equal((await desk.ask('acme.alice', 'GET', path)).status, 400, path);
    const posted = await desk.ask('acme.alice', 'POST', '/v1/runs?key=k', { json: { question: 'x', key: 'k' } });
    assert.equal(posted.status, 400);
    const twice = await desk.ask('acme.alice', 'POST', '/v1/runs/a/cancel', { json: { run: 'b' } });
    assert.equal(twice.status, 400);
    assert.equal((await desk.ask('acme.alice', 'GET', '/v1/runs?status=queued,running')).status, 200);
  });
});

describe('the HTTP application', () => {
  it('answers strangers with 401 before telling them what there is (LG1)', async () => {
    for (const [method, path] of [
      ['GET', '/v1/app'],
      ['GET', '/v1/nothing'],
      ['DELETE', '/v1/runs/x'],
      ['PUT', '/v1/files'],
    ] as const) {
      const response = await desk.ask(null, method, path);
      assert.equal(response.status, 401, path);
      assert.equal((await problemOf(response)).code, 'login_required');
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/);
    }
    const unread = await desk.ask(null, 'POST', '/v1/runs', { body: 'no JSON', headers: { 'content-type': 'a/b' } });
    assert.equal(unread.status, 401, 'and before looking at what they send');
  });

  it('says 404 for unknown addresses, and 405 with what there is for unknown methods', async () => {
    const unknown = await desk.ask('acme.alice', 'GET', '/v1/nothing');
    assert.deepEqual([unknown.status, (await problemOf(unknown)).code], [404, 'not_found']);
    for (const { path } of Object.values(routes)) {
      const response = await desk.ask('acme.alice', 'PUT', path.replaceAll(/:\w+/g, 'x'));
      assert.equal(response.status, 405, path);
      const allow = response.headers.get('allow')?.split(', ') ?? [];
      const methods = Object.values(routes).filter((route) => route.path === path);
      for (const { method } of methods) assert.ok(allow.includes(method), `${path}: ${allow.join()}`);
    }
  });

  it('answers HEAD and OPTIONS', async () => {
    const head = await desk.ask('acme.alice', 'HEAD', '/v1/me');
    assert.deepEqual([head.status, await head.text()], [200, '']);
    const options = await desk.ask(null, 'OPTIONS', '/v1/runs');
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, OPTIONS, POST']);
  });

  it('takes JSON alone, unpacked, up to its size, whatever is said of that (JB1, JB2)', async () => {
    const bearer = { authorization: 'Bearer acme.alice' };
    const json = { ...bearer, 'content-type': 'application/json' };
    const post = { method: 'POST', path: '/v1/runs/prepare' };
    const long = ['{"question":"', ...Array.from({ length: 20 }, () => 'x'.repeat(1_000)), '"}'];
    const whole = String(long.join('').length);
    const statuses = [
      (await sendRaw({ ...bearer, 'content-type': 'text/plain' }, { ...post, body: ['{}'] })).status,
      (await sendRaw({ ...json, 'content-encoding': 'gzip' }, { ...post, body: ['{}'] })).status,
      (await sendRaw({ ...json, 'content-length': whole }, { ...post, body: long })).status,
      (await sendRaw({ ...json, 'transfer-encoding': 'chunked' }, { ...post, body: long })).status,
      (await sendRaw(json, { ...post, body: ['{"question":'] })).status,
      (await sendRaw(json, { ...post, body: ['[]'] })).status,
      (await sendRaw(json, { ...post, body: [`{"input":${'['.repeat(200)}${']'.repeat(200)}}`] })).status,
      (await sendRaw(json, { ...post, body: ['{"question":"fine"}'] })).status,
    ];
    assert.deepEqual(statuses, [415, 415, 413, 413, 400, 400, 400, 200]);
  });

  it('refuses addresses that are not encoded as they must be, and reads others once', async () => {
    const bearer = { authorization: 'Bearer acme.alice' };
    assert.equal((await sendRaw(bearer, { path: '/v1/runs/%zz' })).status, 400);
    assert.equal((await sendRaw(bearer, { path: 'http://other.example/v1/me' })).status, 400);
    const twice = await sendRaw(bearer, { path: '/v1/runs/a%2541%2Fb' });
    assert.equal(twice.status, 404);
    assert.match(twice.text, /There is no run \\"a%41\/b\\"/);
  });

  it('gives each answer an id of its own, and believes none that comes along', async () => {
    const headers = { 'x-request-id': 'mine' };
    const ids = new Set<string | null>();
    for (const path of ['/v1/me', '/v1/nothing', '/healthz', '/nowhere'])
      ids.add((await desk.ask('acme.alice', 'GET', path, { headers })).headers.get('x-request-id'));
    assert.equal(ids.size, 4);
    assert.ok(!ids.has('mine') && !ids.has(null));
    const refused = await desk.ask(null, 'GET', '/v1/me');
    assert.equal((await problemOf(refused)).requestId, refused.headers.get('x-request-id'));
  });

  it('says nothing of what went wrong inside but an id, which is in the log (PB1)', async () => {
    const json = { question: 'throw', key: 'throws' };
    const response = await desk.ask('acme.alice', 'POST', '/v1/runs', { json });
    const text = await response.text();
    assert.equal(response.status, 500);
    for (const hidden of ['secret', 'passwd', '.ts', 'Error:', 'alice']) assert.ok(!text.includes(hidden), text);
    const { requestId, code } = JSON.parse(text) as Problem;
    assert.equal(code, 'bug');
    assert.ok(desk.lines.some((line) => line.startsWith('error') && line.includes(requestId)));
  });

  it('logs patterns, codes and hashes, and nothing that a user said or is called (HA3)', async () => {
    const run = await start('umbrella.carol', { question: 'whisper', thread: 'thread-of-carol' });
    await desk.ask('umbrella.carol', 'GET', `/v1/runs/${run}?after=whisper`);
    await desk.ask('umbrella.carol', 'GET', '/v1/whisper');
    const log = desk.lines.join('\n');
    assert.ok(log.includes('"route":"/v1/runs/:run"'));
    for (const hidden of ['whisper', 'carol', 'umbrella', run]) assert.ok(!log.includes(hidden), hidden);
  });

  it('tells browsers to trust nothing but itself (RH1), and caches nothing of /v1 (RH3)', async () => {
    const { headers } = await desk.ask('acme.alice', 'GET', '/v1/me');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'");
    assert.equal(headers.get('access-control-allow-origin'), null);
    const problem = await desk.ask(null, 'GET', '/v1/me');
    assert.equal(problem.headers.get('cache-control'), 'no-store');
    assert.equal(problem.headers.get('content-type'), 'application/problem+json');
  });

  it('shares answers with pages of configured origins alone, without cookies (RH2)', async () => {
    const asked = (origin: string) => desk.ask('acme.alice', 'GET', '/v1/me', { headers: { origin } });
    const known = (await asked('https://chat.example.com')).headers;
    assert.equal(known.get('access-control-allow-origin'), 'https://chat.example.com');
    assert.equal(known.get('access-control-allow-credentials'), null);
    for (const other of ['https://evil.example', 'null', 'https://chat.example.com.evil.example'])
      assert.equal((await asked(other)).headers.get('access-control-allow-origin'), null);
    const preflight = await desk.ask(null, 'OPTIONS', '/v1/runs', { headers: { origin: 'https://chat.example.com' } });
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, HEAD, OPTIONS, POST');
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/);
  });

  it('says how much of the bound is left', async () => {
    const { headers } = await desk.ask('acme.rated', 'GET', '/v1/me');
    assert.equal(headers.get('ratelimit-policy'), '"user";q=600;w=60');
    assert.match(headers.get('ratelimit') ?? '', /^"user";r=599;t=\d+$/);
  });
});

describe('the gate', () => {
  it('is not passed under a name that was bent to this address (OG1)', async () => {
    const bearer = { authorization: 'Bearer acme.alice' };
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example']) {
      const { status, text } = await sendRaw({ ...bearer, host });
      assert.deepEqual([status, (JSON.parse(text) as Problem).code], [403, 'origin_refused'], host);
    }
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:80', 'chat.example.com', 'CHAT.example.com'])
      assert.equal((await sendRaw({ ...bearer, host })).status, 200, host);
  });

  it('takes changes by cookie only from an allowed origin, and reading from anywhere (GA2)', async () => {
    const { host } = new URL(desk.server.url);
    const cookie = { cookie: 'login=acme.alice' };
    const post = async (headers: Record<string, string>): Promise<number> => {
      const json = { ...cookie, ...headers, 'content-type': 'application/json' };
      return (await sendRaw(json, { method: 'POST', path: '/v1/runs/prepare', body: ['{}'] })).status;
    };
    assert.equal(await post({ origin: `http://${host}` }), 200);
    assert.equal(await post({ origin: 'https://chat.example.com' }), 200);
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1', `http://${host}.evil.example`])
      assert.equal(await post({ origin }), 403, origin);
    assert.equal(await post({}), 403, 'a browser says an origin');
    assert.equal((await sendRaw({ ...cookie, origin: 'https://evil.example' })).status, 200);
  });
});
