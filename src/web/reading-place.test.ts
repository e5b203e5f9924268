import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReadingPlace, type ScrolledBox } from './reading-place.ts';

/** A box of 100 px over content of this height; like a browser it scrolls no further than there is something. */
class Box implements ScrolledBox {
  readonly clientHeight = 100;
  #height: number;
  #top = 0;

  constructor(height: number) {
    this.#height = height;
  }

  get scrollHeight(): number {
    return this.#height;
  }

  set scrollHeight(height: number) {
    this.#height = height;
    this.scrollTop = this.#top;
  }

  get scrollTop(): number {
    return this.#top;
  }

  set scrollTop(top: number) {
    this.#top = Math.min(Math.max(0, top), Math.max(0, this.#height - this.clientHeight));
  }
}

function opened(height: number): {
  readonly box: Box;
  readonly place: ReadingPlace;
  readonly grow: (by: number) => void;
} {
  const box = new Box(height);
  const place = new ReadingPlace(box);
  place.resized();
  const grow = (by: number): void => {
    box.scrollHeight += by;
    place.resized();
    place.scrolled();
  };
  return { box, place, grow };
}

/** What a wheel or a finger does. */
function scrollTo(box: Box, place: ReadingPlace, top: number): void {
  box.scrollTop = top;
  place.scrolled();
}

describe('where a reader is', () => {
  it('stays at the end while the content grows (RP1)', () => {
    const { box, grow } = opened(300);
    grow(50);
    grow(50);
    assert.equal(box.scrollTop, 300);
  });

  it('stays at the beginning of what it was opened for, whatever comes above and below it (RP2)', () => {
    const { box, place, grow } = opened(120);
    let begins = 60;
    place.open(() => begins);
    assert.equal(box.scrollTop, 20, 'there is not more to scroll yet');
    place.scrolled();
    grow(500);
    assert.equal(box.scrollTop, 60);
    begins = 360;
    grow(300);
    assert.equal(box.scrollTop, 360);
    assert.equal(place.isAtEnd, false);
  });

  it("takes the late word of its own scrolling for nobody's wish, though the content has grown since (RP2)", () => {
    const { box, place } = opened(1_000);
    let begins = 200;
    place.open(() => begins);
    begins = 500;
    box.scrollHeight += 300;
    place.scrolled();
    place.resized();
    assert.equal(box.scrollTop, 500);
    begins = 900;
    // As slow as a finger can be.
    for (let top = 501; top < 510; top++) scrollTo(box, place, top);
    place.resized();
    assert.equal(box.scrollTop, 509);
  });

  it('lets the reader scroll away from it, either way, and then leaves them alone (RP2, RP3)', () => {
    for (const top of [140, 260]) {
      const { box, place, grow } = opened(1_000);
      place.open(() => 200);
      place.scrolled();
      scrollTo(box, place, top);
      grow(400);
      place.open(() => 500);
      assert.equal(box.scrollTop, top);
    }
  });

  it('follows the end again for who has come back to it (RP1, RP3)', () => {
    const { box, place, grow } = opened(1_000);
    scrollTo(box, place, 300);
    grow(100);
    assert.equal(box.scrollTop, 300);
    scrollTo(box, place, 990);
    grow(100);
    assert.equal(box.scrollTop, 1_100);
    scrollTo(box, place, 0);
    place.toEnd();
    grow(100);
    assert.equal(box.scrollTop, 1_200);
  });

  it('shows what has come only to who follows the end (RP2)', () => {
    const { box, place } = opened(1_000);
    place.readFrom(() => 700);
    assert.equal(box.scrollTop, 700);
    place.readFrom(() => 800);
    assert.equal(box.scrollTop, 700, 'the first is being read');
  });
});
