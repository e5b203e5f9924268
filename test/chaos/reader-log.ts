/**
 * What a reader got, as lines in a file, in the order in which it came.
 *
 *     {"user":"user-1"}         its head: whose events it reads, and of which run if of one
 *     17 Zm9vYmFyYmF6          place and digest of an event
 *     17 Zm9vYmFyYmF6 user-2   the same, with what in it is of another user
 *     < 9                      by its own wish it goes on behind place 9 again
 *     .                        it came to the end of what it was to read
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { JournalEvent } from 'cantus';
import { canonicalJson, toJson } from '../../src/core/json.ts';
import { canariesIn } from './canary.ts';

const linesHeld = 2_000;

/** Whose events are read, and of which run if of one. */
export type ReaderHead = { readonly user: string; readonly run?: string };

export class ReaderLog {
  readonly #path: string;
  readonly #user: string;
  #lines: string[] = [];

  constructor(path: string, head: ReaderHead) {
    this.#path = path;
    this.#user = head.user;
    writeFileSync(path, `${JSON.stringify(head)}\n`);
  }

  write(event: JournalEvent): void {
    const text = canonicalJson(toJson(event, 'an event'));
    const others = new Set([event.user, ...canariesIn(text)]);
    others.delete(this.#user);
    this.#line([event.userSeq, digestOfText(text), ...(others.size === 0 ? [] : [[...others].join(',')])].join(' '));
  }

  wentBack(userSeq: number): void {
    this.#line(`< ${userSeq}`);
  }

  end(): void {
    this.#line('.');
  }

  #line(line: string): void {
    this.#lines.push(`${line}\n`);
    if (this.#lines.length >= linesHeld) this.flush();
  }

  flush(): void {
    appendFileSync(this.#path, this.#lines.join(''));
    this.#lines = [];
  }
}

function digestOfText(text: string): string {
  return createHash('sha1').update(text).digest('base64url').slice(0, 16);
}

/** Two events are the same exactly if all that is in them is. */
export function digestOf(event: JournalEvent): string {
  return digestOfText(canonicalJson(toJson(event, 'an event')));
}

export type ReadLine =
  | { readonly kind: 'event'; readonly userSeq: number; readonly digest: string; readonly others: string }
  | { readonly kind: 'back'; readonly userSeq: number }
  | { readonly kind: 'end' };

/** A log: its head, and its lines one after the other. */
export function readReaderLog(path: string): { readonly head: ReaderHead; lines(): Generator<ReadLine> } {
  const text = readFileSync(path, 'utf8');
  const headEnd = text.indexOf('\n');
  return {
    head: JSON.parse(text.slice(0, headEnd)) as ReaderHead,
    *lines() {
      for (let from = headEnd + 1; from < text.length;) {
        const to = text.indexOf('\n', from);
        yield parseLine(text.slice(from, to));
        from = to + 1;
      }
    },
  };
}

function parseLine(line: string): ReadLine {
  if (line === '.') return { kind: 'end' };
  const [first = '', second = '', others = ''] = line.split(' ');
  if (first === '<') return { kind: 'back', userSeq: Number(second) };
  return { kind: 'event', userSeq: Number(first), digest: second, others };
}
