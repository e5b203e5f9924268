/**
 * What was found wrong: how often, by kind, and the first few in words.
 *
 * CHV1  Each thing that is wrong is counted under one kind, and the words of the first few of each kind are kept: a flood
 *      of one never hides another.
 */

/** Each kind of wrong, with what it means. */
export const wrongKinds = {
  lost: 'events of the journal that a reader never got',
  duplicated: 'events that a reader got again, or behind a later one',
  altered: 'events that a reader got otherwise than they are in the journal',
  foreign: "events, texts or answers with another user's ids or words in them",
  repeated: 'completed paths that were begun or reached for again',
  twice: 'things done twice that may be done once, and keys that started two runs',
  stuck: 'runs that were asked for and have no end',
  terminal: 'runs with a second terminal event, or with anything behind the first',
  outcome: 'runs that ended otherwise than their programs say',
  unasked: 'runs that nobody asked for',
  'no progress': 'runs that the engine gave up for want of progress',
  unreadable: 'runs whose events are no history of a run',
  refused: 'answers that no user should have got',
  server: 'servers that said that something is wrong with them, or did not stop well',
} as const;

export type WrongKind = keyof typeof wrongKinds;

const wordsKept = 10;

export class Verdict {
  readonly counts = Object.fromEntries(Object.keys(wrongKinds).map((kind) => [kind, 0])) as Record<WrongKind, number>;
  readonly #words = new Map<WrongKind, string[]>();

  wrong(kind: WrongKind, words: string, times = 1): void {
    this.counts[kind] += times;
    const kept = this.#words.get(kind) ?? [];
    this.#words.set(kind, kept);
    if (kept.length < wordsKept) kept.push(`${kind}: ${words}`);
  }

  /** Takes over what another process found. */
  take({ counts, words }: Told): void {
    for (const [kind, times] of Object.entries(counts)) this.counts[kind as WrongKind] += times;
    for (const line of words) {
      const kind = line.slice(0, line.indexOf(':')) as WrongKind;
      this.#words.set(kind, [...(this.#words.get(kind) ?? []), line]);
    }
  }

  told(): Told {
    return { counts: this.counts, words: this.words };
  }

  /** The first few of each kind. */
  get words(): readonly string[] {
    return [...this.#words.values()].flat();
  }
}

/** A verdict on its way between processes. */
export type Told = { readonly counts: Readonly<Record<WrongKind, number>>; readonly words: readonly string[] };
