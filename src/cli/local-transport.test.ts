import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import { localTransport, localUrl } from './local-transport.ts';

const ada = { tenant: 'açme', user: 'ada, the 1st', roles: ['clerk', 'a,b'], name: 'Ada Ü' };

/** A server on a socket in a folder whose name has a colon. */
async function serverFor(test: TestContext, server: Server): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-a:b-'));
  const path = join(folder, 's');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return path;
}

const identityOf = ({ headers }: IncomingMessage): unknown => [
  headers['cantus-tenant'],
  headers['cantus-user'],
  headers['cantus-roles'],
  headers['cantus-name'],
];
const encoded = ['a%C3%A7me', 'ada%2C%20the%201st', 'clerk,a%2Cb', 'Ada%20%C3%9C'];

describe('the transport over the socket of a data folder', () => {
  it('sends requests with who asks, each name encoded', async (test) => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        seen.push(request.method, request.url, identityOf(request), request.headers['x-own'], body);
        response.writeHead(409, { 'content-type': 'application/json', 'x-two': 'b' }).end('{"a":1}');
      });
    });
    const transport = localTransport(await serverFor(test, server), ada);
    const response = await transport.fetch(`${localUrl}/v1/runs?a=b`, {
      method: 'POST',
      body: 'text',
      headers: { 'x-own': 'c' },
    });
    assert.deepEqual(seen, ['POST', '/v1/runs?a=b', encoded, 'c', 'text']);
    assert.deepEqual([response.status, response.headers.get('x-two'), await response.json()], [409, 'b', { a: 1 }]);
  });

  it('gives the body of an answer as it comes', async (test) => {
    const server = createServer((_, response) => void response.write('one'));
    const transport = localTransport(await serverFor(test, server), ada);
    const { body } = await transport.fetch(localUrl, {});
    const first = await body?.getReader().read();
    assert.equal(new TextDecoder().decode(first?.value), 'one');
  });

  it('opens a socket with who asks', async (test) => {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    const asked = new Promise<IncomingMessage>((resolve) =>
      sockets.on('connection', (socket, request) => {
        socket.send('hello');
        resolve(request);
      }),
    );
    const transport = localTransport(await serverFor(test, server), ada);
    const socket = transport.openSocket(`${localUrl.replace('http', 'ws')}/v1/socket`, ['cantus.v1']);
    const text = await new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)));
    assert.equal(text, 'hello');
    const request = await asked;
    assert.deepEqual([request.url, identityOf(request)], ['/v1/socket', encoded]);
    assert.equal(request.headers['sec-websocket-protocol'], 'cantus.v1');
    socket.close();
  });

  it('fails where nobody listens', async () => {
    await assert.rejects(localTransport('/nowhere/s', ada).fetch(localUrl, {}));
  });
});
