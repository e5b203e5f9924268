/** What one reader got, against what is in the journal of its user (CH1). */
import type { ReaderHead, ReadLine } from './reader-log.ts';
import { count, type Tally } from './tally.ts';
import type { Verdict } from './verdict.ts';

/** A user's stream as the journal has it: the digest of each event by its place; undefined where none is any more. */
export type AuditedStream = {
  readonly digests: readonly (string | undefined)[];
  /** Events of a run, if it is still in the journal. */
  eventsOf(run: string): number | undefined;
};

export type ReaderToAudit = { readonly name: string; readonly head: ReaderHead; readonly lines: Iterable<ReadLine> };

/** Compares a reader's log with the stream it was of. */
export function auditReader(reader: ReaderToAudit, stream: AuditedStream, verdict: Verdict, tally: Tally): void {
  count(tally, 'readers');
  new ReaderAudit(reader, stream, verdict, tally).all();
}

class ReaderAudit {
  readonly #reader: ReaderToAudit;
  readonly #stream: AuditedStream;
  readonly #verdict: Verdict;
  readonly #tally: Tally;
  #at = 0;
  #got = 0;
  #ended = false;

  constructor(reader: ReaderToAudit, stream: AuditedStream, verdict: Verdict, tally: Tally) {
    this.#reader = reader;
    this.#stream = stream;
    this.#verdict = verdict;
    this.#tally = tally;
  }

  all(): void {
    for (const line of this.#reader.lines) {
      if (line.kind === 'event') this.#take(line);
      else if (line.kind === 'back') this.#at = line.userSeq;
      else this.#ended = true;
    }
    const { run } = this.#reader.head;
    if (run === undefined) this.#checkPassed(this.#stream.digests.length);
    else this.#checkRun(run);
  }

  #take({ userSeq, digest, others }: Extract<ReadLine, { readonly kind: 'event' }>): void {
    const { name, head } = this.#reader;
    count(this.#tally, 'events delivered');
    if (others !== '') this.#verdict.wrong('foreign', `${name} of ${head.user} got ${userSeq} of ${others} (CH4)`);
    if (userSeq <= this.#at) {
      this.#verdict.wrong('duplicated', `${name} got ${userSeq} behind ${this.#at} (CH1)`);
      return;
    }
    if (head.run === undefined) this.#checkPassed(userSeq);
    this.#at = userSeq;
    const wanted = this.#stream.digests[userSeq];
    if (wanted === undefined) {
      if (userSeq >= this.#stream.digests.length)
        this.#verdict.wrong('altered', `${name} got ${userSeq}, where the journal has come to no end yet (CH1)`);
      return;
    }
    this.#got += 1;
    count(this.#tally, 'events compared');
    if (wanted !== digest) this.#verdict.wrong('altered', `${name} got another event at ${userSeq} (CH1)`);
  }

  /** Everything from where it is to before `userSeq` is no longer in the journal, or was lost. */
  #checkPassed(userSeq: number): void {
    for (let passed = this.#at + 1; passed < userSeq; passed++)
      if (this.#stream.digests[passed] !== undefined)
        this.#verdict.wrong('lost', `${this.#reader.name} never got ${passed} (CH1)`);
  }

  #checkRun(run: string): void {
    const all = this.#stream.eventsOf(run);
    if (!this.#ended || all === undefined || this.#got === all) return;
    this.#verdict.wrong('lost', `${this.#reader.name} got ${this.#got} of the ${all} events of ${run} (CH1)`);
  }
}
