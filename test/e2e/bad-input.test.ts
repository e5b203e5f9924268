/**
 * Whatever is sent to a server, it answers clearly or hangs up, says 500 or 1011 to nothing of it, and no other user
 * notices: one of them streams all the while, and gets each event once and in order (P1, P2, P6).
 *
 * What one part of the server refuses is tested beside it. Here is what only the whole of it shows.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import { closeCodes, protocolVersion, socketPath, subprotocol } from '../../src/protocol/frames.ts';
import { routes, type OperationName } from '../../src/protocol/operations.ts';
import { Asker, openEdge, type Answer, type Edge, type Line } from './edge.fixture.ts';

let edge: Edge;
let mallory: Asker;
let malloryToken: string;
let malloryCookie: string;
let victim: Victim;

const canary = `canary-${systemRandom.id()}`;
const password = 'the password of mallory';

before(async () => {
  edge = await openEdge();
  const { url } = edge.server;
  await edge.own.addAccount({ user: 'victim', password: 'the password of victim' });
  await edge.own.addAccount({ user: 'mallory', password });
  malloryToken = edge.own.addToken('mallory', 'of mallory').token;
  mallory = new Asker(url, { authorization: `Bearer ${malloryToken}` });
  const entered = await new Asker(url).ask('POST', '/v1/login', { json: { user: 'mallory', password } });
  malloryCookie = entered.headers.find(([name]) => name === 'set-cookie')?.[1].split(';')[0] ?? '';
  victim = new Victim(edge.own.addToken('victim', 'of victim').token);
  await victim.begin();
});

afterEach(() => victim.goesOn());

after(async () => {
  await victim.end();
  await edge.close();
});

/** Asks one question after the other and watches, as long as the tests take. */
class Victim {
  readonly #who: Asker;
  #line: Line | undefined;
  #isOver = false;
  #working: Promise<void> = Promise.resolve();
  #rounds = 0;

  constructor(token: string) {
    this.#who = new Asker(edge.server.url, { authorization: `Bearer ${token}` });
  }

  async begin(): Promise<void> {
    this.#line = await this.#who.line().greeted({ after: 'start' });
    this.#working = this.#work(this.#line);
  }

  async #work(line: Line): Promise<void> {
    while (!this.#isOver) {
      const key = `round-${this.#rounds}`;
      const { output } = (await line.call('runs.start', { workflow: 'short', key, question: canary }, key)) as {
        readonly output: { readonly run: string };
      };
      await line.until((frames) =>
        frames.some(
          (frame) =>
            frame.type === 'events' &&
            frame.events.some(({ type, run }) => type === 'run.completed' && run === output.run),
        ),
      );
      line.frames.splice(0, line.frames.length, ...this.#kept(line));
      this.#rounds++;
      // As a socket may send 200 frames in 10 s.
      await pause(70);
    }
  }

  /** Places are all that is looked at in the end. */
  readonly places: number[] = [];
  #kept(line: Line): [] {
    for (const frame of line.frames) {
      if (frame.type !== 'events') continue;
      for (const { userSeq } of frame.events) this.places.push(userSeq);
    }
    return [];
  }

  /** Two more questions are answered from now on. */
  async goesOn(): Promise<void> {
    if (this.#isOver) return;
    const from = this.#rounds;
    const stopped = this.#working.then(() => assert.fail('the other user was stopped'));
    await Promise.race([stopped, eventually(() => this.#rounds >= from + 2)]);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#working;
    this.#line?.socket.terminate();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(5);
}

const statuses = new Set<number>();

/** Sends these bytes, and gives all that comes back until the server hangs up. */
function raw(bytes: string | Uint8Array, { port } = edge.server.address): Promise<string> {
  return new Promise((resolve) => {
    const stream = connect(port, '127.0.0.1');
    let text = '';
    stream.setEncoding('latin1');
    stream.on('data', (piece) => (text += piece));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      for (const status of statusesIn(text)) statuses.add(status);
      resolve(text);
    });
    stream.write(bytes);
  });
}

function statusesIn(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}

const closing = 'Connection: close\r\n\r\n';
const hostLine = (): string => `Host: 127.0.0.1:${edge.server.address.port}\r\n`;
const asMallory = (): string => `${hostLine()}Authorization: Bearer ${malloryToken}\r\n`;
const jsonType = 'Content-Type: application/json\r\n';
const prepare = (): string => `POST /v1/runs/prepare HTTP/1.1\r\n${asMallory()}${jsonType}`;
const hiddenRequest = (): string => `GET /v1/app HTTP/1.1\r\n${asMallory()}\r\n`;
const chunked = 'Transfer-Encoding: chunked\r\n';

describe('what is hardly HTTP', () => {
  const cases: Readonly<Record<string, readonly [() => string | Uint8Array, number]>> = {
    'a length and chunks': [() => `${prepare()}Content-Length: 4\r\n${chunked}\r\n0\r\n\r\n${hiddenRequest()}`, 400],
    'chunks and a length': [() => `${prepare()}${chunked}Content-Length: 4\r\n\r\n0\r\n\r\n${hiddenRequest()}`, 400],
    'two lengths': [() => `${prepare()}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}${hiddenRequest()}`, 400],
    'a list of lengths': [() => `${prepare()}Content-Length: 2, 2\r\n\r\n{}${hiddenRequest()}`, 400],
    'a negative length': [() => `${prepare()}Content-Length: -1\r\n\r\n${hiddenRequest()}`, 400],
    'a length with a sign': [() => `${prepare()}Content-Length: +2\r\n\r\n{}${hiddenRequest()}`, 400],
    'a length that is no number of a machine': [() => `${prepare()}Content-Length: ${'9'.repeat(25)}\r\n\r\n{}`, 400],
    'a space before the colon': [
      () => `${prepare()}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hiddenRequest()}`,
      400,
    ],
    'an unknown transfer': [() => `${prepare()}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hiddenRequest()}`, 400],
    'a transfer that ends unchunked': [
      () => `${prepare()}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hiddenRequest()}`,
      400,
    ],
    'chunks twice': [() => `${prepare()}${chunked}${chunked}\r\n0\r\n\r\n${hiddenRequest()}`, 400],
    'a packed transfer': [() => `${prepare()}Transfer-Encoding: gzip, chunked\r\n${closing}2\r\n{}\r\n0\r\n\r\n`, 415],
    'a chunk of no size': [() => `${prepare()}${chunked}\r\nzz\r\n{}\r\n0\r\n\r\n`, 400],
    'a chunk of all sizes': [() => `${prepare()}${chunked}\r\n${'f'.repeat(18)}\r\n{}\r\n0\r\n\r\n`, 400],
    'an endless extension of a chunk': [
      () => `${prepare()}${chunked}\r\n2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
      400,
    ],
    'lines that end too early': [() => `GET /v1/me HTTP/1.1\n${asMallory().replaceAll('\r', '')}\n`, 400],
    'a folded header': [() => `GET /v1/me HTTP/1.1\r\n${asMallory()}X: a\r\n b\r\n\r\n`, 400],
    'a zero byte in a header': [() => `GET /v1/me HTTP/1.1\r\n${asMallory()}X: a\0b\r\n\r\n`, 400],
    'a header without a colon': [() => `GET /v1/me HTTP/1.1\r\n${asMallory()}Xab\r\n\r\n`, 400],
    'a header that is too long': [() => `GET /v1/me HTTP/1.1\r\n${asMallory()}X: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    'too many headers': [() => `GET /v1/me HTTP/1.1\r\n${'X: a\r\n'.repeat(5_000)}${asMallory()}\r\n`, 431],
    'no host': [() => `GET /v1/me HTTP/1.1\r\nAuthorization: Bearer ${malloryToken}\r\n\r\n`, 400],
    'an empty host': [() => `GET /v1/me HTTP/1.1\r\nHost:\r\n${closing}`, 400],
    'no host, as it was once allowed': [() => 'GET /v1/me HTTP/1.0\r\n\r\n', 400],
    'a host behind a name': [() => `GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1@evil.example\r\n${closing}`, 400],
    'a host with a path': [() => `GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1/x?\r\n${closing}`, 400],
    'a host that is another number': [() => `GET /v1/me HTTP/1.1\r\nHost: 127.1:80\r\n${closing}`, 400],
    'a host bent here': [() => `GET /v1/me HTTP/1.1\r\nHost: evil.example\r\n${closing}`, 403],
    'two hosts': [() => `GET /v1/me HTTP/1.1\r\nHost: evil.example\r\n${asMallory()}${closing}`, 403],
    'two credentials': [() => `GET /v1/me HTTP/1.1\r\n${asMallory()}Authorization: Bearer x\r\n${closing}`, 401],
    'an absolute address': [() => `GET http://evil.example/v1/me HTTP/1.1\r\n${asMallory()}${closing}`, 400],
    'no address': [() => `OPTIONS * HTTP/1.1\r\n${asMallory()}${closing}`, 400],
    'a way through': [() => `TRACE /v1/me HTTP/1.1\r\n${asMallory()}${closing}`, 405],
    'a method that is none': [() => `HACK /v1/me HTTP/1.1\r\n${asMallory()}${closing}`, 400],
    'HTTP of long ago': [() => 'GET /v1/me\r\n\r\n', 400],
    'HTTP/2': [() => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    TLS: [() => Buffer.from('16030100f1010000ed0303', 'hex'), 400],
    'an upgrade to something else': [
      () => `GET /v1/me HTTP/1.1\r\n${asMallory()}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
      404,
    ],
    'an upgrade without a key': [
      () => `GET ${socketPath} HTTP/1.1\r\n${asMallory()}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      400,
    ],
    'a refused body that is a request': [
      () =>
        `POST /v1/runs HTTP/1.1\r\n${asMallory()}Content-Type: text/plain\r\nConnection: close\r\n` +
        `Content-Length: ${hiddenRequest().length}\r\n\r\n${hiddenRequest()}`,
      415,
    ],
  };

  for (const [name, [bytes, status]] of Object.entries(cases))
    it(`is answered once: ${name}`, async () => {
      const text = await raw(bytes());
      assert.deepEqual(statusesIn(text), [status], text);
    });

  it('is hung up on or answered below 500, whatever it is', async () => {
    const piece = fc.oneof(
      fc.constantFrom('GET ', 'POST ', '/v1/me', '/v1/runs', ' HTTP/1.1', '\r\n', '\r\n\r\n', '\0', ':', ' ', '{}'),
      fc.constantFrom('Host: 127.0.0.1\r\n', 'Content-Length: 3\r\n', chunked, 'Upgrade: websocket\r\n', '0\r\n\r\n'),
      fc.constantFrom('Connection: Upgrade\r\n', 'Expect: 100-continue\r\n', 'Sec-WebSocket-Version: 13\r\n'),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        // What is half a request is ended by one that is none.
        const text = await raw(Buffer.from(`${pieces.join('')}\r\n\r\n\0\r\n\r\n${'\0'.repeat(300)}`, 'latin1'));
        for (const status of statusesIn(text)) assert.ok(status < 500, text);
        assert.ok(!text.includes('"user"'), 'nobody is logged in');
      }),
      { numRuns: 200 },
    );
  });
});

describe('addresses that play tricks', () => {
  const tricks = [
    '/v1/runs/..%2f..%2fme',
    '/v1/../v1/me',
    '/x/../v1/me',
    '//v1/me',
    '/v1//me',
    '/V1/me',
    '/v1/me/',
    '/v1/me%00',
    '/v1/me;x',
    '/v1/%6de',
    '/%76%31/me',
    '/%2576%2531/me',
    '/v1/runs/%c0%ae%c0%ae',
    '/v1/runs/%zz',
    '/v1\\me',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..;/v1/me',
    '/v1/me#x',
    '/healthz/../v1/me',
    '/v1/openapi.json/../me',
    '/v1/login/../me',
    '/v1/runs/__proto__',
    '/v1/values/constructor',
    `/v1/runs/${'a'.repeat(15_000)}`,
    `/v1/runs?${'a=1&'.repeat(3_000)}`,
    '/v1/runs?__proto__[x]=1',
    '/v1/runs/a%0d%0aSet-Cookie:%20x=1',
    '/v1',
    '/assets/../../package.json',
    '/%5c..%5c..%5cetc',
    '/.git/config',
    '/accounts.db',
    '/v1/runs/%E2%80%AE',
  ];

  it('lead nobody in', async () => {
    for (const path of tricks) {
      const text = await raw(`GET ${path} HTTP/1.1\r\n${hostLine()}${closing}`);
      assert.ok([400, 401, 404].includes(statusesIn(text)[0] ?? 0), `${path}: ${text}`);
      assert.doesNotMatch(text, /^set-cookie/im, path);
    }
  });

  it('lead a user to what is theirs, or nowhere', async () => {
    for (const path of tricks) {
      const text = await raw(`GET ${path} HTTP/1.1\r\n${asMallory()}${closing}`);
      assert.ok((statusesIn(text)[0] ?? 500) < 500, `${path}: ${text}`);
      assert.ok(!text.includes(canary), path);
      assert.doesNotMatch(text, /^set-cookie/im, path);
    }
  });
});

describe('who says wrongly who he is', () => {
  it('is nobody, over HTTP and at an upgrade', async () => {
    const own = edge.own.addToken('mallory', 'revoked');
    edge.own.revokeToken('mallory', own.id);
    const expired = edge.own.addToken('mallory', 'expired', 1e-9).token;
    await pause(2);
    const [login, secret] = malloryCookie.replace('cantus=', '').split('.') as [string, string];
    const wrong: Readonly<Record<string, string>>[] = [
      { authorization: `Bearer ${own.token}` },
      { authorization: `Bearer ${expired}` },
      { authorization: `Bearer ${malloryToken.slice(0, -1)}` },
      { authorization: `Bearer ${malloryToken}x` },
      { authorization: `Bearer  ${malloryToken} ${malloryToken}` },
      { authorization: `Basic ${Buffer.from(`mallory:${password}`).toString('base64')}` },
      { authorization: malloryToken },
      { authorization: 'Bearer' },
      { authorization: '\u00ff\u00fe' },
      { cookie: `cantus=${malloryToken}` },
      { cookie: `cantus=${login}.${'A'.repeat(43)}` },
      { cookie: `cantus=${'0'.repeat(32)}.${secret}` },
      { cookie: `__Host-cantus=${login}.${secret}` },
      { cookie: malloryCookie, authorization: `Bearer ${malloryToken}` },
      { cookie: `${malloryCookie}; cantus=${login}.${'A'.repeat(43)}` },
      { 'cantus-tenant': 'main', 'cantus-user': 'victim', 'cantus-roles': 'admin' },
      { 'x-forwarded-user': 'victim', 'x-forwarded-for': '127.0.0.1' },
      {},
    ];
    for (const headers of wrong) {
      const who = new Asker(edge.server.url, { origin: edge.server.url, ...headers });
      for (const path of ['/v1/me', `/v1/me?access_token=${malloryToken}`, '/v1/events/stream']) {
        const { status } = await who.ask('GET', path);
        assert.equal(status, 401, JSON.stringify(headers));
      }
      assert.equal((await who.line().refused).status, 401, JSON.stringify(headers));
    }
    assert.equal((await mallory.ask('GET', '/v1/me')).status, 200);
  });

  it('or comes from a foreign page changes nothing and opens nothing', async () => {
    const evil = 'http://evil.example';
    const { port } = edge.server.address;
    const pages: Readonly<Record<string, string>>[] = [
      { origin: evil },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${port + 1}` },
      { origin: `http://localhost:${port}` },
      { origin: `https://127.0.0.1:${port}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
      {},
    ];
    const json = { workflow: 'short', key: 'forged', question: 'x' };
    for (const page of pages) {
      const who = new Asker(edge.server.url, { cookie: malloryCookie, ...page });
      for (const path of ['/v1/runs', '/v1/ticket', '/v1/agui/short', '/v1/logout', '/v1/tokens'])
        assert.equal((await who.ask('POST', path, { json })).status, 403, `${path} ${JSON.stringify(page)}`);
      assert.equal((await who.ask('POST', '/v1/files', { body: 'a\n1\n' })).status, 403);
      assert.equal((await who.line().refused).status, 403, JSON.stringify(page));
      const read = await who.ask('GET', '/v1/me');
      assert.ok(
        read.headers.every(([name]) => !name.startsWith('access-control-')),
        'no page may read it',
      );
      const login = await new Asker(edge.server.url, page).ask('POST', '/v1/login', {
        json: { user: 'mallory', password },
      });
      // What neither comes from a page nor says so is a program.
      assert.equal(login.status, Object.keys(page).length === 0 ? 200 : 403);
    }
    const form = await new Asker(edge.server.url, { cookie: malloryCookie, origin: edge.server.url }).ask(
      'POST',
      '/v1/runs',
      { body: JSON.stringify(json), headers: { 'content-type': 'text/plain' } },
    );
    assert.equal(form.status, 415);
  });

  it('has no socket left when the login is over, the account disabled or the token revoked (LG2)', async () => {
    await edge.own.addAccount({ user: 'leaver', password });
    const own = edge.own.addToken('leaver', 'one');
    const other = edge.own.addToken('leaver', 'other');
    const [one, two] = [own, other].map(
      ({ token }) => new Asker(edge.server.url, { authorization: `Bearer ${token}` }),
    );
    assert.ok(one !== undefined && two !== undefined);
    const [first, second] = [await one.line().greeted(), await two.line().greeted()];
    const stream = two.ask('GET', '/v1/events/stream');
    edge.own.revokeToken('leaver', own.id);
    assert.equal(await first.closed, closeCodes.login);
    assert.equal(second.socket.readyState, WebSocket.OPEN);
    await second.call('me.read', {}, 'still');
    edge.own.disable('leaver');
    assert.equal(await second.closed, closeCodes.login);
    assert.match((await stream).text, /event: bye[^]*"login"/);
    assert.equal((await two.ask('GET', '/v1/me')).status, 401);
  });
});

describe('places that are none', () => {
  it('begin a reader anew, or are refused', async () => {
    const head = await mallory.json<{ generation: string; userSeq: number }>('GET', '/v1/events/head');
    for (const [generation, userSeq] of [
      [head.generation, 9_007_199_254_740_991],
      [head.generation, head.userSeq + 1],
      [`${head.generation}x`, 0],
      ['', 1],
    ] as const) {
      const line = await mallory.line().greeted({ after: { generation, userSeq } });
      await line.until((frames) => frames.some(({ type }) => type === 'snapshot'));
      const snapshot = line.frames.find((frame) => frame.type === 'snapshot');
      assert.equal(snapshot?.reason, 'generation');
      line.socket.terminate();
      const listed = await mallory.ask('GET', `/v1/events?after=${generation}-${userSeq}`);
      assert.ok(listed.status === 200 || listed.status === 400, listed.text);
    }
    for (const place of ['x', '-', `${head.generation}-1e9`, `${head.generation}-${'9'.repeat(30)}`])
      for (const path of ['/v1/events', '/v1/events/stream'])
        assert.equal((await mallory.ask('GET', `${path}?after=${place}`)).status, 400, `${path} ${place}`);
  });
});

describe('files that are none', () => {
  const unfinished = (): readonly string[] =>
    readdirSync(join(edge.folder, 'uploads'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.unfinished'),
    );

  it('and bombs are refused before they are unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const packed = { 'content-encoding': 'gzip' };
    for (const sent of [{ body: bomb }, { body: bomb, headers: packed }, { body: 'a\n1\n', headers: packed }])
      assert.equal((await mallory.ask('POST', '/v1/files?name=bomb.csv', sent)).status, 415);
    for (const path of ['/v1/runs', '/v1/login', '/v1/agui/short'])
      assert.equal((await mallory.ask('POST', path, { json: {}, headers: packed })).status, 415, path);
    const huge = `POST /v1/files HTTP/1.1\r\n${asMallory()}Content-Length: 70000000\r\n${closing}`;
    assert.deepEqual(statusesIn(await raw(huge)), [413]);
  });

  it('that stop half-way leave nothing behind', async () => {
    const refused = edge.server.counts()['request.failed.invalid_input'] ?? 0;
    const start = `POST /v1/files?name=half.csv HTTP/1.1\r\n${asMallory()}`;
    for (const text of [
      `${start}Content-Length: 1000\r\n\r\na,b\n1,2\n`,
      `${start}${chunked}\r\n8\r\na,b\n1,2\n\r\n`,
      `${prepare()}Content-Length: 1000\r\n\r\n{"question"`,
    ]) {
      const stream: Socket = connect(edge.server.address.port, '127.0.0.1');
      stream.on('error', () => undefined);
      await new Promise<void>((resolve) => void stream.write(text, () => resolve()));
      if (text.startsWith(start)) await eventually(() => unfinished().length > 0);
      else await pause(20);
      stream.destroy();
      await eventually(() => unfinished().length === 0);
    }
    await eventually(() => (edge.server.counts()['request.failed.invalid_input'] ?? 0) === refused + 3);
  });

  it('are taken or refused, whatever they are called and have in them', async () => {
    const sent = fc.record({
      name: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom('../../x', '/etc/passwd', '\0', 'a\r\nb'),
      ),
      body: fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: 'grapheme', maxLength: 100 }).map((text) => Buffer.from(text)),
        fc.constantFrom(...['{"a":1}\n', 'a,b\n"', '=cmd|x\n', '\u{feff}a\n1', '\n'].map((text) => Buffer.from(text))),
      ),
      type: fc.constantFrom('text/csv', 'multipart/form-data; boundary=x', 'application/zip', 'x', '', 'a/b; c="'),
      length: fc.constantFrom(0, 0, 0, 5, -3),
    });
    await fc.assert(
      fc.asyncProperty(sent, async ({ name, body, type }) => {
        const path = `/v1/files?name=${encodeURIComponent(name)}`;
        const { status, text } = await mallory.ask('POST', path, { body, headers: { 'content-type': type } });
        assert.ok([200, 400, 415].includes(status), text);
        if (status !== 200) return;
        const { file } = JSON.parse(text) as { readonly file: string };
        for (const workflow of ['keep', 'optimize']) {
          const json = { workflow, question: 'x', options: { data: file } };
          const prepared = await mallory.ask('POST', '/v1/runs/prepare', { json });
          assert.ok(prepared.status === 200 || prepared.status === 400, prepared.text);
        }
      }),
      { numRuns: 80 },
    );
    assert.deepEqual(unfinished(), []);
  });
});

describe('frames that are none', () => {
  const upgrade = (): string =>
    `GET ${socketPath} HTTP/1.1\r\n${asMallory()}Connection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
    `Sec-WebSocket-Protocol: ${subprotocol}\r\n\r\n`;
  /** One frame as bytes, masked with zeros unless said otherwise. */
  const frame = (first: number, payload: Buffer, isMasked = true): Buffer => {
    const mask = isMasked ? 0x80 : 0;
    const length =
      payload.length < 126
        ? Buffer.from([mask | payload.length])
        : Buffer.from([mask | 126, payload.length >> 8, payload.length & 0xff]);
    return Buffer.concat([Buffer.from([first]), length, Buffer.alloc(isMasked ? 4 : 0), payload]);
  };

  const text = 0x81;
  const hello = JSON.stringify({ type: 'hello', protocol: protocolVersion });
  const bytesOf = {
    'of no known kind': [[frame(0x83, Buffer.from('x'))], 1002],
    'with reserved bits': [[frame(0xf1, Buffer.from(hello))], 1002],
    'that are not masked': [[frame(text, Buffer.from(hello), false)], 1002],
    'that go on with nothing': [[frame(0x80, Buffer.from('x'))], 1002],
    'of control that are too long': [[frame(0x89, Buffer.alloc(200))], 1002],
    'of control in pieces': [[frame(0x09, Buffer.alloc(2))], 1002],
    'that are no text': [[frame(text, Buffer.from([0xc3, 0x28]))], 1007],
    'that promise too much': [[Buffer.from([text, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])], 1009],
    'that never end': [
      [
        frame(0x01, Buffer.alloc(60_000, 'a')),
        ...Array.from({ length: 6 }, () => frame(0x00, Buffer.alloc(60_000, 'a'))),
      ],
      1009,
    ],
    'that close for no reason': [[frame(0x88, Buffer.from([0x03]))], 1002],
    'of the wrong version': [[frame(text, Buffer.from('{"type":"hello","protocol":2}'))], 4502],
    'before hello': [[frame(text, Buffer.from('{"type":"pong"}'))], 4500],
  } as const;

  for (const [name, [frames, code]] of Object.entries(bytesOf))
    it(`end their own socket with a code: ${name}`, async () => {
      const heard = Buffer.from(await raw(Buffer.concat([Buffer.from(upgrade()), ...frames])), 'latin1');
      const said = heard.subarray(heard.indexOf('\r\n\r\n') + 4);
      const at = said.findLastIndex((byte, index) => byte === 0x88 && said.readUInt16BE(index + 2) === code);
      assert.ok(at >= 0, `${said.toString('hex')} has no ${code}`);
    });

  it('are refused or answered, whatever comes in whatever order (FR4)', async () => {
    const names = Object.keys(routes) as OperationName[];
    const call = fc.record({
      type: fc.constant('call'),
      id: fc.oneof(fc.uuid(), fc.constantFrom('a', '', '__proto__', 'x'.repeat(129))),
      operation: fc.oneof(fc.constantFrom(...names), fc.constantFrom('__proto__', 'toString', '')),
      input: fc.oneof(
        fc.dictionary(
          fc.constantFrom('run', 'thread', 'key', 'question', 'blob', 'title', '__proto__'),
          fc.jsonValue(),
        ),
        fc.jsonValue(),
      ),
    });
    const said = fc.oneof(
      { arbitrary: call.map((value) => JSON.stringify(value)), weight: 4 },
      { arbitrary: fc.constant('{"type":"pong"}'), weight: 2 },
      fc.constant(hello),
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.uint8Array({ maxLength: 30 }),
    );
    const codes: ReadonlySet<number> = new Set([closeCodes.badFrame, closeCodes.protocol, closeCodes.rate]);
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(said, { maxLength: 10 }), async (isGreeted, frames) => {
        const line = isGreeted ? await mallory.line().greeted() : await mallory.line().opened();
        for (const one of frames) line.socket.send(one);
        if (frames.length === 0) line.socket.send('{}');
        const ended = line.closed.then((code) => assert.ok(codes.has(code), `closed with ${code}`));
        const answered = isGreeted ? line.call('me.read', {}, 'the last').catch(() => ended) : ended;
        if (!isGreeted) line.socket.send('{"type":"nothing"}');
        await Promise.race([ended, answered]);
        line.socket.terminate();
        assert.ok(line.frames.every((one) => !JSON.stringify(one).includes(canary)));
      }),
      { numRuns: 150 },
    );
  });
});

describe('too much', () => {
  it('of half a request, or of none, is ended by the server (LI2)', async () => {
    const { address } = await edge.beside({ requestTimeoutMs: 300 });
    const host = `Host: 127.0.0.1:${address.port}\r\n`;
    const body = `POST /v1/runs HTTP/1.1\r\n${host}Authorization: Bearer ${malloryToken}\r\n${jsonType}Content-Length: 99\r\n\r\n{`;
    const [nothing, headers, half] = await Promise.all([
      raw('', address),
      raw(`GET /v1/me HTTP/1.1\r\n${host}X-Slow`, address),
      raw(body, address),
    ]);
    assert.deepEqual(
      [nothing, headers, half].map((answer) => statusesIn(answer ?? '')),
      [[408], [408], [408]],
    );
  });

  it('of requests and connections is refused to who sends it, and to no other (P6)', async () => {
    const bounds = { requestsPerMinute: 40, strangerRequestsPerMinute: 40, connectionsPerUserMax: 3 };
    const { url } = await edge.beside(bounds);
    const [many, stranger] = [new Asker(url, { authorization: `Bearer ${malloryToken}` }), new Asker(url)];
    const lines = Array.from({ length: 10 }, () => many.line());
    const opened = await Promise.all(
      lines.map((line) => Promise.race([line.opened().then(() => 101), line.refused.then(({ status }) => status)])),
    );
    assert.deepEqual(
      opened.toSorted((one, other) => one - other),
      [...Array<number>(3).fill(101), ...Array<number>(7).fill(429)],
    );
    const tooMany = ({ status, headers }: Answer): boolean =>
      status === 429 && headers.some(([name]) => name === 'retry-after');
    for (const who of [many, stranger]) {
      const answers = await Promise.all(Array.from({ length: 60 }, () => who.ask('GET', '/v1/me')));
      assert.ok(answers.filter(tooMany).length >= 20);
    }
    const token = edge.own.addToken('victim', 'beside').token;
    const other = new Asker(url, { authorization: `Bearer ${token}` });
    assert.equal((await other.ask('GET', '/v1/me')).status, 200);
    for (const line of lines) line.socket.terminate();
  });

  it('of values in one body is refused before a schema has something to say of each', async () => {
    const zeros = Array<number>(100_000).fill(0);
    const members = Object.fromEntries(zeros.slice(0, 20_000).map((zero, index) => [`m${index}`, zero]));
    const agui = { threadId: 't', runId: 'r', messages: zeros };
    for (const [path, json] of [
      ['/v1/runs', { key: 'many', options: members }],
      ['/v1/runs', { key: 'many', workflow: 'short', input: zeros }],
      ['/v1/agui/short', agui],
      ['/v1/login', members],
    ] as const)
      assert.equal((await mallory.ask('POST', path, { json })).status, 413, path);
    const line = await mallory.line().greeted();
    const reply = await line.call('runs.list', { status: zeros }, 'many');
    assert.equal((reply as { readonly error?: { readonly code: string } }).error?.code, 'too_large');
    line.socket.terminate();
  });

  it('of frames ends the socket they came over, and no other', async () => {
    const line = await mallory.line().greeted();
    for (let n = 0; n < 400; n++) line.socket.send('{"type":"pong"}');
    assert.equal(await line.closed, closeCodes.rate);
  });
});

describe('the other user', () => {
  it('got each event once and in order all the while (P1)', async () => {
    await victim.end();
    const { places } = victim;
    const head = await edge.engine.as({ user: 'victim' }).head();
    assert.ok(head.userSeq > 100, 'there was much to miss');
    assert.deepEqual(
      places,
      Array.from({ length: head.userSeq }, (_, index) => index + 1),
    );
  });

  it('was in nothing that was told, and nothing was a fault of the server (P2)', () => {
    for (const text of mallory.heard) assert.ok(!text.includes(canary));
    const log = edge.lines.join('\n');
    assert.ok(!log.includes(canary) && !log.includes(malloryToken));
    assert.doesNotMatch(log, /a request failed/);
    const faults = Object.keys(edge.server.counts()).filter((name) => /bug|thrown|store|1011|\.5\d\d/.test(name));
    assert.deepEqual(faults, []);
    assert.ok([...statuses].every((status) => status < 500));
    assert.ok((edge.server.counts()['request.failed.invalid_input'] ?? 0) > 10, 'what is refused is counted');
  });
});
