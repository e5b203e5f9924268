import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { limits } from '../core/limits.ts';
import { guardServer } from './mcp.ts';
import { openAudit } from './audit.ts';
import { pageOf, progressAnswer } from './mcp-answers.ts';
import { withTree } from './scan.fixture.ts';

type Tool = {
  readonly name: string;
  readonly description: string;
  readonly annotations?: { readonly readOnlyHint?: boolean };
  readonly outputSchema: Parameters<typeof z.fromJSONSchema>[0];
};

type Result = {
  readonly instructions?: string;
  readonly tools?: readonly Tool[];
  readonly isError?: boolean;
  readonly content?: readonly { readonly text: string }[];
  readonly structuredContent?: unknown;
};

type Call = (method: string, params: Record<string, unknown>) => Promise<Result>;
type Agent = { readonly call: Call; readonly send: (message: JSONRPCMessage) => Promise<void> };

/** A server on a folder, and an agent that has said hello. */
async function agentOf(test: TestContext, root: string): Promise<Agent & { readonly hello: Result }> {
  const server = guardServer({ root, version: '1.0.0', now: () => Date.UTC(2026, 10, 22) });
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
  test.after(() => server.close());
  let last = 0;
  const call: Call = async (method, params) => {
    const id = (last += 1);
    const answer = new Promise<Result>((resolve) => waiting.set(id, resolve));
    await mine.send({ jsonrpc: '2.0', id, method, params });
    return await answer;
  };
  const hello = await call('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  });
  await mine.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return { call, send: (message) => mine.send(message), hello };
}

const limiter = (name: string, more = ''): string => `class ${name}:
    """Lets through so many."""

    def __init__(self, store, clock):
        self.store = store
        self.clock = clock

    def take(self, user):
        left = self.store.get(user, 10)
        self.store[user] = left - 1
        return left > 0

    def refill(self, user):
        self.store[user] = 10 if self.clock.now() > 60 else self.store.get(user)
${more}`;

const files = {
  'guard.json': '{ "concepts": { "limiter": { "canonical": "limiter.py#RateLimiter", "match": ["*RateLimiter"] } } }',
  'limiter.py': limiter('RateLimiter'),
  'old.py': limiter('EnhancedRateLimiter', '\n    def give_back(self):\n        self.store.clear()\n'),
  'app.py': 'from old import EnhancedRateLimiter\n\nEnhancedRateLimiter({}, None).take(1)\n',
  'odd.py': 'from old import EnhancedRateLimiter\n\nEnhancedRateLimiter({}, None).give_back()\n',
};

function addedFile(path: string, text: string): string {
  const lines = text.split('\n').map((line) => `+${line}`);
  return `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.join('\n')}\n`;
}

/** All of a tree but what git keeps. */
function snapshot(root: string): string {
  const paths = globSync('**/*', { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = paths.map(({ parentPath, name }) => `${name}\n${readFileSync(join(parentPath, name), 'utf8')}`);
  return texts.toSorted().join('\n');
}

function commitAll(root: string): void {
  const git = (...words: readonly string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], { cwd: root });
  git('init', '-q');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
}

const answers: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['guard_ask', { words: 'new rate limiter' }, /"unit":"limiter\.py#RateLimiter".*"take".*"isCanonical":true/],
  ['guard_diff', { diff: addedFile('third.py', limiter('RateLimiter')) }, /"existing":"limiter\.py#RateLimiter"/],
  [
    'guard_scan',
    { all: true },
    /"concept":"rate-limiter".*"unit":"old\.py#EnhancedRateLimiter","line":1,"importers":2/,
  ],
  ['guard_explain', { concept: 'limiter' }, /"unit":"limiter\.py#RateLimiter".*"name":"coverage"/],
  ['guard_check', {}, /"failures":1,.*"rule":"one-implementation".*EnhancedRateLimiter/],
  ['guard_todo', { concept: 'limiter' }, /"path":"odd\.py".*"give_back".*"isThere":false\}\],"isReady":false/],
  ['guard_fix_plan', { concept: 'limiter' }, /\+from limiter import RateLimiter.*"refused":\[\{"path":"odd\.py"/],
  ['guard_progress', { points: 2 }, /"concepts":\{"limiter":\{"rivals":1,"consumers":2,"testConsumers":0\}\}/],
];

describe('the guard over MCP', () => {
  it('answers by the schema of each tool, beside text for clients that know of none', async (test) => {
    await withTree(files, async (root) => {
      commitAll(root);
      const { call } = await agentOf(test, root);
      const { tools = [] } = await call('tools/list', {});
      assert.deepEqual(tools.map(({ name }) => name).toSorted(), answers.map(([name]) => name).toSorted());
      for (const [name, asked, wanted] of answers) {
        const { isError, content, structuredContent } = await call('tools/call', { name, arguments: asked });
        assert.notEqual(isError, true, `${name}: ${content?.[0]?.text}`);
        assert.match(content?.[0]?.text ?? '', wanted);
        assert.deepEqual(structuredContent, JSON.parse(content?.[0]?.text ?? ''));
        const schema = z.fromJSONSchema(tools.find((tool) => tool.name === name)?.outputSchema ?? false);
        assert.deepEqual(schema.safeParse(structuredContent).error, undefined, name);
      }
    });
  });

  it('says when to call what, and can change nothing (VM1)', async (test) => {
    await withTree(files, async (root) => {
      commitAll(root);
      const before = snapshot(root);
      const { call, hello } = await agentOf(test, root);
      const { tools = [] } = await call('tools/list', {});
      assert.ok(tools.every(({ annotations }) => annotations?.readOnlyHint === true));
      assert.ok(tools.every(({ description }) => description.startsWith('Call ')));
      assert.ok(tools.every(({ name }) => hello.instructions?.includes(name)));
      assert.ok(!tools.some(({ name }) => /decide|dismiss|accept|write/.test(name)));
      for (const [name, asked] of answers) await call('tools/call', { name, arguments: asked });
      assert.equal(snapshot(root), before);
      assert.equal(execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }), '');
    });
  });

  it('looks at the tree as it is at each call (VM2)', async (test) => {
    await withTree({ 'limiter.py': limiter('RateLimiter') }, async (root) => {
      const { call } = await agentOf(test, root);
      const ask = async (): Promise<string> =>
        (await call('tools/call', { name: 'guard_ask', arguments: { words: 'job queue' } })).content?.[0]?.text ?? '';
      assert.match(await ask(), /"answers":\[\]/);
      writeFileSync(join(root, 'queue.py'), 'class JobQueue:\n    def put(self):\n        pass\n');
      assert.match(await ask(), /queue\.py#JobQueue/);
    });
  });

  it('says what is wrong with a question, and what was meant', async (test) => {
    await withTree(files, async (root) => {
      const { call } = await agentOf(test, root);
      const wrong = async (name: string, asked: Record<string, unknown>, wanted: RegExp): Promise<void> => {
        const { isError, content } = await call('tools/call', { name, arguments: asked });
        assert.equal(isError, true);
        assert.match(content?.[0]?.text ?? '', wanted);
      };
      await wrong('guard_ask', { query: 'limiter' }, /words.*"query"/);
      await wrong('guard_explain', { concept: 'nothing' }, /There is no concept "nothing"/);
      await wrong('guard_todo', { concept: 'limitr' }, /no concept "limitr".*Did you mean "limiter"\?/);
      await wrong('guard_diff', { diff: 'I added a class.' }, /no unified diff/);
      await wrong('guard_progress', { points: 1 }, /points/);
      writeFileSync(join(root, 'guard.json'), '{ "concept": {} }');
      await wrong('guard_check', {}, /guard\.json.*concept/);
    });
  });

  it('tells a long list in pages of a size, and each of its items once (VM3)', () => {
    const all = Array.from({ length: 40 }, (_, index) => ({
      index,
      text: 'x'.repeat(limits.guardAgentPageCharsMax / 5),
    }));
    const seen: number[] = [];
    let from: number | undefined = 0;
    for (let pages = 0; from !== undefined; pages++) {
      assert.ok(pages < all.length);
      const page: ReturnType<typeof pageOf<(typeof all)[number]>> = pageOf(all, from);
      assert.ok(JSON.stringify(page.items).length <= limits.guardAgentPageCharsMax + all.length);
      assert.equal(page.total, all.length);
      seen.push(...page.items.map(({ index }) => index));
      from = page.next;
    }
    assert.deepEqual(
      seen,
      all.map(({ index }) => index),
    );
    const huge = [{ text: 'x'.repeat(limits.guardAgentPageCharsMax * 2) }, { text: '' }];
    assert.deepEqual(pageOf(huge, 0), { items: huge.slice(0, 1), total: 2, next: 1 });
    assert.deepEqual(pageOf(huge, 7), { items: [], total: 2 });
  });

  it('reads no further in a history that the agent takes back (VM4)', async () => {
    await withTree(files, async (root) => {
      commitAll(root);
      const audit = await openAudit(root, { cache: false, workers: 0 });
      const gone = new AbortController();
      gone.abort(new Error('taken back'));
      const options = { points: 2, today: '2026-11-22', now: 0, signal: gone.signal };
      await assert.rejects(progressAnswer(audit, options), /taken back/);
    });
  });
});
