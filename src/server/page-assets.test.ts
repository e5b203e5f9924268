import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { systemClock } from '../core/clock.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { loadAssets } from './page-assets.ts';
import { openServer, served, type TestServer } from './server.fixture.ts';

let desk: TestServer;
const root = mkdtempSync(join(tmpdir(), 'cantus-assets-'));
const script = 'console.log(1);'.repeat(100);
before(async () => {
  const assets = join(root, 'web');
  mkdirSync(join(assets, 'assets'), { recursive: true });
  writeFileSync(join(root, 'secret.txt'), 'secret');
  writeFileSync(join(assets, 'index.html'), '<!doctype html><title>Cantus</title>');
  writeFileSync(join(assets, 'assets', 'index-Ab12Cd34.js'), script);
  writeFileSync(join(assets, 'assets', 'index-Ab12Cd34.js.gz'), gzipSync(script));
  writeFileSync(join(assets, 'favicon.svg'), '<svg/>');
  const { engine } = await createTestEngine(served);
  desk = await openServer(engine, { assets: `${assets}/` });
});
after(async () => {
  await desk.close();
  rmSync(root, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  desk.ask(null, 'GET', path, { headers });

describe('the page', () => {
  it('is given for each address that a person may type, but none of the interface', async () => {
    for (const path of ['/', '/threads/some', '/v1x']) {
      const response = await get(path, { accept: 'text/html,*/*' });
      assert.equal(response.status, 200, path);
      assert.match(await response.text(), /<title>Cantus/);
      assert.equal(response.headers.get('cache-control'), 'no-cache');
    }
    assert.equal((await get('/v1/some', { accept: 'text/html' })).status, 401);
    assert.equal((await get('/missing.js', { accept: '*/*' })).status, 404);
  });

  it('may run what this server sent and nothing else (RH1)', async () => {
    const { host } = new URL(desk.server.url);
    const policy = (await get('/', { accept: 'text/html' })).headers.get('content-security-policy') ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:/);
    assert.ok(policy.includes(`connect-src 'self' ws://${host} wss://${host};`));
    assert.ok(policy.includes("frame-ancestors 'none'; base-uri 'none'; form-action 'self'"));
    assert.ok(!policy.includes('unsafe'));
  });

  it('has parts that a browser keeps for ever, packed where it takes that', async () => {
    const plain = await get('/assets/index-Ab12Cd34.js', { 'accept-encoding': 'identity' });
    assert.equal(plain.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(plain.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal(plain.headers.get('content-encoding'), null);
    const packed = await get('/assets/index-Ab12Cd34.js', { 'accept-encoding': 'gzip, br;q=0' });
    assert.equal(packed.headers.get('content-encoding'), 'gzip');
    assert.equal(await packed.text(), script);
    assert.notEqual(packed.headers.get('etag'), plain.headers.get('etag'));
  });

  it('is not sent again to who has it', async () => {
    const etag = (await get('/favicon.svg')).headers.get('etag') ?? '';
    const again = await get('/favicon.svg', { 'if-none-match': `"other", ${etag}` });
    assert.deepEqual([again.status, await again.text()], [304, '']);
    assert.equal((await get('/favicon.svg', { 'if-none-match': '"other"' })).status, 200);
  });

  it('is found as quickly whatever a browser is said to have of it', async () => {
    const assets = await loadAssets(join(root, 'web'));
    const request = new Request('http://localhost/favicon.svg', {
      headers: { 'if-none-match': `x${' '.repeat(50_000)}x` },
    });
    const startedAt = systemClock.monotonic();
    assert.equal(assets.answer(request)?.status, 200);
    assert.ok(systemClock.monotonic() - startedAt < 2_000, 'a header of blanks takes no time');
  });

  it('never leaves its folder (PA1)', async () => {
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt'])
      assert.equal((await get(path, { accept: '*/*' })).status, 404, path);
  });

  it('says how it is built where it was not', async () => {
    const { engine } = await createTestEngine(served);
    const bare = await openServer(engine);
    const response = await bare.ask(null, 'GET', '/', { headers: { accept: 'text/html' } });
    assert.equal(response.status, 404);
    assert.match(await response.text(), /npm run build/);
    await bare.close();
  });
});
