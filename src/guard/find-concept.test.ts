import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findConcept } from './find-concept.ts';
import { testConcept } from './report.fixture.ts';

const concepts = [
  testConcept('job-runner', ['src/a.ts#JobRunner', 'src/b.ts#TurboRunner']),
  testConcept('tool-cache', ['src/a.ts#ToolCache', 'src/b.ts#ToolCache']),
  testConcept('tool-cache@auth', ['auth/a.ts#ToolCache', 'auth/b.ts#ToolCache']),
  testConcept('rate-limiter', ['src/l.ts#RateLimiter', 'src/m.ts#UserLimiter']),
];
const find = (wanted: string): string => findConcept({ concepts }, wanted).id;

describe('finding a concept', () => {
  it('takes its id, its name, or one of its units, in any letter case', () => {
    const asked = ['job-runner', 'JOB-RUNNER', 'jobrunner', 'TurboRunner', 'src/b.ts#TurboRunner', 'tool-cache'];
    assert.deepEqual(asked.map(find), [...Array.from({ length: 5 }, () => 'job-runner'), 'tool-cache']);
  });

  it('guesses none where it could be several', () => {
    assert.throws(() => find('ToolCache'), {
      message: '"ToolCache" could be 2 concepts.',
      hint: 'Say which: tool-cache, tool-cache@auth.',
    });
  });

  it('names those that are near by how they are written or by a word, and else where all are told', () => {
    const all = 'All of them: cantus guard scan --all.';
    assert.throws(() => find('job-runer'), { code: 'invalid_input', hint: `Did you mean job-runner? ${all}` });
    assert.throws(() => find('UserRunnerCache'), {
      hint: `Did you mean job-runner, tool-cache, tool-cache@auth? ${all}`,
    });
    assert.throws(() => find('nope'), { hint: 'See which there are: cantus guard scan --all.' });
  });
});
