import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import type { Uploaded } from '../protocol/operations.ts';
import type { Problem } from '../protocol/problem.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { systemClock } from '../core/clock.ts';
import { seededRandom } from '../core/random.ts';
import { openServer, served, type TestServer } from './server.fixture.ts';
import { sweepUploads, uploadsOf } from './uploads.ts';

let desk: TestServer;
before(async () => {
  const { engine } = await createTestEngine(served);
  desk = await openServer(engine, { limits: { uploadBytesMax: 2_000_000, uploadsKeptPerUser: 3 } });
});
after(() => desk.close());

type Body = NonNullable<RequestInit['body']>;

function put(who: string, body: Body, name = 'calls.csv', headers = {}): Promise<Response> {
  const init = { body, headers, duplex: 'half' } as RequestInit;
  return desk.ask(who, 'POST', `/v1/files?name=${encodeURIComponent(name)}`, init);
}

async function kept(who: string, body: string, name?: string): Promise<Uploaded> {
  const response = await put(who, body, name);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Uploaded;
}

let keys = 0;
async function said(who: string, files: string | readonly string[]): Promise<string> {
  const json = { question: 'q', key: `k${++keys}`, options: { data: files } };
  const response = await desk.ask(who, 'POST', '/v1/runs', { json });
  if (response.status !== 200) return ((await response.json()) as Problem).code;
  const { run } = (await response.json()) as { readonly run: string };
  const [tenant = '', user = ''] = who.split('.');
  const outcome = await (await desk.engine.as({ tenant, user }).run(run)).result();
  assert.ok('output' in outcome);
  return (outcome.output as { readonly said: string }).said;
}

/** All files below the folder of uploads, by their last names. */
const onDisk = (): string[] =>
  readdirSync(desk.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe('an upload', () => {
  it('is read by the app under the name that its owner knows it by (AK1)', async () => {
    const { file, name, bytes } = await kept('acme.alice', 'a,b\n1,2\n', 'my calls.csv');
    assert.deepEqual([name, bytes], ['my calls.csv', 8]);
    assert.equal(await said('acme.alice', file), 'q|my calls.csv=a,b\n1,2\n|');
  });

  it('is not there for others, nor is what was never there (P2)', async () => {
    const { file } = await kept('acme.alice', 'secret\n');
    assert.equal(await said('acme.bob', file), 'not_found');
    for (const owner of readdirSync(join(desk.folder, 'uploads')))
      assert.equal(await said('acme.bob', `../${owner}/${file}`), 'not_found');
    for (const no of [
      '../../etc/passwd',
      '..',
      '',
      '/etc/passwd',
      `${file}.json`,
      '00000000-0000-4000-8000-000000000000',
    ])
      assert.equal(await said('acme.alice', no), 'not_found', no);
  });

  it('has no part of its name in a path (UP2)', async () => {
    const { file, name } = await kept('acme.paths', 'x\n', '../../../../tmp/evil\u0000\n.csv');
    assert.equal(name, 'evil.csv');
    assert.ok(onDisk().includes(file));
    assert.ok(!onDisk().some((one) => one.includes('evil')));
  });

  it('is refused when it is no text, whatever it is called (UP3)', async () => {
    const bytes = (...start: number[]): Uint8Array<ArrayBuffer> =>
      new Uint8Array([...start, ...Array.from({ length: 100 }, () => 65)]);
    for (const body of [
      bytes(0x50, 0x4b, 3, 4),
      bytes(0x1f, 0x8b),
      bytes(0x25, 0x50, 0x44, 0x46, 0x2d),
      bytes(0x89, 0x50, 0x4e, 0x47),
      bytes(0x7f, 0x45, 0x4c, 0x46),
      bytes(0x4d, 0x5a, 0),
      bytes(65, 10, 0),
    ]) {
      const response = await put('acme.binary', body);
      assert.equal(response.status, 415);
      assert.match(((await response.json()) as Problem).hint ?? '', /CSV/);
    }
    assert.equal((await put('acme.binary', 'x', 'x', { 'content-encoding': 'gzip' })).status, 415);
    assert.equal((await put('acme.binary', new FormData())).status, 415);
    assert.equal((await put('acme.binary', '')).status, 400);
  });

  it('is bounded while it comes in, whatever its headers say (UP3), and leaves nothing', async () => {
    const there = onDisk();
    assert.equal((await put('acme.large', 'x'.repeat(2_000_001))).status, 413, 'with its length said');
    let pieces = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(stream) {
        pieces++;
        stream.enqueue(new TextEncoder().encode('y'.repeat(65_536)));
      },
    });
    const response = await put('acme.large', endless).catch((error: unknown) => error);
    if (response instanceof Response) assert.equal(response.status, 413);
    assert.ok(pieces < 1_000, 'it was stopped');
    assert.deepEqual(onDisk(), there);
  });

  it('leaves nothing when it stops half-way (UP1)', async () => {
    const there = onDisk();
    const { host, port } = desk.server.address;
    const socket = connect(port, host);
    const head = ['POST /v1/files?name=half.csv HTTP/1.1', `host: ${host}`, 'authorization: Bearer acme.half'];
    socket.write(`${[...head, 'content-length: 1000'].join('\r\n')}\r\n\r\nhalf of it`);
    await until(() => onDisk().some((name) => name.endsWith('.unfinished')));
    socket.destroy();
    await until(() => onDisk().length === there.length);
    assert.deepEqual(onDisk(), there);
  });

  it('leaves nothing when what is read breaks off (UP1)', async () => {
    const there = onDisk();
    const uploads = uploadsOf({
      served: { folder: desk.folder },
      limits: { uploadBytesMax: 1_000, uploadsKeptPerUser: 3 },
      random: seededRandom(1),
    } as Parameters<typeof uploadsOf>[0]);
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half of it');
        throw new Error('cut off');
      })(),
    );
    const owner = { tenant: 'acme', user: 'broken', roles: [] };
    await assert.rejects(uploads.put(owner, 'half.csv', broken), /cut off/);
    assert.deepEqual(onDisk(), there);
  });

  it('makes room for itself: the newest ones are kept (UP4)', async () => {
    const files: Uploaded[] = [];
    for (const text of ['1', '2', '3', '4']) {
      files.push(await kept('acme.many', text));
      await tick();
    }
    const [first, ...rest] = files.map(({ file }) => file);
    assert.equal(await said('acme.many', first ?? ''), 'not_found');
    for (const file of rest) assert.match(await said('acme.many', file), /calls.csv=\d/);
  });
});

describe('sweepUploads', () => {
  it('removes what a process that died left in the middle', async () => {
    const { file } = await kept('acme.swept', 'x');
    const [owner = ''] = readdirSync(join(desk.folder, 'uploads'));
    writeFileSync(join(desk.folder, 'uploads', owner, 'x.unfinished'), 'half');
    await sweepUploads(desk.folder);
    assert.ok(!onDisk().includes('x.unfinished'));
    assert.ok(onDisk().includes(file));
  });
});

/** Times of files are no finer than this. */
function tick(): Promise<void> {
  return new Promise((resolve) => systemClock.after(15, resolve));
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 500, 'it does not come about');
    await new Promise<void>((resolve) => systemClock.after(10, resolve));
  }
}
