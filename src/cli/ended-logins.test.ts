import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../core/limits.ts';
import type { Accounts } from '../server/accounts/accounts.ts';
import type { AuthRequest, Login } from '../server/login.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { endingDisabled } from './ended-logins.ts';

/** Accounts whose users another process changes, and whose logins are named as they ask. */
class OtherAccounts {
  readonly mode = 'accounts';
  disabled: readonly string[] = [];
  removed: readonly string[] = [];
  closed = 0;

  authenticate({ url }: AuthRequest): Login | null {
    const [user = '', id = ''] = url.pathname.slice(1).split('/');
    return user === '' ? null : { principal: { tenant: 'main', user, roles: [] }, id, by: 'bearer' };
  }

  users(): ReturnType<Accounts['users']> {
    return ['ada', 'bob']
      .filter((user) => !this.removed.includes(user))
      .map((user) => ({ user, name: undefined, roles: [], createdAt: 0, disabled: this.disabled.includes(user) }));
  }

  close(): void {
    this.closed += 1;
  }
}

function watched() {
  const clock = new SimClock();
  const others = new OtherAccounts();
  const source = endingDisabled(others as unknown as Accounts, clock);
  const ended: string[] = [];
  source.watchEnded?.((login) => ended.push(login));
  const ask = async (path: string): Promise<Login | null> =>
    source.authenticate({ method: 'GET', url: new URL(`http://x/${path}`), headers: new Headers(), address: '::1' });
  return { clock, others, source, ended, ask };
}

describe('what disabled accounts have open', () => {
  it('ends within seconds of the command that disabled them, once, and nobody else is touched', async () => {
    const { clock, others, ended, ask } = watched();
    await ask('ada/one');
    await ask('ada/two');
    await ask('bob/three');
    await clock.advance(limits.accountsWatchMs);
    assert.deepEqual(ended, []);
    others.disabled = ['ada'];
    await clock.advance(limits.accountsWatchMs);
    assert.deepEqual(ended, ['one', 'two']);
    await clock.advance(3 * limits.accountsWatchMs);
    assert.deepEqual(ended, ['one', 'two']);
    others.removed = ['bob'];
    await clock.advance(limits.accountsWatchMs);
    assert.deepEqual(ended, ['one', 'two', 'three']);
  });

  it('keeps who asks as it is, and what the source is', async () => {
    const { source, ask } = watched();
    assert.equal(source.mode, 'accounts');
    assert.equal(await ask(''), null);
    assert.equal((await ask('ada/one'))?.id, 'one');
  });

  it('is looked after no more when it is closed', async () => {
    const { clock, others, source, ended, ask } = watched();
    await ask('ada/one');
    source.close();
    others.disabled = ['ada'];
    await clock.advance(2 * limits.accountsWatchMs);
    assert.deepEqual([ended, others.closed], [[], 1]);
  });
});
