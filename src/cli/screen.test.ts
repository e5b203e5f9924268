import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testHost } from './host.fixture.ts';
import { openScreen, tellTrouble, wantsColour } from './screen.ts';

const tty = { tty: true };
const pipe = { tty: false };

describe('colour', () => {
  it('is for terminals, unless somebody says otherwise (SN3)', () => {
    assert.equal(wantsColour({ env: {} }, tty, true), true);
    assert.equal(wantsColour({ env: {} }, pipe, true), false);
    assert.equal(wantsColour({ env: { NO_COLOR: '1' } }, tty, true), false);
    assert.equal(wantsColour({ env: { NO_COLOR: '' } }, tty, true), true);
    assert.equal(wantsColour({ env: { TERM: 'dumb' } }, tty, true), false);
    assert.equal(wantsColour({ env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, pipe, true), true);
    assert.equal(wantsColour({ env: { FORCE_COLOR: '0' } }, tty, true), false);
    assert.equal(wantsColour({ env: { FORCE_COLOR: '1' } }, tty, false), false);
  });
});

describe('the screen', () => {
  it('keeps data and remarks apart (SN1), and with quiet only what went wrong (SN2)', () => {
    const { host, out, err } = testHost();
    const screen = openScreen(host, { quiet: true });
    screen.give('data');
    screen.remark('a remark');
    screen.warn('a warning');
    assert.deepEqual([out(), err()], ['data\n', 'a warning\n']);
  });

  it('breaks remarks between words on a terminal, and leaves them whole in a log', () => {
    const line = `  model  ${'word '.repeat(20).trim()}`;
    const terminal = testHost({ tty: true, columns: 40 });
    openScreen(terminal.host, { color: false }).remark(line);
    assert.deepEqual(
      terminal
        .err()
        .trimEnd()
        .split('\n')
        .map((part) => part.slice(0, 9)),
      ['  model  ', '         ', '         ', '         '],
    );
    const sentence = testHost({ tty: true, columns: 40 });
    openScreen(sentence.host, { color: false }).remark(`  This ${'word '.repeat(9).trim()}`);
    assert.match(sentence.err(), /\n {2}word/, 'its first word is no label');
    const log = testHost();
    openScreen(log.host, {}).remark(line);
    assert.equal(log.err(), `${line}\n`);
  });

  it('tells trouble in three parts, without control characters', () => {
    const { host, err } = testHost();
    tellTrouble(openScreen(host, {}), { what: 'It failed.', why: 'x\u001b[2J', fix: 'one\ntwo' });
    assert.equal(err(), 'It failed.\n  why: x [2J\n  fix: one\n       two\n');
  });
});
