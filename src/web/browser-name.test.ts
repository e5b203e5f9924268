import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browserName } from './browser-name.ts';

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

it('calls browsers as people do', () => {
  assert.equal(browserName(`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/150.0 Safari/537.36`), 'Chrome on Linux');
  assert.equal(
    browserName(`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/150.0 Safari/537.36 Edg/150.0`),
    'Edge on Windows',
  );
  assert.equal(
    browserName('Mozilla/5.0 (iPhone; CPU iPhone OS 18) AppleWebKit/605 Version/18 Safari/604'),
    'Safari on iOS',
  );
});

it('keeps the words of what it does not know', () => {
  assert.equal(browserName('curl/8.5'), 'curl/8.5');
  assert.equal(browserName(''), 'A program');
});
