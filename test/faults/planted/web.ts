/** Mistakes planted in `src/web/`. */
import type { Fault } from '../fault.ts';

export const webFaults: readonly Fault[] = [
  {
    name: 'the timeline draws the pause before a retry as work',
    file: 'src/web/timeline.ts',
    find: "tape.open = { kind: 'queue', from: event.at, attempt: attempt + 1",
    replace: "tape.open = { kind: 'work', from: event.at, attempt: attempt + 1",
    test: {
      file: 'src/web/timeline.test.ts',
      name: 'gives each failed attempt a stretch of its own, and draws the pause before the next apart (TL2)',
    },
  },
  {
    name: 'the timeline lets a clock that is behind draw backwards',
    file: 'src/web/timeline.ts',
    find: 'Math.max(now, run.at), from + 1)',
    replace: 'now, from + 1)',
    test: {
      file: 'src/web/timeline.test.ts',
      name: 'lets what is open grow to now, and what has ended stand still (TL3)',
    },
  },
  {
    name: 'announcements say pieces of sentences',
    file: 'src/web/announcements.ts',
    find: "if (rest.length <= sentenceCharsMax) return { text: '', said };",
    replace: 'if (rest.length <= sentenceCharsMax) return { text: spoken(rest), said: text.length };',
    test: { file: 'src/web/announcements.test.ts', name: 'says whole sentences, never pieces of one (AC1)' },
  },
  {
    name: 'bars begin at the smallest value',
    file: 'src/web/chart-scale.ts',
    find: "const low = Math.min(...finite, form === 'bars' ? 0 : Infinity);",
    replace: 'const low = Math.min(...finite);',
    test: { file: 'src/web/chart-scale.test.ts', name: 'begins bars at zero, or their lengths would lie' },
  },
  {
    name: 'a question is sent again with another key',
    file: 'src/web/outbox.ts',
    find: '    this.#change(key, { error: undefined });\n    return this.#start(outgoing);',
    replace:
      '    this.#change(key, { error: undefined });\n    return this.#start({ ...outgoing, key: this.#random.id() });',
    test: {
      file: 'src/web/outbox.test.ts',
      name: 'sends again with the key of the first try, so that it starts once (OB1)',
    },
  },
  {
    name: 'a link of an agent runs a script',
    file: 'src/web/safe-address.ts',
    find: 'return allowed.has(url.protocol) ? url.href : undefined;',
    replace: "return url.protocol === 'file:' ? undefined : url.href;",
    test: {
      file: 'src/web/safe-address.test.ts',
      name: 'refuses what would run, read a file or go somewhere in the page',
    },
  },
  {
    name: 'a mark that leads nowhere is a link',
    file: 'src/web/source-marks.ts',
    find: 'mark !== undefined && sources.has(Number(mark))',
    replace: 'mark !== undefined',
    test: {
      file: 'src/web/source-marks.test.ts',
      name: 'makes links of the marks that lead somewhere, and of no others (MK1)',
    },
  },
  {
    name: 'a question goes without its refused file',
    file: 'src/web/option-values.ts',
    find: 'if (refused !== undefined) return `',
    replace: 'if (refused !== undefined && refused.bytes < 0) return `',
    test: { file: 'src/web/option-values.test.ts', name: 'asks nothing while a chosen file is refused or on its way' },
  },
  {
    name: 'a refused question is lost',
    file: 'src/web/outbox.ts',
    find: '      this.#giveBack(sent);',
    replace: '      void sent;',
    test: {
      file: 'src/web/outbox.test.ts',
      name: 'gives back what was refused for what it says to where it was written (OB3)',
    },
  },
  {
    name: 'what is given back has lost its reason',
    file: 'src/web/drafts.ts',
    find: 'workflow, refused: back.refused });',
    replace: 'workflow, refused: undefined });',
    test: {
      file: 'src/web/drafts.test.ts',
      name: 'gives back the words, the file and the reason to where they were written (DF1)',
    },
  },
  {
    name: 'what is given back writes over what stands there',
    file: 'src/web/drafts.ts',
    find: '[back.text, now.text]',
    replace: '[back.text]',
    test: { file: 'src/web/drafts.test.ts', name: 'keeps what stands there by now, behind what comes back (DF2)' },
  },
  {
    name: "the page's clock runs while the server is away",
    file: 'src/web/page-clock.ts',
    find: "else if (state !== 'connecting')",
    replace: 'else',
    test: {
      file: 'src/web/page-clock.test.ts',
      name: 'stands still from when the server is away until it is heard of again (PC1)',
    },
  },
  {
    name: 'what is read is left behind when something comes above it',
    file: 'src/web/reading-place.ts',
    find: "this.#held === 'end' ? this.#endTop : this.#topOf(this.#held)",
    replace: 'this.#endTop',
    test: {
      file: 'src/web/reading-place.test.ts',
      name: 'stays at the beginning of what it was opened for, whatever comes above and below it (RP2)',
    },
  },
  {
    name: 'the page takes its own scrolling for that of its reader',
    file: 'src/web/reading-place.ts',
    find: "if (typeof this.#held === 'function' && Math.abs(scrollTop - this.#lastTop) < 2) return;",
    replace: '',
    test: {
      file: 'src/web/reading-place.test.ts',
      name: "takes the late word of its own scrolling for nobody's wish, though the content has grown since (RP2)",
    },
  },
  {
    name: 'an answer takes the place of another one that is being read',
    file: 'src/web/reading-place.ts',
    find: "if (this.#held === 'end') this.open(beginsAt);",
    replace: 'this.open(beginsAt);',
    test: { file: 'src/web/reading-place.test.ts', name: 'shows what has come only to who follows the end (RP2)' },
  },
  {
    name: 'a reader who has scrolled away is fetched back',
    file: 'src/web/reading-place.ts',
    find: "if (!stays) this.#held = this.isAtEnd ? 'end' : undefined;",
    replace: "if (!stays && this.isAtEnd) this.#held = 'end';",
    test: {
      file: 'src/web/reading-place.test.ts',
      name: 'lets the reader scroll away from it, either way, and then leaves them alone (RP2, RP3)',
    },
  },
];
