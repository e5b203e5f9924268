/** What was counted, by what it is. */
export type Tally = Record<string, number>;

export function count(tally: Tally, what: string, times = 1): void {
  tally[what] = (tally[what] ?? 0) + times;
}

export function add(to: Tally, from: Readonly<Tally>): void {
  for (const [what, times] of Object.entries(from)) count(to, what, times);
}
