import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { originsOf } from './origins.ts';

describe('originsOf', () => {
  it('refuses what is no origin, and says how one looks', () => {
    for (const text of ['chat.example.com', 'https://chat.example.com/path', 'ftp://a', '*', ''])
      assert.throws(() => originsOf([text]), /is no origin/, text);
    assert.ok(originsOf(['https://chat.example.com/']).foreign.has('https://chat.example.com'));
  });

  it('lets pages of the server itself send changes, by its whole name and port (OG2)', () => {
    const origins = originsOf([]);
    assert.ok(origins.allows('http://localhost:3000', 'localhost:3000'));
    assert.ok(origins.allows('http://[::1]:3000', '[::1]:3000'));
    assert.ok(origins.allows('https://192.0.2.1', '192.0.2.1'), 'a proxy has the certificate');
    for (const [origin, host] of [
      ['http://localhost:3001', 'localhost:3000'],
      ['http://evil.example', 'evil.example'],
      ['null', 'localhost'],
      [undefined, 'localhost'],
      ['file://localhost', 'localhost'],
    ] as const)
      assert.equal(origins.allows(origin, host), false, origin);
  });

  it('knows figures, localhost and what was configured, and nothing that only looks like it (OG1)', () => {
    const origins = originsOf(['https://chat.example.com:8443']);
    for (const host of ['127.0.0.1:80', 'localhost', 'x.localhost:1', '[2001:db8::1]', 'chat.example.com'])
      assert.ok(origins.knowsHost(host), host);
    for (const host of [
      undefined,
      '',
      'evil.example',
      'a@localhost',
      'localhost/x',
      'localhost, evil.example',
      'localhost.',
    ])
      assert.equal(origins.knowsHost(host), false, host);
  });
});
