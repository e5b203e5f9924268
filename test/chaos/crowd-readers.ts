/**
 * The readers of one user while the server comes and goes, each with a log of its own:
 *
 *   steady     one connection for all the time, which also hears what is asked of its user
 *   restless   leaves after some events and goes on with its cursor in another connection, at times with an older one
 *   stream     server-sent events over plain HTTP, from the id of the last one
 *   run        a run's own stream, to its end
 *
 * Each user has the first, and the second or the third.
 */
import { join } from 'node:path';
import type { JournalEvent } from 'cantus';
import type { Connection, ConnectOptions, RemoteRun } from 'cantus/client';
import { sourceMessages } from '../../src/client/event-source.ts';
import { systemRandom } from '../../src/core/random.ts';
import { parseCursorText } from '../../src/protocol/cursor.ts';
import { pause } from './pause.ts';
import { ReaderLog } from './reader-log.ts';
import { count, type Tally } from './tally.ts';
import type { Verdict } from './verdict.ts';

type Cursor = Exclude<ConnectOptions['after'], 'start' | undefined>;

export type ReadersOf = {
  readonly user: string;
  readonly url: string;
  readonly token: string;
  /** Where the logs are. */
  readonly folder: string;
  readonly verdict: Verdict;
  readonly tally: Tally;
  /** Over plain HTTP beside the steady one, instead of restlessly. */
  readonly streams: boolean;
  connect(after: ConnectOptions['after']): Connection;
};

export class CrowdReaders {
  readonly steady: Connection;
  /** Events that the steady reader got. */
  heard = 0;
  readonly #of: ReadersOf;
  #restless: Connection | undefined;
  #streamed = 0;
  #runLogs = 0;
  readonly #leaving = new AbortController();

  constructor(of: ReadersOf) {
    this.#of = of;
    this.steady = of.connect('start');
  }

  /** Places that the readers of all that happens to the user have reached. */
  get places(): readonly number[] {
    const other = this.#of.streams ? this.#streamed : this.#restless?.cursor?.userSeq;
    return [this.steady.cursor?.userSeq ?? 0, other ?? 0];
  }

  close(): void {
    this.#leaving.abort();
    this.steady.close();
    this.#restless?.close();
  }

  get #isOver(): boolean {
    return this.#leaving.signal.aborted;
  }

  #log(name: string, run?: string): ReaderLog {
    const { user, folder } = this.#of;
    return new ReaderLog(join(folder, `${user}.${name}.read`), run === undefined ? { user } : { user, run });
  }

  async readSteadily(take: (event: JournalEvent) => void): Promise<void> {
    const log = this.#log('steady');
    for await (const item of this.steady.events()) {
      if (item.type === 'stream.snapshot') this.#begunAnew('the steady reader', item.reason);
      else if (item.type !== 'stream.caughtUp') {
        log.write(item);
        this.heard += 1;
        take(item);
      }
    }
    log.flush();
  }

  readOtherwise(): Promise<void> {
    return this.#of.streams ? this.#readStream() : this.#readRestlessly();
  }

  async #readRestlessly(): Promise<void> {
    const log = this.#log('restless');
    const cursors: Cursor[] = [];
    for (let after: ConnectOptions['after'] = 'start'; !this.#isOver;) {
      const connection = this.#of.connect(after);
      this.#restless = connection;
      let left = 1 + Math.floor(systemRandom.next() ** 2 * 600);
      for await (const item of connection.events()) {
        if (item.type === 'stream.snapshot') this.#begunAnew('the restless reader', item.reason);
        else if (item.type !== 'stream.caughtUp') log.write(item);
        if (--left <= 0) break;
      }
      after = connection.cursor ?? after;
      connection.close();
      count(this.#of.tally, 'readers that left and came back');
      if (after === 'start' || this.#isOver) continue;
      cursors.push(after);
      if (systemRandom.next() < 0.3) after = this.#older(cursors, log) ?? after;
    }
    log.flush();
  }

  /** One of the last few cursors: what came since will be read again. */
  #older(cursors: Cursor[], log: ReaderLog): Cursor | undefined {
    const kept = cursors.splice(-4);
    const older = kept[Math.floor(systemRandom.next() * kept.length)];
    if (older === undefined) return undefined;
    log.wentBack(older.userSeq);
    count(this.#of.tally, 'readers that came back with an old cursor');
    return older;
  }

  async #readStream(): Promise<void> {
    const { url, token, tally, verdict } = this.#of;
    const log = this.#log('stream');
    for (let place = 'start'; !this.#isOver;) {
      const leave = new AbortController();
      const signal = AbortSignal.any([leave.signal, this.#leaving.signal]);
      let left = 1 + Math.floor(systemRandom.next() ** 2 * 600);
      try {
        const headers = { accept: 'text/event-stream', authorization: `Bearer ${token}`, 'last-event-id': place };
        const response = await fetch(`${url}/v1/events/stream`, { headers, signal });
        if (!response.ok || response.body === null) throw new Error(`answered with ${response.status}`);
        for await (const { id, event, data } of sourceMessages(response.body)) {
          if (event === 'snapshot')
            verdict.wrong('refused', `the stream of ${this.#of.user} was to begin anew: ${data}`);
          if (event === 'message') log.write(JSON.parse(data) as JournalEvent);
          if (id !== undefined && event !== 'bye') place = id;
          if (place !== 'start') this.#streamed = parseCursorText(place).userSeq;
          if (--left <= 0) break;
        }
      } catch {
        count(tally, 'event streams that broke');
      }
      leave.abort();
      await pause(200 + systemRandom.next() * 400);
    }
    log.flush();
  }

  /** Reads the stream of a run to its end; resolves early where nobody insists any more. */
  async readRun(handle: Pick<RemoteRun, 'id' | 'events'>, insist: Insist): Promise<void> {
    const log = this.#log(`${++this.#runLogs}.run`, handle.id);
    let seq = 0;
    let ended = false;
    await insist('runs read', async () => {
      for await (const event of handle.events({ after: seq, signal: this.#leaving.signal })) {
        if (event.seq !== ++seq)
          this.#of.verdict.wrong('refused', `the stream of ${handle.id} told ${event.seq} behind ${seq - 1}`);
        log.write(event);
        ended = /^run\.(completed|degraded|failed|cancelled)$/.test(event.type);
      }
    });
    if (ended) log.end();
    log.flush();
  }

  #begunAnew(who: string, reason: string): void {
    this.#of.verdict.wrong('refused', `${who} of ${this.#of.user} was to begin anew: ${reason}`);
  }
}

/** Asks until it is answered. */
export type Insist = <T>(what: string, ask: () => Promise<T>) => Promise<T | undefined>;
