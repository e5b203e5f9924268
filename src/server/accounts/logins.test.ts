import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { limits } from '../../core/limits.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import { goodPassword, openHouse, requestWith, type Browser, type House } from './accounts.fixture.ts';

const { loginMs, loginRotateMs, loginRotateGraceMs } = limits;

type Scene = House & { readonly clock: SimClock; readonly page: Browser; readonly ended: string[] };

async function scene(t: TestContext, some = {}): Promise<Scene> {
  const clock = new SimClock();
  const house = openHouse({ clock, limits: some });
  t.after(() => house.accounts.close());
  const page = await house.settled();
  const ended: string[] = [];
  house.accounts.watchEnded?.((login) => ended.push(login));
  return { ...house, clock, page, ended };
}

function credentialOf(page: Browser): string {
  return page.jar.get('cantus') ?? '';
}

describe('a login', () => {
  it('lasts as long as it is used, and ends when it was not (LX1)', async (t) => {
    const { accounts, clock, page, ended } = await scene(t, {
      loginRotateMs: loginMs * 10,
      loginSweepMs: loginMs * 10,
    });
    const request = page.request();
    for (const _ of [1, 2, 3]) {
      await clock.advance(loginMs - 1);
      const login = await accounts.authenticate(request);
      assert.equal(login?.expiresAt, clock.now() + loginMs);
    }
    await clock.advance(loginMs);
    assert.equal(await accounts.authenticate(request), null);
    assert.equal(ended.length, 1);
    assert.equal(await accounts.authenticate(request), null);
  });

  it('that nobody comes with any more is ended all the same, and who watches hears it (LX1)', async (t) => {
    const { accounts, clock, page, ended } = await scene(t);
    const id = (await accounts.authenticate(page.request()))?.id;
    await clock.advance(loginMs - 1);
    assert.deepEqual(ended, []);
    await clock.advance(limits.loginSweepMs);
    assert.deepEqual(ended, [id]);
  });

  it('is remembered with its last use over a restart', async (t) => {
    const { accounts, clock, page } = await scene(t);
    await clock.advance(loginMs - 1);
    await accounts.authenticate(page.request());
    await clock.advance(limits.loginSweepMs);
    const logins = (await page.call('logins.list', {})).output.logins;
    assert.equal(logins[0]?.usedAt, clock.now());
  });

  it('is not found by a token that is forged, cut, or another login’s', async (t) => {
    const { accounts, browser, page } = await scene(t);
    const other = browser();
    await other.call('login.enter', { user: 'ada', password: goodPassword });
    const mine = credentialOf(page);
    const [id = '', secret = ''] = mine.split('.');
    const [otherId = '', otherSecret = ''] = credentialOf(other).split('.');
    const wrong = [
      `${id}.${otherSecret}`,
      `${otherId}.${secret}`,
      `${id}.${secret.slice(0, -1)}`,
      `${id}.`,
      id,
      secret,
      `${id}.${secret.slice(0, -1)}${secret.endsWith('A') ? 'E' : 'A'}`,
      `${'f'.repeat(32)}.${secret}`,
      `${mine} `.repeat(2),
      '',
    ];
    for (const value of wrong) {
      assert.equal(await accounts.authenticate(requestWith({ cookie: `cantus=${value}` })), null, value);
      assert.equal(await accounts.authenticate(requestWith({ authorization: `Bearer ${value}` })), null, value);
    }
    assert.equal((await accounts.authenticate(requestWith({ cookie: `cantus=${mine}` })))?.by, 'cookie');
    assert.equal((await accounts.authenticate(requestWith({ authorization: `Bearer ${mine}` })))?.by, 'bearer');
  });

  it('is one of a bounded number: the one unused for longest makes room', async (t) => {
    const { accounts, browser, clock, page, ended } = await scene(t, { loginsPerUserMax: 2 });
    const first = (await accounts.authenticate(page.request()))?.id;
    for (const _ of [1, 2]) {
      await clock.advance(1);
      await browser().call('login.enter', { user: 'ada', password: goodPassword });
    }
    assert.deepEqual(ended, [first]);
  });
});

describe('the token of a login', () => {
  it('is followed by another when it is old, offered with each answer until it is used (LX2)', async (t) => {
    const { accounts, clock, page } = await scene(t);
    const old = page.request();
    await clock.advance(loginRotateMs - 1);
    assert.equal((await accounts.authenticate(old))?.setCookie, undefined);
    await clock.advance(1);
    const offered = (await accounts.authenticate(old))?.setCookie;
    assert.match(offered ?? '', /^cantus=.*HttpOnly/);
    await clock.advance(loginRotateMs);
    assert.equal((await accounts.authenticate(old))?.setCookie, offered);
    await page.call('login.read', {});
    assert.equal(page.setCookie, offered);
    assert.ok(offered?.includes(credentialOf(page)));
    await page.call('login.read', {});
    assert.equal(page.setCookie, null);
    assert.equal((await page.call('login.read', {})).output.me?.user, 'ada');
  });

  it('is taken for a short while after the next was used, and then never again (LX2)', async (t) => {
    const { accounts, clock, page, ended } = await scene(t);
    const old = page.request();
    const id = (await accounts.authenticate(old))?.id;
    await clock.advance(loginRotateMs);
    await page.call('login.read', {});
    await page.call('login.read', {});
    await clock.advance(loginRotateGraceMs - 1);
    const late = await accounts.authenticate(old);
    assert.deepEqual([late?.id, late?.setCookie], [id, undefined]);
    await clock.advance(1);
    assert.equal(await accounts.authenticate(old), null);
    assert.equal((await accounts.authenticate(page.request()))?.id, id);
    assert.deepEqual(ended, []);
  });

  it('is not followed for a program, which could not keep the next (LX2)', async (t) => {
    const { accounts, clock, page } = await scene(t);
    const request = requestWith({ authorization: `Bearer ${credentialOf(page)}` });
    await clock.advance(loginRotateMs * 2);
    const login = await accounts.authenticate(request);
    assert.deepEqual([login?.principal.user, login?.setCookie], ['ada', undefined]);
  });

  it('of before counts for nothing after a new password', async (t) => {
    const { accounts, clock, page } = await scene(t);
    const old = page.request();
    await clock.advance(loginRotateMs);
    const offered = (await accounts.authenticate(old))?.setCookie?.split(';')[0] ?? '';
    await page.call('login.password', { password: goodPassword, newPassword: 'staple wallet seven' });
    assert.equal(await accounts.authenticate(old), null);
    assert.equal(await accounts.authenticate(requestWith({ cookie: offered })), null);
    assert.equal((await accounts.authenticate(page.request()))?.principal.user, 'ada');
  });
});
