import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/server';
import { guardServer } from './mcp.ts';

type Result = {
  readonly tools?: readonly { readonly name: string; readonly annotations?: { readonly readOnlyHint?: boolean } }[];
  readonly isError?: boolean;
  readonly content?: readonly { readonly text: string }[];
};

describe('the guard over MCP', () => {
  it('answers an agent before it writes what is there, and can change nothing (VM1)', async (test) => {
    const root = mkdtempSync(join(tmpdir(), 'guard-mcp-'));
    test.after(() => rmSync(root, { recursive: true }));
    writeFileSync(
      join(root, 'limiter.py'),
      'class RateLimiter:\n    """Lets through so many."""\n    def take(self):\n        return 1\n',
    );
    const server = guardServer({ root, version: '1.0.0', today: () => '2026-11-22' });
    const [mine, its] = InMemoryTransport.createLinkedPair();
    const waiting = new Map<unknown, (result: Result) => void>();
    // A transport is no event target: it has this one member.
    Object.assign(mine, {
      onmessage: (message: JSONRPCMessage) => {
        if ('id' in message && 'result' in message) waiting.get(message.id)?.(message.result as Result);
      },
    });
    await server.connect(its);
    await mine.start();
    let last = 0;
    const call = async (method: string, params: Record<string, unknown>): Promise<Result> => {
      const id = (last += 1);
      const answer = new Promise<Result>((resolve) => waiting.set(id, resolve));
      await mine.send({ jsonrpc: '2.0', id, method, params });
      return await answer;
    };
    await call('initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 't', version: '1' },
    });
    await mine.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const { tools = [] } = await call('tools/list', {});
    assert.ok(tools.length > 0 && tools.every(({ annotations }) => annotations?.readOnlyHint === true));
    assert.ok(!tools.some(({ name }) => /decide|dismiss|accept|fix/.test(name)));
    const { content } = await call('tools/call', { name: 'guard_ask', arguments: { words: 'new rate limiter' } });
    assert.match(content?.[0]?.text ?? '', /"unit":"limiter\.py#RateLimiter".*"take"/);
    const wrong = await call('tools/call', { name: 'guard_explain', arguments: { concept: 'rate' } });
    assert.equal(wrong.isError, true);
    await server.close();
  });
});
