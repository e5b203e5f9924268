import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { limits } from '../../core/limits.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import { goodPassword, openHouse, requestWith, type House } from './accounts.fixture.ts';

const password = goodPassword;
const dayMs = 86_400_000;

function house(t: TestContext, some = {}): House & { readonly clock: SimClock; readonly ended: string[] } {
  const clock = new SimClock();
  const own = openHouse({ clock, limits: some });
  t.after(() => own.accounts.close());
  const ended: string[] = [];
  own.accounts.watchEnded?.((login) => ended.push(login));
  return { ...own, clock, ended };
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'cantus-accounts-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function bearer(token: string): ReturnType<typeof requestWith> {
  return requestWith({ authorization: `Bearer ${token}` });
}

describe('local accounts', () => {
  it('are told to whoever runs the server, the first of them an administrator’s (LA1)', async (t) => {
    const { accounts } = house(t);
    await accounts.addAccount({ user: 'Ada', name: 'Ada L', password });
    await accounts.addAccount({ user: 'bob', roles: ['analyst'], password });
    await accounts.addAccount({ user: 'cy', password });
    const seen = accounts.users().map(({ user, name, roles, disabled }) => ({ user, name, roles, disabled }));
    assert.deepEqual(seen, [
      { user: 'ada', name: 'Ada L', roles: ['admin'], disabled: false },
      { user: 'bob', name: undefined, roles: ['analyst'], disabled: false },
      { user: 'cy', name: undefined, roles: [], disabled: false },
    ]);
  });

  it('of which one is disabled have no login and no token of it, and who watches hears of each (LA4)', async (t) => {
    const { accounts, ended, settled, browser } = house(t);
    const page = await settled();
    const { token, id } = accounts.addToken('ada', 'ci');
    const login = (await accounts.authenticate(page.request()))?.id;
    accounts.disable('ada');
    assert.equal(await accounts.authenticate(page.request()), null);
    assert.equal(await accounts.authenticate(bearer(token)), null);
    assert.deepEqual(new Set(ended), new Set([login, id]));
    assert.equal(ended.length, 2);
    assert.throws(() => accounts.addToken('ada', 'ci'), { code: 'not_found' });
    accounts.enable('ada');
    assert.equal(await accounts.authenticate(page.request()), null);
    assert.equal((await browser().call('login.enter', { user: 'ada', password })).status, 200);
  });

  it('can be disabled while the password is being checked, and then nobody is logged in (LA3)', async (t) => {
    const { accounts, atNextHash, settled, browser } = house(t);
    await settled();
    atNextHash(() => accounts.disable('ada'));
    const entered = await browser().call('login.enter', { user: 'ada', password });
    assert.deepEqual([entered.status, entered.code], [401, 'login_failed']);
  });

  it('never give the name of a removed account again, and keep nothing else of it (AB2)', async (t) => {
    const { accounts, settled, browser } = house(t);
    const page = await settled();
    await accounts.addAccount({ user: 'bob', name: 'Bob', roles: ['analyst'], password });
    const { token } = accounts.addToken('bob', 'ci');
    accounts.remove('bob');
    assert.equal(await accounts.authenticate(bearer(token)), null);
    assert.deepEqual(
      accounts.users().map(({ user }) => user),
      ['ada'],
    );
    await assert.rejects(accounts.addAccount({ user: 'BOB', password }), { code: 'conflict' });
    const { code } = (await page.call('login.invite', {})).output;
    assert.equal((await browser().call('login.join', { code, user: 'bob', password })).code, 'conflict');
    assert.throws(() => accounts.enable('bob'), { code: 'not_found' });
  });

  it('have no roles with which nobody could log in', async (t) => {
    const { accounts } = house(t);
    await assert.rejects(accounts.addAccount({ user: 'ada', roles: [''], password }), { code: 'identity_required' });
    assert.throws(() => accounts.invite({ roles: [''] }), { code: 'identity_required' });
    assert.deepEqual(accounts.users(), []);
  });

  it('say not found for a user who is none', async (t) => {
    const { accounts } = house(t);
    assert.throws(() => accounts.disable('eve'), { code: 'not_found' });
    assert.throws(() => accounts.remove('eve'), { code: 'not_found' });
    assert.throws(() => accounts.addToken('eve', 'ci'), { code: 'not_found' });
    await assert.rejects(accounts.setPassword('eve', password), { code: 'not_found' });
  });

  it('get a new password from whoever runs the server, which ends every login', async (t) => {
    const { accounts, settled, browser } = house(t);
    const page = await settled();
    await accounts.setPassword('ada', 'staple wallet seven');
    assert.equal(await accounts.authenticate(page.request()), null);
    assert.equal((await browser().call('login.enter', { user: 'ada', password })).code, 'login_failed');
    assert.equal((await browser().call('login.enter', { user: 'ada', password: 'staple wallet seven' })).status, 200);
  });

  it('have another code for the first of them when one has expired, or all were removed', async (t) => {
    const { accounts, clock, settled } = house(t);
    const first = accounts.setUpCode();
    assert.equal(accounts.setUpCode(), first);
    await clock.advance(limits.inviteMs);
    assert.notEqual(accounts.setUpCode(), first);
    await settled();
    assert.equal(accounts.setUpCode(), undefined);
    accounts.remove('ada');
    assert.notEqual(accounts.setUpCode(), undefined);
  });

  it('are in a file that is its owner’s alone, without any password, token or code (AB1)', async (t) => {
    const path = folder(t);
    const { accounts, settled } = openHouse({ clock: new SimClock(), folder: path });
    const code = accounts.setUpCode() ?? '';
    const page = await settled();
    const { token } = accounts.addToken('ada', 'ci');
    const invitation = accounts.invite().code;
    const cookie = page.jar.get('cantus') ?? '';
    const files = readdirSync(path);
    assert.ok(files.includes('accounts.db'));
    for (const file of files) {
      assert.equal(statSync(join(path, file)).mode & 0o777, 0o600, file);
      const text = readFileSync(join(path, file), 'latin1');
      for (const secret of [password, code, invitation, token.slice(-43), cookie.slice(-43)]) {
        assert.ok(!text.includes(secret), file);
      }
    }
    accounts.close();
  });

  it('are there again after a restart, with their logins and tokens', async (t) => {
    const path = folder(t);
    const clock = new SimClock();
    const before = openHouse({ clock, folder: path });
    const page = await before.settled();
    const { token } = before.accounts.addToken('ada', 'ci');
    await clock.advance(1_000);
    await before.accounts.authenticate(page.request());
    before.accounts.close();
    const after = openHouse({ clock, folder: path });
    t.after(() => after.accounts.close());
    assert.equal(after.accounts.setUpCode(), undefined);
    assert.equal((await after.accounts.authenticate(bearer(token)))?.principal.user, 'ada');
    assert.deepEqual((await after.accounts.authenticate(page.request()))?.principal.roles, ['admin']);
    assert.equal((await after.browser().call('login.enter', { user: 'ada', password })).status, 200);
  });

  it('offer the next token of a login over a restart, and still take the one before', async (t) => {
    const path = folder(t);
    const clock = new SimClock();
    const before = openHouse({ clock, folder: path });
    const page = await before.settled();
    await clock.advance(limits.loginRotateMs);
    const lost = (await before.accounts.authenticate(page.request()))?.setCookie;
    before.accounts.close();
    const after = openHouse({ clock, folder: path });
    t.after(() => after.accounts.close());
    const offered = (await after.accounts.authenticate(page.request()))?.setCookie;
    assert.ok(lost !== undefined && offered !== undefined && offered !== lost);
    const request = requestWith({ cookie: offered.split(';')[0] ?? '' });
    assert.equal((await after.accounts.authenticate(request))?.principal.user, 'ada');
  });
});

describe('a token', () => {
  it('ends when it expires, and who watches hears it', async (t) => {
    const { accounts, clock, ended, settled } = house(t, { loginSweepMs: 100 * dayMs });
    await settled();
    const { token, id, expiresAt } = accounts.addToken('ada', 'ci', 2);
    assert.equal(expiresAt, clock.now() + 2 * dayMs);
    await clock.advance(2 * dayMs - 1);
    assert.equal((await accounts.authenticate(bearer(token)))?.expiresAt, expiresAt);
    await clock.advance(1);
    assert.equal(await accounts.authenticate(bearer(token)), null);
    assert.deepEqual(ended, [id]);
    assert.deepEqual(accounts.tokens('ada'), []);
  });

  it('that nobody uses any more is ended all the same (TK1)', async (t) => {
    const { accounts, clock, ended, settled } = house(t);
    await settled();
    const { id } = accounts.addToken('ada', 'ci', 1);
    await clock.advance(dayMs + limits.loginSweepMs);
    assert.deepEqual(ended, [id]);
  });

  it('is no login in a cookie, and none with another’s secret', async (t) => {
    const { accounts, settled } = house(t);
    await settled();
    const [one, two] = [accounts.addToken('ada', 'one'), accounts.addToken('ada', 'two')];
    assert.equal(await accounts.authenticate(requestWith({ cookie: `cantus=${one.token}` })), null);
    const crossed = one.token.slice(0, 40) + two.token.slice(40);
    assert.equal(await accounts.authenticate(bearer(crossed)), null);
    assert.equal(await accounts.authenticate(bearer(one.token.slice(0, -1))), null);
    assert.equal((await accounts.authenticate(bearer(one.token)))?.id, one.id);
  });

  it('tells when it was used, and is one of a bounded number', async (t) => {
    const { accounts, clock, settled } = house(t, { tokensPerUserMax: 1 });
    await settled();
    const { token } = accounts.addToken('ada', 'ci');
    assert.equal(accounts.tokens('ada')[0]?.usedAt, null);
    await accounts.authenticate(bearer(token));
    assert.equal(accounts.tokens('ada')[0]?.usedAt, clock.now());
    assert.throws(() => accounts.addToken('ada', 'more'), { code: 'limit_exceeded' });
  });
});

describe('two credentials in one request', () => {
  it('log nobody in when they differ, even if both are good (LC2)', async (t) => {
    const { accounts, settled } = house(t);
    const page = await settled();
    const cookie = `cantus=${page.jar.get('cantus')}`;
    const { token } = accounts.addToken('ada', 'ci');
    assert.equal(await accounts.authenticate(requestWith({ cookie, authorization: `Bearer ${token}` })), null);
    assert.equal(await accounts.authenticate(requestWith({ cookie, authorization: 'Basic YTpi' })), null);
    const same = requestWith({ cookie, authorization: `Bearer ${page.jar.get('cantus')}` });
    assert.equal((await accounts.authenticate(same))?.by, 'bearer');
  });
});
