import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { listeningAt, localSocketPath, prepareLocalSocket } from './local-socket.ts';

function newFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-sock-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function listen(test: TestContext, path: string): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  chmodSync(path, 0o600);
  test.after(() => server.close());
  return server;
}

describe("the socket of a data folder's owner", () => {
  it('is in the folder', () => {
    assert.equal(localSocketPath('/data'), '/data/cantus.sock');
  });

  it('is in a private folder named by a digest where the path would be too long (SK2)', (test) => {
    const temporary = newFolder(test);
    const long = join(temporary, 'x'.repeat(100));
    const path = prepareLocalSocket(long, temporary);
    assert.ok(Buffer.byteLength(path) <= 100, path);
    assert.match(path, /\/cantus-[0-9a-f]{24}\/cantus\.sock$/);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    assert.notEqual(path, localSocketPath(`${long}y`, temporary));
  });

  it('is not believed in a folder that others may write to (SK1)', async (test) => {
    const temporary = newFolder(test);
    const long = join(temporary, 'x'.repeat(100));
    const path = localSocketPath(long, temporary);
    mkdirSync(dirname(path));
    chmodSync(dirname(path), 0o777);
    assert.throws(() => prepareLocalSocket(long, temporary), { code: 'store_failed', message: /is open to others/ });
    await listen(test, path);
    await assert.rejects(listeningAt(long, temporary), { code: 'store_failed' });
  });

  it('is not believed when others may open it (SK1)', async (test) => {
    const folder = newFolder(test);
    const path = prepareLocalSocket(folder);
    await listen(test, path);
    assert.equal(await listeningAt(folder), path);
    chmodSync(path, 0o666);
    await assert.rejects(listeningAt(folder), { code: 'store_failed' });
  });

  it('is none where nobody listens, and what a killed owner left is removed by the next (SK3)', async (test) => {
    const folder = newFolder(test);
    assert.equal(await listeningAt(folder), undefined);
    const path = localSocketPath(folder);
    writeFileSync(path, '', { mode: 0o600 });
    assert.equal(await listeningAt(folder), undefined);
    assert.equal(prepareLocalSocket(folder), path);
    assert.equal(existsSync(path), false);
  });
});
