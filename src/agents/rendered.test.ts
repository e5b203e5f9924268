import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineApp, type App } from './app.ts';
import { defineAgent } from './agent.ts';
import { renderedBy } from './rendered.ts';

const agents = [defineAgent({ name: 'clerk', instructions: 'Answer.' })];
const appWith = (render: unknown): App => defineApp({ agents, render: render as NonNullable<App['render']> });

describe('an output as its app renders it', () => {
  it('is the text that the app gives, or its answer with the text of it', () => {
    assert.deepEqual(
      renderedBy(
        appWith((output: string) => `# ${output}`),
        'w',
        'x',
      ),
      { answer: null, markdown: '# x' },
    );
    const answer = { title: 'T', notices: [], sections: [] };
    assert.deepEqual(
      renderedBy(
        appWith(() => answer),
        'w',
        1,
      ),
      { answer, markdown: '# T\n' },
    );
  });

  it('is nothing for agents, for apps without render, and for what is neither text nor an answer', () => {
    assert.equal(
      renderedBy(
        appWith(() => 'x'),
        'agent.clerk',
        1,
      ),
      undefined,
    );
    assert.equal(renderedBy(defineApp({ agents }), 'w', 1), undefined);
    for (const given of [null, 5, { title: 'T' }])
      assert.equal(
        renderedBy(
          appWith(() => given),
          'w',
          1,
        ),
        undefined,
      );
  });
});
