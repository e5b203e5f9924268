/** What a reader got, as lines in a file: place and digest of each event, in the order in which they came. */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { JournalEvent } from 'cantus';
import { canonicalJson, toJson } from '../../src/core/json.ts';

const linesHeld = 2_000;

export class ReaderLog {
  readonly #path: string;
  #lines: string[] = [];

  constructor(path: string) {
    this.#path = path;
    writeFileSync(path, '');
  }

  write(event: JournalEvent): void {
    this.#lines.push(`${event.userSeq} ${digestOf(event)}\n`);
    if (this.#lines.length >= linesHeld) this.flush();
  }

  flush(): void {
    appendFileSync(this.#path, this.#lines.join(''));
    this.#lines = [];
  }
}

/** Two events are the same exactly if all that is in them is. */
export function digestOf(event: JournalEvent): string {
  return createHash('sha1')
    .update(canonicalJson(toJson(event, 'an event')))
    .digest('base64url')
    .slice(0, 16);
}

export type ReadLine = { readonly userSeq: number; readonly digest: string };

export function* readReaderLog(path: string): Generator<ReadLine> {
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    const [userSeq = '', digest = ''] = line.split(' ');
    yield { userSeq: Number(userSeq), digest };
  }
}
