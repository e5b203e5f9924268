/**
 * Where a chart's values are drawn. Bars begin at zero, or their lengths would lie; a line shows its own range, and zero
 * when that is near.
 */

export type Scale = {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
};

/** A range with round marks that holds all values. An empty or flat chart still has a range to draw in. */
export function scaleOf(values: readonly number[], form: 'bars' | 'line', marks = 4): Scale {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite, form === 'bars' ? 0 : Infinity);
  const high = Math.max(...finite, form === 'bars' ? 0 : -Infinity);
  if (finite.length === 0 || low === high) return flat(finite[0] ?? 0);
  // A line far from zero may leave it out; one that is near would make a small change look large.
  const from = form === 'line' && low > 0 && low < (high - low) * 2 ? 0 : low;
  const step = roundUp((high - from) / marks);
  const min = Math.floor(from / step + 1e-9) * step + 0;
  // Adding 0 makes a 0 of -0.
  const max = Math.ceil(high / step - 1e-9) * step + 0;
  const count = Math.round((max - min) / step);
  return { min, max, ticks: Array.from({ length: count + 1 }, (_, index) => min + index * step) };
}

function flat(value: number): Scale {
  if (value === 0) return { min: 0, max: 1, ticks: [0, 1] };
  return value > 0 ? { min: 0, max: value, ticks: [0, value] } : { min: value, max: 0, ticks: [value, 0] };
}

/** The next of 1, 2, 2.5, 5 and 10 times a power of ten. */
function roundUp(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const times = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10;
  return times * power;
}

/** A value's place between the ends of the scale: 0 to 1. */
export function placeOf(value: number, { min, max }: Scale): number {
  return Number.isFinite(value) ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0;
}

/** A mark in a few characters: `12`, `1.5k`, `2M`. */
export function tellMark(value: number): string {
  const size = Math.abs(value);
  const [per, unit] = size >= 1e9 ? [1e9, 'G'] : size >= 1e6 ? [1e6, 'M'] : size >= 1e3 ? [1e3, 'k'] : [1, ''];
  return `${Number((value / per).toPrecision(3))}${unit}`;
}
