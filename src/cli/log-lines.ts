/** What a server tells its operator, a line each: for people, or for programs that gather logs. */
import type { Clock } from '../core/clock.ts';
import type { Log, LogFacts } from '../core/log.ts';
import type { Sink } from './host.ts';
import { oneLine } from '../core/plain-text.ts';

export type LogForm = 'json' | 'text';
type Level = keyof Log;

export type LogLinesOptions = {
  readonly form: LogForm;
  /** Leaves out what went as it should. */
  readonly troubleOnly: boolean;
};

/**
 * A log that writes lines.
 *
 * @example
 * lineLog(host.err, host.clock, { form: 'json', troubleOnly: false }).info('request', { status: 200 });
 * // {"at":"2026-11-22T09:00:00.000Z","level":"info","message":"request","status":200}
 */
export function lineLog(sink: Pick<Sink, 'write'>, clock: Clock, { form, troubleOnly }: LogLinesOptions): Log {
  const line = form === 'json' ? jsonLine : textLine;
  const tell =
    (level: Level) =>
    (message: string, facts: LogFacts = {}): void =>
      sink.write(`${line(new Date(clock.now()).toISOString(), level, message, facts)}\n`);
  return { info: troubleOnly ? () => undefined : tell('info'), warn: tell('warn'), error: tell('error') };
}

/** What a fact is called can't take the place of what every line has. */
function jsonLine(at: string, level: Level, message: string, facts: LogFacts): string {
  return JSON.stringify({ ...facts, at, level, message });
}

function textLine(at: string, level: Level, message: string, facts: LogFacts): string {
  const told = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${textOf(value)}`],
  );
  return [at, level.padEnd(5), oneLine(message), ...told].join(' ');
}

function textOf(value: string | number | boolean): string {
  const text = oneLine(String(value));
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
