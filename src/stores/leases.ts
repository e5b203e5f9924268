/** Which nodes live, on the clock of the store that keeps it (S7). One lease per node, never per user or run. */
import { limits } from '../core/limits.ts';

export class Leases {
  readonly #until = new Map<string, number>();

  /** Renews, or joins. False when the lease had run out meanwhile; it is renewed all the same. */
  renew(node: string, now: number): boolean {
    const until = this.#until.get(node);
    this.#until.set(node, now + limits.leaseTtlMs);
    return until === undefined || now < until;
  }

  lives(node: string, now: number): boolean {
    const until = this.#until.get(node);
    return until !== undefined && now < until;
  }

  living(now: number): readonly string[] {
    return [...this.#until.keys()].filter((node) => this.lives(node, now));
  }

  end(node: string): void {
    this.#until.delete(node);
  }
}
