/**
 * Group commit: one flush at a time, and the next takes whatever came in meanwhile.
 *
 * W1  A flush begins on the next turn, so that what one turn produces is one commit.
 * W2  It is filled round robin by user under a byte cap, so that one user's burst can't hold up the others.
 * W3  What is told to be durable is: waiters resolve only after the store's append has resolved.
 * W4  A user who is fenced, or whose part can't be written at all, is let go; the others' parts of the same batch
 *     stand (P5).
 * W5  When an append fails it is tried again, after asking the store whether it had been written all the same.
 *     When it goes on failing the node lets go of all its users: nothing is told to be durable that is not.
 */
import { BugError } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import { EngineError, FencedError, StoreError, toErrorInfo } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Log } from '../core/log.ts';
import { ownerKey } from '../core/principal.ts';
import type { Store, UserBatch } from '../journal/store.ts';
import type { UserStream } from './user-stream.ts';

type Part = { readonly stream: UserStream; readonly batch: UserBatch };

export type WriterParts = {
  readonly node: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** A user was lost to another node. */
  readonly onFenced: (stream: UserStream) => void;
  /** The store can't be written any more. */
  readonly onFailed: (error: EngineError) => void;
};

export class Writer {
  readonly #parts: WriterParts;
  #dirty: UserStream[] = [];
  #busy = false;
  #idle: (() => void)[] = [];

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** The stream has something to write. */
  readonly wake = (stream: UserStream): void => {
    this.#dirty.push(stream);
    if (this.#busy) return;
    this.#busy = true;
    this.#parts.clock.soon(() => void this.#flush());
  };

  /** Resolves when nothing is waiting to be written. */
  idle(): Promise<void> {
    return this.#busy ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  async #flush(): Promise<void> {
    await this.#append(this.#takeParts());
    if (this.#dirty.length > 0) {
      // A turn between two flushes: what continues from the one just made durable goes into the next.
      this.#parts.clock.soon(() => void this.#flush());
      return;
    }
    this.#busy = false;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }

  #takeParts(): Part[] {
    const streams = this.#dirty;
    this.#dirty = [];
    const parts: Part[] = [];
    const share = Math.max(1, Math.floor(limits.flushBytesMax / streams.length));
    for (const stream of streams) {
      if (stream.gone !== undefined || stream.pendingBytes === 0) continue;
      try {
        parts.push({ stream, batch: stream.nextBatch(share) });
        if (stream.pendingBytes > 0) this.#dirty.push(stream);
      } catch (thrown) {
        // A bug in what one user was told ends that user's work here, and nobody else's (W4).
        this.#lose(stream, EngineError.is(thrown) ? thrown : new BugError(toErrorInfo(thrown).message));
      }
    }
    return parts;
  }

  async #append(parts: readonly Part[]): Promise<void> {
    let open = parts;
    for (let attempt = 1; open.length > 0; attempt++) {
      try {
        const { fenced } = await this.#parts.store.append(open.map(({ batch }) => batch));
        return this.#settle(open, fenced);
      } catch (thrown) {
        const error = EngineError.is(thrown)
          ? thrown
          : new StoreError('store_failed', toErrorInfo(thrown).message, { cause: thrown });
        this.#parts.log.error('append failed', { attempt, code: error.code, users: open.length });
        if (error.code === 'bug') return this.#appendEach(open, error);
        if (attempt >= limits.appendAttemptsMax) return this.#parts.onFailed(error);
        await this.#sleep(limits.appendRetryMs * 2 ** (attempt - 1));
        open = await this.#unwritten(open);
      }
    }
  }

  /** Something in these parts can't be written, whatever the store does: who is at fault is lost alone (W4). */
  async #appendEach(parts: readonly Part[], error: EngineError): Promise<void> {
    const [only, ...others] = parts;
    if (only !== undefined && others.length === 0) return this.#lose(only.stream, error);
    for (const part of parts) if (part.stream.gone === undefined) await this.#append([part]);
  }

  #settle(parts: readonly Part[], fenced: readonly { readonly tenant: string; readonly user: string }[]): void {
    const lost = new Set(fenced.map(({ tenant, user }) => ownerKey(tenant, user)));
    for (const { stream, batch } of parts) {
      if (lost.has(stream.key)) this.#lose(stream);
      else stream.committed(batch.expectedUserSeq + batch.events.length);
    }
  }

  #lose(stream: UserStream, why: EngineError = new FencedError()): void {
    stream.letGo(why);
    this.#parts.onFenced(stream);
  }

  /** Which parts are still to be written after an append that failed: it may have been written before it failed. */
  async #unwritten(parts: readonly Part[]): Promise<readonly Part[]> {
    const open: Part[] = [];
    for (const part of parts) {
      const { stream, batch } = part;
      try {
        const now = await this.#parts.store.own(this.#parts.node, stream.tenant, stream.user);
        if (!now.owned || now.epoch !== stream.epoch) {
          this.#lose(stream);
          // Claimed anew by the question alone: whoever takes over next goes on with it.
          if (now.owned) await this.#parts.store.release(this.#parts.node, [stream]);
        } else if (now.head.userSeq === batch.expectedUserSeq) open.push(part);
        else stream.committed(batch.expectedUserSeq + batch.events.length);
      } catch {
        open.push(part);
      }
    }
    return open;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#parts.clock.after(ms, resolve));
  }
}
