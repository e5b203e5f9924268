/** What a user holds of a run: watch it, wait for its end, speak to it. */
import { ConflictError, NotFoundError, ValidationError } from '../core/errors.ts';
import { toJson, type Json } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import { isTerminal, type Doubt, type JournalEvent } from '../journal/event.ts';
import { isEnded, type RunRow } from '../journal/run-row.ts';
import { outcomeOf, type Outcome, type RunState } from '../journal/run-state.ts';
import type { Command } from './commands.ts';
import {
  parseAfter,
  parseDecision,
  parseId,
  parseOptionalId,
  parseOptions,
  parseReason,
  parseVerdict,
} from './door-input.ts';
import { tellOwner } from './inbox.ts';
import type { EngineNode } from './node.ts';

/** A run of one user. It works the same for a run that is under way here, elsewhere, or ended long ago. */
export interface RunHandle<Output = Json> {
  readonly id: string;
  /** The run's events behind `after` (a seq of the run), then what comes, until its end. */
  events(options?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<JournalEvent>;
  /** How it ended. Waits for the end; of a run that goes on as another one, for the end of the last. */
  result(): Promise<Outcome<Output>>;
  /** Ends it, or the run that it goes on as. Resolves when the wish is durable; `result` tells when it is over. */
  cancel(reason?: string): Promise<void>;
  /** Tells it something that a `ctx.wait` waits for. The same key is taken once. */
  signal(name: string, value?: unknown, options?: { readonly key?: string }): Promise<void>;
  /** Says what became of a call in doubt. `output` is its result, if it happened. */
  decide(path: string, decision: Doubt, output?: unknown): Promise<void>;
  /**
   * Decides the approval that it waits for at `path`, yes or no. Throws `forbidden` when the principal of this handle
   * lacks the role that the approval names.
   */
  approve(path: string, verdict: { readonly approved: boolean; readonly note?: string }): Promise<void>;
  /** Its state as the journal tells it now. */
  state(): Promise<RunState>;
  /** What lists show of it, without reading its events. */
  row(): Promise<RunRow>;
}

export class UserRun<Output> implements RunHandle<Output> {
  readonly id: string;
  readonly #node: EngineNode;
  readonly #principal: Principal;

  constructor(node: EngineNode, principal: Principal, id: string) {
    this.#node = node;
    this.#principal = principal;
    this.id = id;
    Object.freeze(this);
  }

  async *events(given?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncGenerator<JournalEvent> {
    const { after: place, signal } = parseOptions(given, 'events');
    const after = parseAfter(place);
    const row = await this.row();
    const facts = { run: this.id, ...(signal === undefined ? {} : { signal }) };
    for await (const { events } of this.#node.feeds.frames(
      this.#principal.tenant,
      this.#principal.user,
      row.firstUserSeq - 1,
      facts,
    )) {
      for (const event of events) {
        if ((event.seq ?? 0) > after) yield event;
        if (isTerminal(event.type)) return;
      }
    }
  }

  async result(): Promise<Outcome<Output>> {
    const outcome = await this.#ownResult();
    return 'continuedAs' in outcome && outcome.continuedAs !== undefined
      ? this.#next(outcome.continuedAs).result()
      : outcome;
  }

  #next(id: string): UserRun<Output> {
    return new UserRun(this.#node, this.#principal, id);
  }

  async #ownResult(): Promise<Outcome<Output>> {
    const stream = this.#node.readOnly
      ? undefined
      : await this.#node.stream(this.#principal.tenant, this.#principal.user);
    const run = stream?.runs.get(this.id);
    const known = run?.ended ?? stream?.asleep.get(this.id)?.outcome;
    if (known !== undefined) return known as Promise<Outcome<Output>>;
    const row = await this.row();
    if (isEnded(row.status)) return this.#readOutcome(row.lastUserSeq - 1);
    for await (const event of this.events()) if (isTerminal(event.type)) return this.#outcome(event);
    throw new ConflictError('The engine was closed before the run ended.', { retryable: true });
  }

  async #readOutcome(after: number): Promise<Outcome<Output>> {
    const page = await this.#node.store.read(this.#principal.tenant, this.#principal.user, {
      after,
      run: this.id,
      limit: 1,
    });
    const event = page.events[0];
    if (event === undefined) throw new NotFoundError('run', this.id);
    return this.#outcome(event);
  }

  async #outcome(event: JournalEvent): Promise<Outcome<Output>> {
    const outcome = outcomeOf(event);
    if (outcome === undefined) throw new NotFoundError('run', this.id);
    if (!('output' in outcome)) return outcome;
    const output = await this.#node.value(this.#principal.tenant, this.#principal.user, outcome.output);
    return { ...outcome, output: output as Output };
  }

  async cancel(reason = 'the user cancelled it'): Promise<void> {
    await this.#tell({ kind: 'cancel', run: this.id, reason: parseReason(reason) });
    const { continuedAs } = await this.row();
    if (continuedAs !== undefined) await this.#next(continuedAs).cancel(reason);
  }

  async signal(given: string, value: unknown = null, options?: { readonly key?: string }): Promise<void> {
    const name = parseId(given, 'signal name');
    const key = parseOptionalId(parseOptions(options, 'a signal').key, 'key');
    const told = { run: this.id, name, value: toJson(value, `the signal "${name}"`) };
    await this.#tell({ kind: 'signal', ...told, ...(key === undefined ? {} : { key }) });
  }

  async decide(path: string, given: Doubt, output: unknown = null): Promise<void> {
    const decision = parseDecision(given);
    if (typeof path !== 'string') throw new ValidationError('A path is text, as the events of the run have it.');
    await this.#tell({ kind: 'decide', run: this.id, path, decision, output: toJson(output, 'the output') });
  }

  async approve(path: string, given: { readonly approved: boolean; readonly note?: string }): Promise<void> {
    const verdict = parseVerdict(given);
    if (typeof path !== 'string') throw new ValidationError('A path is text, as the events of the run have it.');
    await this.#tell({
      kind: 'approve',
      run: this.id,
      path,
      ...verdict,
      by: this.#principal.user,
      roles: this.#principal.roles,
    });
  }

  async state(): Promise<RunState> {
    const state = await this.#node.readRun(this.#principal.tenant, this.#principal.user, await this.row());
    if (state === undefined) throw new NotFoundError('run', this.id);
    return state;
  }

  async row(): Promise<RunRow> {
    const row = await this.#node.store.run(this.#principal.tenant, this.#principal.user, this.id);
    if (row === undefined) throw new NotFoundError('run', this.id);
    return row;
  }

  async #tell(command: Command): Promise<void> {
    await tellOwner(this.#node, this.#principal.tenant, this.#principal.user, command);
  }
}
