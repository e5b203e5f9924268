/** A text made of words of another one, which knows the place of each in that. */
import type { Words } from './lexer.ts';

export class ShortText {
  readonly #words: Words;
  #text = '';
  /** Of each piece: where it starts here, and its first and last word there. */
  readonly #pieces: number[] = [];

  constructor(words: Words) {
    this.#words = words;
  }

  get text(): string {
    return this.#text;
  }

  /** Adds a piece that stands for the words from `first` to `last`, behind a `lead` of space. */
  add(first: number, last: number, written: string, lead: string): void {
    this.#pieces.push(this.#text.length + lead.length, first, last);
    this.#text += lead + written;
  }

  /** The place there of the piece that is at `offset` here. */
  startOf(offset: number): number {
    return this.#words.start(this.#pieces[this.#at(offset) + 1] ?? 0);
  }

  /** The same of the end of a piece. */
  endOf(offset: number): number {
    return this.#words.end(this.#pieces[this.#at(offset - 1) + 2] ?? 0);
  }

  #at(offset: number): number {
    let low = 0;
    let high = this.#pieces.length / 3;
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if ((this.#pieces[middle * 3] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low * 3;
  }
}
