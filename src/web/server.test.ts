import assert from 'node:assert/strict';
import { it } from 'node:test';
import { EngineError, NotFoundError } from '../core/errors.ts';
import { missingWords } from './server.ts';

it('says of a run that is not there that it may have been deleted, and of others what went wrong', () => {
  assert.equal(missingWords(new NotFoundError('run', 'r1')), 'There is no such run. It may have been deleted.');
  assert.equal(missingWords(new EngineError('closed', 'No line.', { hint: 'Wait.' })), 'No line. Wait.');
});
