import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Problem } from '../protocol/problem.ts';
import { openServer, type TestServer } from './server.fixture.ts';

let desk: TestServer;
before(async () => {
  desk = await openServer();
});
after(() => desk.close());

const problemOf = async (response: Response): Promise<Problem> => (await response.json()) as Problem;

describe('the HTTP application', () => {
  it('starts a run and gives its answer, its row, its events and its thread', async () => {
    const asked = { question: 'How many?', key: 'first', thread: 'talk' };
    const started = await desk.ask('acme.alice', 'POST', '/v1/runs', { json: asked });
    assert.equal(started.status, 200, await started.clone().text());
    const { run, workflow, notes } = (await started.json()) as Record<string, unknown>;
    assert.deepEqual([workflow, notes], ['report', ['noted']]);
    await (await desk.engine.as({ tenant: 'acme', user: 'alice' }).run(String(run))).result();
    const answer = await (await desk.ask('acme.alice', 'GET', `/v1/runs/${run}/answer`)).json();
    assert.deepEqual(answer, {
      outcome: { status: 'completed', output: { said: 'How many?||', large: '' } },
      answer: null,
      markdown: '# How many?||',
    });
    const row = (await (await desk.ask('acme.alice', 'GET', `/v1/runs/${run}`)).json()) as Record<string, unknown>;
    assert.deepEqual([row['run'], row['status'], row['thread']], [run, 'completed', 'talk']);
    const threads = await (await desk.ask('acme.alice', 'GET', '/v1/threads')).json();
    assert.equal((threads as { threads: { title: string }[] }).threads[0]?.title, 'How many?');
  });

  it('answers strangers with 401 before telling them what there is', async () => {
    for (const path of ['/v1/app', '/v1/nothing', '/v1/runs/x', '/v1/files']) {
      const response = await desk.ask(null, 'GET', path);
      assert.equal(response.status, 401, path);
      assert.equal((await problemOf(response)).code, 'login_required');
    }
  });
});
