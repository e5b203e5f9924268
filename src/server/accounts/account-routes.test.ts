import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SimClock } from '../../testing/sim-clock.ts';
import { goodPassword, openHouse, requestWith, statusesOf, type House } from './accounts.fixture.ts';

const password = goodPassword;

function house(t: TestContext, limits = {}): House {
  const own = openHouse({ clock: new SimClock(), limits });
  t.after(() => own.accounts.close());
  return own;
}

describe('the first account', () => {
  it('is made with the printed code, is an administrator and is logged in (LA1)', async (t) => {
    const { accounts, browser } = house(t);
    const page = browser();
    assert.equal((await page.call('login.read', {})).output.needsSetUp, true);
    const code = accounts.setUpCode() ?? '';
    const answer = await page.call('login.setUp', { code, user: 'Ada', name: 'Ada L', password });
    assert.deepEqual(answer.output, {
      mode: 'accounts',
      me: { tenant: 'main', user: 'ada', name: 'Ada L', roles: ['admin'] },
      needsSetUp: false,
    });
    assert.equal((await page.call('login.read', {})).output.me?.user, 'ada');
    assert.equal(accounts.setUpCode(), undefined);
  });

  it('takes the code as people type it', async (t) => {
    const { accounts, browser } = house(t);
    const typed = ` ${accounts.setUpCode()?.toUpperCase().replaceAll('-', ' ')} `;
    assert.equal((await browser().call('login.setUp', { code: typed, user: 'ada', password })).status, 200);
  });

  it('is not made with a wrong code, and no password is hashed for one', async (t) => {
    const { browser, hashes, accounts } = house(t);
    const answer = await browser().call('login.setUp', { code: 'aaaaa-aaaaa', user: 'ada', password });
    assert.deepEqual([answer.status, answer.code], [401, 'login_failed']);
    assert.equal(hashes(), 0);
    assert.deepEqual(accounts.users(), []);
  });

  it('is made once when two people use the code at the same moment (IN1)', async (t) => {
    const { accounts, browser } = house(t);
    const code = accounts.setUpCode() ?? '';
    const answers = await Promise.all(
      ['ada', 'bob'].map((user) => browser().call('login.setUp', { code, user, password })),
    );
    assert.deepEqual(statusesOf(answers), [200, 409]);
    assert.equal(accounts.users().length, 1);
  });

  it('can not be made again once there is one (IN2)', async (t) => {
    const { accounts, browser, settled } = house(t);
    const code = accounts.setUpCode() ?? '';
    await settled();
    const answer = await browser().call('login.setUp', { code, user: 'eve', password });
    assert.deepEqual([answer.status, answer.code], [409, 'conflict']);
  });

  it('is not made with a password that is too short or a name that is none', async (t) => {
    const { accounts, browser } = house(t);
    const code = accounts.setUpCode() ?? '';
    const short = await browser().call('login.setUp', { code, user: 'ada', password: 'short' });
    assert.deepEqual([short.status, short.code], [400, 'invalid_input']);
    assert.match(short.detail ?? '', /10 to 1024/);
    for (const user of ['a b', 'ädä', '-x', 'x'.repeat(65), 'null', 'default']) {
      assert.ok((await browser().call('login.setUp', { code, user, password })).status >= 400, user);
    }
    assert.equal(accounts.setUpCode(), code);
  });
});

describe('an invitation', () => {
  it('is an administrator’s to give, and makes one account without roles', async (t) => {
    const { browser, settled } = house(t);
    const admin = await settled();
    const { code, expiresAt } = (await admin.call('login.invite', {})).output;
    assert.ok(expiresAt > 0);
    const bob = browser();
    const joined = await bob.call('login.join', { code, user: 'bob', password });
    assert.deepEqual(joined.output.me, { tenant: 'main', user: 'bob', roles: [] });
    const refused = await bob.call('login.invite', {});
    assert.deepEqual([refused.status, refused.code], [403, 'forbidden']);
    assert.equal((await browser().call('login.join', { code, user: 'eve', password })).code, 'login_failed');
  });

  it('makes one account when two people use it at the same moment (IN1)', async (t) => {
    const { accounts, browser, settled } = house(t);
    await settled();
    const { code } = accounts.invite();
    const answers = await Promise.all(
      ['bob', 'eve'].map((user) => browser().call('login.join', { code, user, password })),
    );
    assert.deepEqual(statusesOf(answers), [200, 401]);
    assert.equal(accounts.users().length, 2);
  });

  it('is still good when the name was taken, and then not for the first account', async (t) => {
    const { accounts, browser, settled } = house(t);
    await settled();
    const { code } = accounts.invite();
    assert.equal((await browser().call('login.join', { code, user: 'ADA', password })).code, 'conflict');
    assert.equal((await browser().call('login.setUp', { code, user: 'bob', password })).code, 'conflict');
    assert.equal((await browser().call('login.join', { code, user: 'bob', password })).status, 200);
  });

  it('expires', async (t) => {
    const clock = new SimClock();
    const { accounts, browser, settled } = openHouse({ clock, limits: { inviteMs: 1_000 } });
    t.after(() => accounts.close());
    await settled();
    const { code } = accounts.invite();
    await clock.advance(1_000);
    assert.equal((await browser().call('login.join', { code, user: 'bob', password })).code, 'login_failed');
  });

  it('comes in a bounded number', async (t) => {
    const { settled } = house(t, { invitesOpenMax: 2 });
    const admin = await settled();
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push((await admin.call('login.invite', {})).status);
    assert.deepEqual(statuses, [200, 200, 429]);
  });
});

describe('logging in', () => {
  it('works with the name however it is typed', async (t) => {
    const { browser, settled } = house(t);
    await settled();
    const page = browser();
    assert.equal((await page.call('login.enter', { user: ' ＡDA ', password })).output.me?.user, 'ada');
    assert.equal((await page.call('login.read', {})).output.me?.user, 'ada');
  });

  it('answers an unknown name, a wrong password and a disabled account alike, after the same work (LA2)', async (t) => {
    const { accounts, browser, hashes, settled } = house(t);
    await settled();
    await accounts.addAccount({ user: 'off', password });
    accounts.disable('off');
    const answers = [];
    for (const user of ['ada', 'nobody', 'off', 'no such name!', 'null']) {
      const before = hashes();
      const typed = user === 'ada' ? 'wrong password' : password;
      const { status, output, headers } = await browser().call('login.enter', { user, password: typed });
      answers.push({ status, output, cookie: headers.get('set-cookie'), hashed: hashes() - before });
    }
    assert.equal(answers[0]?.status, 401);
    assert.equal(answers[0]?.hashed, 1);
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
  });

  it('makes a new login and ends the one that the browser had (LX3)', async (t) => {
    const { accounts, settled } = house(t);
    const page = await settled();
    const before = page.request();
    const ended: string[] = [];
    accounts.watchEnded?.((login) => ended.push(login));
    const was = (await accounts.authenticate(before))?.id;
    await page.call('login.enter', { user: 'ada', password });
    const is = (await accounts.authenticate(page.request()))?.id;
    assert.ok(is !== undefined && is !== was);
    assert.equal(await accounts.authenticate(before), null);
    assert.deepEqual(ended, [was]);
  });

  it('is refused to a page of another origin, with or without a cookie (AR2)', async (t) => {
    const { browser, settled } = house(t);
    const page = await settled();
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:4001']) {
      for (const one of [browser(), page]) {
        const answer = await one.call('login.enter', { user: 'ada', password }, { origin });
        assert.deepEqual([answer.status, answer.code], [403, 'origin_refused'], origin);
        assert.equal(answer.headers.get('set-cookie'), null);
      }
    }
    const hidden = await browser().call(
      'login.enter',
      { user: 'ada', password },
      { origin: '', 'sec-fetch-site': 'cross-site' },
    );
    assert.equal(hidden.code, 'origin_refused');
    assert.equal((await page.call('login.leave', {}, { origin: '' })).code, 'origin_refused');
    assert.equal((await browser().call('login.enter', { user: 'ada', password }, { origin: '' })).status, 200);
  });

  it('takes JSON objects with the members it knows, and says nothing of what was in them (AR3)', async (t) => {
    const { browser, settled } = house(t);
    await settled();
    for (const body of ['{', '[]', 'null', '{"user":"ada"}', `{"user":"ada","password":"s3cret-x","more":1}`]) {
      const answer = await browser().call('login.enter', body);
      assert.deepEqual([answer.status, answer.code], [400, 'invalid_input'], body);
      assert.doesNotMatch(JSON.stringify(answer.output), /s3cret/);
    }
  });

  it('is tried by one address so often a minute and no more (TY1)', async (t) => {
    const { browser, hashes, settled } = house(t, { loginsPerMinute: 3 });
    await settled();
    const from = { address: '198.51.100.7' };
    const codes = [];
    for (const user of ['a', 'b', 'c', 'd']) {
      codes.push((await browser(from).call('login.enter', { user, password })).code);
    }
    assert.deepEqual(codes, ['login_failed', 'login_failed', 'login_failed', 'rate_limited']);
    const before = hashes();
    const late = await browser(from).call('login.enter', { user: 'ada', password });
    assert.equal(late.status, 429);
    assert.ok(Number(late.headers.get('retry-after')) >= 1);
    assert.equal(hashes(), before);
  });

  it('is tried for one account so often a minute, from wherever, whether it exists or not (TY1)', async (t) => {
    const { browser, settled } = house(t, { loginsPerMinute: 3 });
    await settled();
    for (const user of ['ada', 'nobody']) {
      const codes = [];
      for (const last of [1, 2, 3, 4]) {
        const one = browser({ address: `198.51.100.${last}` });
        codes.push((await one.call('login.enter', { user, password: 'wrong password' })).code);
      }
      assert.deepEqual(codes, ['login_failed', 'login_failed', 'login_failed', 'rate_limited'], user);
    }
  });

  it('shuts nobody out who logs in rightly again and again (TY2)', async (t) => {
    const { browser, settled } = house(t, { loginsPerMinute: 2 });
    await settled();
    for (let last = 1; last < 6; last++) {
      const one = browser({ address: `198.51.100.${last}` });
      assert.equal((await one.call('login.enter', { user: 'ada', password })).status, 200);
    }
  });
});

describe('a stranger', () => {
  it('may ask so often a minute, and the users behind the same address all the same', async (t) => {
    const { browser, settled } = house(t, { strangerRequestsPerMinute: 3 });
    const page = await settled();
    const stranger = browser();
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push((await stranger.call('login.read', {})).status);
    // One of the three was the first account's own.
    assert.deepEqual(statuses, [200, 200, 429]);
    assert.equal((await page.call('login.read', {})).status, 200);
  });
});

describe('the cookie', () => {
  it('is HttpOnly, lax and of this host alone (LC1)', async (t) => {
    const { settled } = house(t);
    const page = await settled();
    const attributes = page.setCookie?.split('; ').slice(1);
    assert.match(page.setCookie ?? '', /^cantus=[0-9a-f]{32}\.[\w-]{43};/);
    assert.deepEqual(attributes, ['Max-Age=2592000', 'Path=/', 'HttpOnly', 'SameSite=Lax']);
  });

  it('is Secure under https, with a name that browsers guard, and under no other name then (LC1)', async (t) => {
    const { accounts, browser, settled } = house(t);
    await settled();
    const page = browser({ base: 'https://chat.example' });
    await page.call('login.enter', { user: 'ada', password });
    const attributes = page.setCookie?.split('; ').slice(1);
    assert.match(page.setCookie ?? '', /^__Host-cantus=/);
    assert.deepEqual(attributes, ['Max-Age=2592000', 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']);
    const { headers, ...rest } = page.request();
    assert.equal((await accounts.authenticate({ ...rest, headers }))?.principal.user, 'ada');
    const renamed = new Headers({ cookie: headers.get('cookie')?.replace('__Host-', '') ?? '' });
    assert.equal(await accounts.authenticate({ ...rest, headers: renamed }), null);
  });
});

describe('leaving', () => {
  it('ends this login alone, tells who watches, and takes the cookie away', async (t) => {
    const { accounts, browser, settled } = house(t);
    const page = await settled();
    const other = browser();
    await other.call('login.enter', { user: 'ada', password });
    const before = page.request();
    const id = (await accounts.authenticate(before))?.id;
    const ended: string[] = [];
    accounts.watchEnded?.((login) => ended.push(login));
    const answer = await page.call('login.leave', {});
    assert.equal(answer.output.me, null);
    assert.match(page.setCookie ?? '', /^cantus=; Max-Age=0/);
    assert.equal(await accounts.authenticate(before), null);
    assert.deepEqual(ended, [id]);
    assert.equal((await other.call('login.read', {})).output.me?.user, 'ada');
    assert.equal((await page.call('login.leave', {})).status, 200);
  });

  it('ends every login of the user everywhere, and no one else’s', async (t) => {
    const { accounts, browser, settled } = house(t);
    const page = await settled();
    await accounts.addAccount({ user: 'bob', password });
    const [other, bob] = [browser(), browser()];
    await other.call('login.enter', { user: 'ada', password });
    await bob.call('login.enter', { user: 'bob', password });
    await page.call('login.leave', { everywhere: true });
    assert.equal((await other.call('login.read', {})).output.me, null);
    assert.equal((await bob.call('login.read', {})).output.me?.user, 'bob');
  });
});

describe('a new password', () => {
  it('ends the user’s other logins and this one’s old token, and replaces the old password', async (t) => {
    const { accounts, browser, settled } = house(t);
    const page = await settled();
    const other = browser();
    await other.call('login.enter', { user: 'ada', password });
    const before = page.request();
    const id = (await accounts.authenticate(before))?.id;
    const newPassword = 'staple wallet seven';
    assert.equal((await page.call('login.password', { password, newPassword })).status, 200);
    assert.equal((await other.call('login.read', {})).output.me, null);
    assert.equal(await accounts.authenticate(before), null);
    assert.equal((await accounts.authenticate(page.request()))?.id, id);
    assert.equal((await browser().call('login.enter', { user: 'ada', password })).code, 'login_failed');
    assert.equal((await browser().call('login.enter', { user: 'ada', password: newPassword })).status, 200);
  });

  it('needs the old one', async (t) => {
    const { browser, settled } = house(t);
    const page = await settled();
    const newPassword = 'staple wallet seven';
    const answer = await page.call('login.password', { password: 'a wrong password', newPassword });
    assert.deepEqual([answer.status, answer.code], [401, 'login_failed']);
    assert.equal((await browser().call('login.enter', { user: 'ada', password })).status, 200);
  });

  it('is tried so often a minute by who has a login and not the password (TY1)', async (t) => {
    const { settled } = house(t, { loginsPerMinute: 3 });
    const page = await settled();
    const codes = [];
    for (let count = 0; count < 4; count++) {
      codes.push((await page.call('login.password', { password: 'a guess', newPassword: 'staple wallet seven' })).code);
    }
    assert.deepEqual(codes, ['login_failed', 'login_failed', 'login_failed', 'rate_limited']);
  });

  it('leaves a program that sends its login on purpose with what it sends', async (t) => {
    const { accounts, settled } = house(t);
    const page = await settled();
    const authorization = `Bearer ${page.jar.get('cantus')}`;
    page.jar.clear();
    const changed = await page.call(
      'login.password',
      { password, newPassword: 'staple wallet seven' },
      { authorization },
    );
    assert.deepEqual([changed.status, page.setCookie], [200, null]);
    assert.equal((await accounts.authenticate(requestWith({ authorization })))?.principal.user, 'ada');
  });

  it('is set by one of two that change it at the same moment (LA3)', async (t) => {
    // In turns: both are checked before the first is set, however busy the machine is.
    const { settled } = house(t, { passwordsHashedAtOnce: 1 });
    const page = await settled();
    const answers = await Promise.all([
      page.call('login.password', { password, newPassword: 'the first new one' }),
      page.call('login.password', { password, newPassword: 'the second new one' }),
    ]);
    assert.deepEqual(statusesOf(answers), [200, 401]);
  });
});

describe('what a user sees of their logins and tokens', () => {
  it('is the own ones: another user’s are as unknown ones (P2)', async (t) => {
    const { accounts, browser, settled } = house(t);
    const ada = await settled();
    await accounts.addAccount({ user: 'bob', password });
    const bob = browser();
    await bob.call('login.enter', { user: 'bob', password });
    const token = (await ada.call('tokens.create', { name: 'ci' })).output;
    const [login] = (await ada.call('logins.list', {})).output.logins;
    assert.deepEqual([login?.current, login?.agent], [true, 'Test/1']);
    assert.deepEqual((await bob.call('tokens.list', {})).output.tokens, []);
    assert.equal((await bob.call('logins.list', {})).output.logins.length, 1);
    const tries = [
      await bob.call('tokens.revoke', { token: token.id }),
      await bob.call('tokens.revoke', { token: 'f'.repeat(32) }),
      await bob.call('logins.end', { login: login?.id ?? '' }),
      await bob.call('logins.end', { login: 'f'.repeat(32) }),
    ];
    for (const { status, code } of tries) assert.deepEqual([status, code], [404, 'not_found']);
    assert.equal((await ada.call('login.read', {})).output.me?.user, 'ada');
    assert.equal((await ada.call('tokens.list', {})).output.tokens.length, 1);
  });

  it('can be ended one by one', async (t) => {
    const { browser, settled } = house(t);
    const page = await settled();
    const other = browser();
    await other.call('login.enter', { user: 'ada', password });
    const { logins } = (await page.call('logins.list', {})).output;
    const elsewhere = logins.find(({ current }) => !current)?.id ?? '';
    assert.equal((await page.call('logins.end', { login: elsewhere })).status, 200);
    assert.equal((await other.call('login.read', {})).output.me, null);
    assert.equal((await page.call('login.read', {})).output.me?.user, 'ada');
  });

  it('is told to no stranger', async (t) => {
    const { browser, settled } = house(t);
    await settled();
    const stranger = browser();
    for (const answer of [
      await stranger.call('logins.list', {}),
      await stranger.call('tokens.list', {}),
      await stranger.call('tokens.create', '{'),
      await stranger.call('login.invite', {}),
      await stranger.call('login.password', { password, newPassword: password }),
      await stranger.call('logins.end', { login: 'x' }),
      await stranger.call('tokens.revoke', { token: 'x' }),
    ]) {
      assert.deepEqual([answer.status, answer.code], [401, 'login_required']);
    }
  });
});

describe('an API token', () => {
  it('logs a program in as its user until it is revoked, and tells who watches', async (t) => {
    const { accounts, browser, settled } = house(t);
    const page = await settled();
    const { token, id } = (await page.call('tokens.create', { name: 'ci' })).output;
    const authorization = `Bearer ${token}`;
    assert.match(token, /^cantus_[0-9a-f]{32}_[\w-]{43}$/);
    const read = await browser().call('login.read', {}, { authorization });
    assert.equal(read.output.me?.user, 'ada');
    const ended: string[] = [];
    accounts.watchEnded?.((login) => ended.push(login));
    await page.call('tokens.revoke', { token: id });
    assert.equal((await browser().call('login.read', {}, { authorization })).output.me, null);
    assert.deepEqual(ended, [id]);
  });

  it('may not change the account it belongs to (AR1)', async (t) => {
    const { browser, settled } = house(t);
    const page = await settled();
    const { token } = (await page.call('tokens.create', { name: 'ci' })).output;
    const program = browser();
    const authorization = `Bearer ${token}`;
    for (const answer of [
      await program.call('tokens.create', { name: 'more' }, { authorization }),
      await program.call('login.password', { password, newPassword: password }, { authorization }),
      await program.call('login.leave', { everywhere: true }, { authorization }),
      await program.call('login.invite', {}, { authorization }),
      await program.call('logins.list', {}, { authorization }),
    ]) {
      assert.deepEqual([answer.status, answer.code], [403, 'forbidden']);
    }
    assert.equal((await page.call('login.read', {})).output.me?.user, 'ada');
  });
});
