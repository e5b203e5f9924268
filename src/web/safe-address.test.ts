import assert from 'node:assert/strict';
import { it } from 'node:test';
import { safeAddress } from './safe-address.ts';

it('lets through what leads to the web or to mail', () => {
  for (const address of ['https://example.com/a?b#c', 'http://example.com/', 'mailto:a@example.com'])
    assert.equal(safeAddress(address), address);
});

it('refuses what would run, read a file or go somewhere in the page', () => {
  const refused = [
    'javascript:alert(1)',
    ' java\nscript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
  ];
  for (const address of [...refused, '#/r/1', '/v1/me', '//example.com', 'x', '', undefined])
    assert.equal(safeAddress(address), undefined, String(address));
});
