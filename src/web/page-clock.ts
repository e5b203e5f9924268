/**
 * The server's time as the page tells it.
 *
 * PC1  While nothing is heard of the server it stands still: whether a step still runs is not known then.
 */
import type { Connection } from '../client/connection.ts';

export class PageClock {
  readonly #connection: Pick<Connection, 'now' | 'status' | 'onChange'>;
  #stoodAt: number | undefined;

  constructor(connection: Pick<Connection, 'now' | 'status' | 'onChange'>) {
    this.#connection = connection;
    connection.onChange(() => this.#look());
    this.#look();
  }

  now(): number {
    return this.#stoodAt ?? this.#connection.now();
  }

  #look(): void {
    const { state } = this.#connection.status;
    if (state === 'waiting' || state === 'closed') this.#stoodAt ??= this.#connection.now();
    // A try that is under way has not reached it yet.
    else if (state !== 'connecting') this.#stoodAt = undefined;
  }
}
