/** What came of it, as a table for people. */
import { wrongKinds, type WrongKind } from './verdict.ts';
import type { Chaos } from './chaos.ts';

/** The value below which so much of them is. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The lines of the table, its verdict the last. */
export function figures({ tally, verdict, recoveriesMs, killedForMs, lastedMs, peakBytes }: Chaos): readonly string[] {
  const events = tally['events in the journal'] ?? 0;
  const row = (figure: string | number, what: string): string => `${String(figure).padStart(10)}  ${what}`;
  const tenth = Math.max(1, Math.floor(recoveriesMs.length / 10));
  const ms = (values: readonly number[], share: number): string => `${percentile(values, share).toFixed(0)} ms`;
  const kinds = Object.entries(wrongKinds) as [WrongKind, string][];
  const sum = kinds.reduce((all, [kind]) => all + verdict.counts[kind], 0);
  return [
    ...Object.entries(tally)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, times]) => row(times, what)),
    '',
    row(
      `${(killedForMs / 1_000).toFixed(0)} s`,
      `of kills, ${((lastedMs - killedForMs) / 1_000).toFixed(0)} s until all had ended`,
    ),
    row((events / (lastedMs / 1_000)).toFixed(0), 'events/s in the journal, as read back'),
    row(ms(recoveriesMs, 0.5), `from a kill to the next server's being ready, p50; p99 ${ms(recoveriesMs, 0.99)}`),
    row(ms(recoveriesMs.slice(0, tenth), 0.5), 'of that in the first tenth, p50'),
    row(ms(recoveriesMs.slice(-tenth), 0.5), 'of that in the last tenth, p50'),
    row(
      `${(peakBytes.crowd / 1e6).toFixed(0)} MB`,
      `at most held by the crowd, ${(peakBytes.audit / 1e6).toFixed(0)} MB by the audit`,
    ),
    '',
    ...kinds.map(([kind, what]) => row(verdict.counts[kind], `${kind}: ${what}`)),
    ...verdict.words.map((words) => `WRONG ${words}`),
    sum === 0 ? 'nothing is wrong' : `${sum} things are wrong`,
  ];
}
