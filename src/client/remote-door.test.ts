import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { seededRandom } from '../core/random.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { connect } from './connect.ts';
import { FakeServer, json, noteAt, problem } from './server.fixture.ts';

type Request = { readonly method: string; readonly path: string; readonly body: unknown };

/** A door to a server whose answers are these, one after the other; undefined: the network fails. */
function setUp(...answers: readonly (Response | undefined)[]) {
  const server = new FakeServer();
  const clock = new SimClock({ passMs: limits.clientRetryMsMax });
  const asked: Request[] = [];
  server.respond = (method, { pathname, search }, body) => {
    asked.push({ method, path: pathname + search, body });
    return answers[asked.length - 1]?.clone();
  };
  const where = { url: 'http://host/sub/', transport: server.transport, clock, random: seededRandom(1) };
  return { door: connect(where).door, asked, server, clock };
}

function isError(code: string, more: Partial<EngineError> = {}): (thrown: unknown) => true {
  return (thrown) => {
    assert.ok(EngineError.is(thrown));
    const { retryable, hint, details } = thrown;
    assert.deepEqual({ code: thrown.code, retryable, hint, details, ...more }, { code, retryable, hint, details });
    return true;
  };
}

const started = { run: 'r1', workflow: 'clerk', notes: ['so'] };

describe('a remote door', () => {
  it('sends a start again after the network failed, with the same key, so that it starts once (RD1)', async () => {
    const { door, asked } = setUp(undefined, undefined, json(started));
    const run = await door.start('clerk', 'Hi', { thread: 't' });
    assert.deepEqual([run.id, run.workflow, run.notes], ['r1', 'clerk', ['so']]);
    assert.equal(asked.length, 3);
    assert.deepEqual(asked[2], asked[0]);
    const { key, ...ask } = Object(asked[0]?.body) as Record<string, unknown>;
    assert.match(String(key), /^[0-9a-f-]{36}$/);
    assert.deepEqual(ask, { question: 'Hi', workflow: 'clerk', thread: 't' });
  });

  it('sends a signal again with the same key (RD1), and a start of its own for each start', async () => {
    const { door, asked } = setUp(json({}), undefined, json({}), json(started), json(started));
    const run = await door.run('a b');
    await run.signal('go', { n: 1 });
    assert.equal(asked[0]?.path, '/sub/v1/runs/a%20b');
    assert.deepEqual(asked[2], asked[1]);
    await door.start(undefined, { input: 1 });
    await door.start(undefined, { input: 1 });
    assert.notDeepEqual(asked[3]?.body, asked[4]?.body);
  });

  it('does not send again what may not be done twice (CL2)', async () => {
    const { door, asked } = setUp(undefined, json({}));
    await assert.rejects(door.deleteThread('t'), isError('closed', { retryable: true }));
    assert.equal(asked.length, 1);
  });

  it('gives up after its tries, and says that the server could not be reached', async () => {
    const { door, asked } = setUp();
    await assert.rejects(door.me(), isError('closed', { retryable: true }));
    assert.equal(asked.length, limits.clientCallAttemptsMax);
  });

  it('throws what the server said: code, hint and whether to try again (CL1)', async () => {
    const { door, asked } = setUp(problem('not_found', 404, { hint: 'Look.', details: { n: 1 } }));
    await assert.rejects(door.run('r'), isError('not_found', { retryable: false, hint: 'Look.', details: { n: 1 } }));
    assert.equal(asked.length, 1);
  });

  it('waits as long as it is asked to, and tries again', async () => {
    const refused = problem('rate_limited', 429, { details: { retryAfterMs: 1_500 } });
    const { door, clock } = setUp(refused, json({ user: 'ada' }));
    const begun = clock.monotonic();
    assert.equal((await door.me()).user, 'ada');
    assert.ok(clock.monotonic() - begun >= 1_500);
  });

  it('says so when what answers is no server of Cantus, and does not believe it (CL1)', async () => {
    const page = new Response('<h1>Not here</h1>', { status: 404 });
    await assert.rejects(setUp(page).door.me(), isError('closed', { retryable: false }));
    await assert.rejects(setUp(new Response('<html>', { status: 200 })).door.me(), isError('closed'));
    const made = json({ code: 'made_up', detail: 'x', retryable: true }, 400);
    await assert.rejects(setUp(made).door.me(), isError('closed', { retryable: false }));
  });

  it('puts lists and numbers into the address, and what is not given nowhere', async () => {
    const { door, asked } = setUp(json({ runs: [] }));
    await door.runs({ thread: 'a&b', status: ['queued', 'running'], limit: 5 });
    assert.equal(asked[0]?.path, '/sub/v1/runs?thread=a%26b&status=queued&status=running&limit=5');
  });

  it('looks for a thread from the newest on, and says so when there is none', async () => {
    const { door, asked } = setUp(json({ threads: [{ thread: 'a', activeUserSeq: 7 }] }), json({ threads: [] }));
    await assert.rejects(door.thread('b'), isError('not_found'));
    assert.equal(asked[1]?.path, '/sub/v1/threads?before=7');
  });

  it("follows a run over streams that break, each event once, to the run's end", async () => {
    const end = { ...noteAt(4), type: 'run.cancelled', data: { reason: 'x' } };
    const stream = (...events: readonly unknown[]): Response =>
      new Response(
        `retry: 1\n\n: still here\n\n${events.map((event) => `id: 1\ndata: ${JSON.stringify(event)}\n\n`).join('')}data: {"cut`,
      );
    const more = json({ events: [], next: 0, ended: false });
    const { door, server } = setUp(json({}), stream(noteAt(1), noteAt(2)), more, stream(noteAt(2), noteAt(3), end));
    const seen: (number | undefined)[] = [];
    for await (const { seq } of (await door.run('r')).events()) seen.push(seq);
    assert.deepEqual(seen, [1, 2, 3, 4]);
    const places = server.requests.map(({ init }) => new Headers(init.headers).get('last-event-id'));
    assert.deepEqual(places, [null, '0', null, '2']);
  });

  it('waits for the end of a run, and gives the value that its output stands for', async () => {
    const outcome = { status: 'completed', output: { $blob: 'abc', bytes: 9 } };
    const { door, asked } = setUp(json({}), json({ outcome, answer: null, markdown: null }), json('large'));
    assert.deepEqual(await (await door.run('r')).result(), { status: 'completed', output: 'large' });
    assert.equal(asked[2]?.path, '/sub/v1/values/abc');
  });

  it('uploads a file under its name, and tells how far it is', async () => {
    const { door, asked } = setUp(json({ file: 'f', name: 'a b.csv', bytes: 3 }));
    const told: unknown[] = [];
    const onProgress = (...progress: readonly number[]): void => void told.push(progress);
    assert.equal((await door.upload(new Uint8Array(3), 'a b.csv', { onProgress })).file, 'f');
    assert.equal(asked[0]?.path, '/sub/v1/files?name=a%20b.csv');
    assert.deepEqual(told, [[3, 3]]);
  });
});
