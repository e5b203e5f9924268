import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SimClock } from '../testing/sim-clock.ts';
import { lineLog, type LogLinesOptions } from './log-lines.ts';

function linesOf(options: LogLinesOptions, tell: (log: ReturnType<typeof lineLog>) => void): readonly string[] {
  let text = '';
  const clock = new SimClock({ startAt: 0 });
  tell(lineLog({ write: (part) => void (text += part) }, clock, options));
  return text.split('\n').slice(0, -1);
}

describe('lines of a log', () => {
  it('are JSON whose facts can not pass for what every line has', () => {
    const [line = ''] = linesOf({ form: 'json', troubleOnly: false }, (log) =>
      log.info('request', { status: 200, level: 'forged', at: 'never' }),
    );
    assert.deepEqual(JSON.parse(line), {
      at: '1970-01-01T00:00:00.000Z',
      level: 'info',
      message: 'request',
      status: 200,
    });
  });

  it('are text with the facts as pairs, each on one line', () => {
    const lines = linesOf({ form: 'text', troubleOnly: false }, (log) =>
      log.warn('a line\nbroken', { code: 'x', what: 'two words\u001b[1m', none: undefined }),
    );
    assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z warn  a line broken code=x what="two words [1m"']);
  });

  it('tell only of trouble where that is wanted', () => {
    const lines = linesOf({ form: 'text', troubleOnly: true }, (log) => {
      log.info('one');
      log.warn('two');
      log.error('three');
    });
    assert.deepEqual(
      lines.map((line) => line.slice(25)),
      ['warn  two', 'error three'],
    );
  });
});
