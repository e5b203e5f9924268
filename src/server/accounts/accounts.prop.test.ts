/** Whatever a stranger sends: nobody is logged in by it, and nothing breaks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SimClock } from '../../testing/sim-clock.ts';
import { openHouse, requestWith, type House } from './accounts.fixture.ts';

/** What a header can hold at all. */
const headerText = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });

/** One place of a true credential is another character. */
function nearMiss(credential: string): fc.Arbitrary<string> {
  const places = fc.integer({ min: 0, max: credential.length - 2 });
  const letters = fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz0123456789ABC_-.'));
  return fc
    .tuple(places, letters)
    .map(([at, letter]) => credential.slice(0, at) + letter + credential.slice(at + 1))
    .filter((text) => text !== credential);
}

async function scene(): Promise<{ house: House; login: string; token: string }> {
  const house = openHouse({ clock: new SimClock() });
  const page = await house.settled();
  return { house, login: page.jar.get('cantus') ?? '', token: house.accounts.addToken('ada', 'ci').token };
}

describe('a request with credentials that nobody was given', () => {
  it('logs nobody in and never throws (LC2)', async (t) => {
    const { house, login, token } = await scene();
    t.after(() => house.accounts.close());
    const guess = fc.oneof(headerText, nearMiss(login), nearMiss(token));
    const cookie = fc.oneof(
      headerText,
      guess.map((text) => `cantus=${text}`),
    );
    const authorization = fc.oneof(
      headerText,
      guess.map((text) => `Bearer ${text}`),
    );
    const base = fc.constantFrom('http://127.0.0.1:4000', 'https://chat.example');
    const headers = fc.record({ cookie, authorization }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(headers, base, async (sent, at) => {
        assert.equal(await house.accounts.authenticate(requestWith(sent, at)), null);
      }),
      { numRuns: 500 },
    );
    assert.notEqual(await house.accounts.authenticate(requestWith({ cookie: `cantus=${login}` })), null);
    assert.notEqual(await house.accounts.authenticate(requestWith({ authorization: `Bearer ${token}` })), null);
  });
});
