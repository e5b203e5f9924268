/**
 * Where in a scrolled box its reader is, and what becomes of that when the content changes. It scrolls by no anchor of
 * the browser, as not all have one.
 *
 * RP1  Who is at the end stays there while the content grows: what comes is seen.
 * RP2  What is read from its beginning stays at the top, whatever comes above and below it, until its reader scrolls.
 * RP3  Who has scrolled away is left alone, until they are back at the end or ask for it.
 */

/** What of an element is needed. */
export type ScrolledBox = { scrollTop: number; readonly scrollHeight: number; readonly clientHeight: number };

/** How far below the beginning of the content something begins, in px. */
export type BeginsAt = () => number;

/** Nearer to the end than this counts as at it, in px: a finger or a wheel is not exact. */
const nearPx = 48;

/** Keeps one box where its reader is. */
export class ReadingPlace {
  readonly #box: ScrolledBox;
  /** What stays in view: the end, or what begins there. Nothing where the reader has scrolled away. */
  #held: 'end' | BeginsAt | undefined = 'end';
  #lastTop: number;

  constructor(box: ScrolledBox) {
    this.#box = box;
    this.#lastTop = box.scrollTop;
  }

  get isAtEnd(): boolean {
    return this.#endTop - this.#box.scrollTop < nearPx;
  }

  /** The box was scrolled, by its reader or by what came. */
  scrolled(): void {
    const { scrollTop } = this.#box;
    // The word of what was scrolled here may come when the content has another size already, and before that is known.
    if (typeof this.#held === 'function' && Math.abs(scrollTop - this.#lastTop) < 2) return;
    const stays =
      typeof this.#held === 'function'
        ? Math.abs(scrollTop - this.#topOf(this.#held)) < 2
        : // Content that grows also scrolls; only going up is somebody's wish to read.
          this.#held === 'end' && scrollTop >= this.#lastTop;
    this.#lastTop = scrollTop;
    if (!stays) this.#held = this.isAtEnd ? 'end' : undefined;
  }

  /** The content or the box has another size (RP1, RP2). */
  resized(): void {
    if (this.#held === undefined) return;
    this.#scrollTo(this.#held === 'end' ? this.#endTop : this.#topOf(this.#held));
  }

  toEnd(): void {
    this.#held = 'end';
    this.resized();
  }

  /** Shows from its beginning what has come under the eyes of who follows the end. */
  readFrom(beginsAt: BeginsAt): void {
    if (this.#held === 'end') this.open(beginsAt);
  }

  /** Shows from its beginning what the box is opened for, unless its reader has gone elsewhere meanwhile. */
  open(beginsAt: BeginsAt): void {
    if (this.#held === undefined) return;
    this.#held = beginsAt;
    this.resized();
  }

  get #endTop(): number {
    return Math.max(0, this.#box.scrollHeight - this.#box.clientHeight);
  }

  #topOf(beginsAt: BeginsAt): number {
    return Math.min(beginsAt(), this.#endTop);
  }

  #scrollTo(top: number): void {
    this.#box.scrollTop = top;
    this.#lastTop = this.#box.scrollTop;
  }
}
