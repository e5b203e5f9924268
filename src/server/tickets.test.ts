/** One-time tickets: once, soon, and only as long as the login lives. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../core/limits.ts';
import { SimClock } from '../testing/sim-clock.ts';
import type { Login } from './login.ts';
import { StubLogins } from './socket.fixture.ts';
import { openTickets } from './tickets.ts';

const alice: Login = { principal: { tenant: 'main', user: 'alice', roles: [] }, id: 'alice', by: 'cookie' };
const refusal = { code: 'login_required' };

function scene() {
  const clock = new SimClock();
  const login = new StubLogins();
  return { clock, login, tickets: openTickets({ clock, login, limits: { ...limits } }) };
}

describe('a ticket', () => {
  it('is good once, and then counts as sent on purpose (TI1)', () => {
    const { tickets } = scene();
    const { ticket } = tickets.create(alice);
    assert.deepEqual(tickets.redeem(ticket), { ...alice, by: 'bearer' });
    assert.throws(() => tickets.redeem(ticket), refusal);
    assert.throws(() => tickets.redeem('never made'), refusal);
  });

  it('is good for some seconds, and is forgotten then (TI1)', async () => {
    const { tickets, clock } = scene();
    const { ticket, expiresAt } = tickets.create(alice);
    assert.equal(expiresAt, clock.now() + 30_000);
    await clock.advance(30_000);
    assert.equal(tickets.size, 0);
    assert.throws(() => tickets.redeem(ticket), refusal);
  });

  it('ends with the login it was made by, and no other (TI1)', () => {
    const { tickets, login } = scene();
    const { ticket } = tickets.create(alice);
    const other = tickets.create({ ...alice, id: 'another login of alice' });
    login.end('alice');
    assert.throws(() => tickets.redeem(ticket), refusal);
    assert.equal(tickets.redeem(other.ticket).id, 'another login of alice');
  });

  it('leaves nothing behind when the server closes', () => {
    const { tickets, clock, login } = scene();
    tickets.create(alice);
    tickets.close();
    assert.equal(clock.timers, 0);
    assert.equal(login.watchers.size, 0);
  });
});
