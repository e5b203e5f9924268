/** Days and hours in UTC, and what spans of time allow. */
import { bounds } from '../bounds.ts';
import { spanOf, type Dataset, type Span } from '../data/dataset.ts';
import type { Field } from '../data/fields.ts';
import { missingFields, notComputable, type NotComputable } from './finding.ts';

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** `2026-10-31`. */
export function dayName(ms: number): string {
  return new Date(Math.floor(ms / dayMs) * dayMs).toISOString().slice(0, 10);
}

/** How a span is told: "57 minutes", "3.2 days". */
export function tellSpan(span: Span): string {
  const ms = span.toMs - span.fromMs;
  const [unitMs, unit] =
    ms >= 2 * dayMs
      ? [dayMs, 'days']
      : ms >= 2 * hourMs
        ? [hourMs, 'hours']
        : ms >= 2 * minuteMs
          ? [minuteMs, 'minutes']
          : [1_000, 'seconds'];
  const count = ms / unitMs;
  // Cut off, not rounded: what falls just short of a threshold must not be told as reaching it.
  return `${unit === 'minutes' ? Math.floor(count) : Math.floor(count * 10) / 10} ${unit}`;
}

/** The days (as numbers since 1970) that lie whole within the calls: the first and the last are cut off. */
export function wholeDays(span: Span): readonly number[] {
  const [first, last] = [Math.floor(span.fromMs / dayMs) + 1, Math.floor(span.toMs / dayMs) - 1];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** The span of the calls if it is at least `spanMsMin` long, otherwise how long it is. */
export function spanAtLeast(
  dataset: Dataset,
  spanMsMin: number,
): { ok: true; span: Span; told?: never } | { ok: false; told: string; span?: never } {
  const span = spanOf(dataset);
  if (span === undefined) return { ok: false, told: 'no call has a time' };
  if (span.toMs - span.fromMs >= spanMsMin) return { ok: true, span };
  return { ok: false, told: `the calls span ${tellSpan(span)}` };
}

/** Why hours of the day can't be told by these fields, and what they would need; undefined where they can. */
export function hoursUnknown(dataset: Dataset, needed: readonly Field[]): NotComputable | undefined {
  const missing = missingFields(dataset, needed);
  if (missing !== undefined) return missing;
  if (!dataset.timeOfDay) return notComputable('Times are dates alone.', 'times such as 2026-10-01T09:30:00Z');
  const hoursMin = bounds.hourlySpanHoursMin;
  const { ok, told } = spanAtLeast(dataset, hoursMin * hourMs);
  if (ok) return undefined;
  return notComputable(
    `Hours of the day need ${hoursMin} hours of calls, so that each is seen twice; ${told}.`,
    `calls over at least ${hoursMin} hours`,
  );
}
