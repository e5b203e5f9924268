/**
 * What is open in the AG-UI run that is being told, and its beginnings and ends: one run of Cantus is one AG-UI run,
 * and one more for each time that it was interrupted.
 *
 * AGS1  Whatever is open is closed before an AG-UI run ends, innermost first, and what goes on is opened again in the
 *       next one.
 * AGS2  Something is closed once. What is told of a step after the step around it has ended closes nothing.
 */
import { assert } from '../core/assert.ts';
import type { JournalEvent } from '../journal/event.ts';
import { parentPath } from '../journal/path.ts';
import {
  aguiProtocolVersion,
  type AguiBody,
  type AguiEvent,
  type AguiInterrupt,
  type AguiOutcome,
  type AguiPlace,
  type AguiUsage,
} from './agui-event.ts';

/** How the AG-UI runs of one run are called. */
export type AguiNames = {
  /** Absent: the run's thread, or the run itself. */
  readonly threadId?: string;
  /** The id of the n-th AG-UI run that is told, from 1. Absent: the run's id, then `<run>#2`. */
  readonly runIdOf?: (number: number) => string;
};

type Opened =
  | { readonly kind: 'step'; readonly path: string }
  | { readonly kind: 'message'; readonly path: string; readonly id: string }
  | { readonly kind: 'agent'; readonly path: string; readonly id: string; readonly name: string };

function isUnder(path: string, ancestor: string): boolean {
  return path === ancestor || ancestor === '' || path.startsWith(`${ancestor}/`);
}

export class AguiSegments {
  readonly #names: AguiNames;
  #told: AguiEvent[] = [];
  #event: JournalEvent | undefined;
  #threadId = '';
  #run = '';
  #segment = 0;
  #begun = 0;
  #runId = '';
  #isOpen = false;
  /** By path, in the order they were opened: what is inside comes behind what it is in. */
  readonly #open = new Map<string, Opened>();
  readonly #usage = new Map<string, AguiUsage>();

  constructor(names: AguiNames) {
    this.#names = names;
  }

  /** Is an AG-UI run being told? */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many AG-UI runs were begun. */
  get begun(): number {
    return this.#begun;
  }

  /** What comes now is of this run, whose segments count from 1, in whatever AG-UI run is being told. */
  goOnAs(run: string): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#segment = 1;
  }

  /** What was told of `event` by `tell`. */
  during(event: JournalEvent, tell: () => void): readonly AguiEvent[] {
    this.#event = event;
    this.#told = [];
    tell();
    return this.#told;
  }

  /** An id of this segment: a reader that takes the segment again knows its messages by it. */
  id(path: string, attempt?: number): string {
    return `${this.#run}#${this.#segment}:${path}${attempt === undefined || attempt === 1 ? '' : `@${attempt}`}`;
  }

  tell(body: AguiBody, more?: Partial<AguiPlace>): void {
    const event = this.#event;
    assert(event?.run !== undefined && event.seq !== undefined, 'AG-UI is told of an event of a run');
    const { run, seq, userSeq, at, path } = event;
    const place = { run, seq, userSeq, ...(path === undefined ? {} : { path }), ...more };
    this.#told.push({ ...body, timestamp: at, metadata: { cantus: place } });
  }

  /** Begins an AG-UI run, and opens again what the one before was interrupted in. */
  begin(): void {
    const event = this.#event;
    assert(event?.run !== undefined && !this.#isOpen, 'an AG-UI run begins with an event of a run, and once');
    this.#run = event.run;
    this.#threadId = this.#names.threadId ?? event.thread ?? event.run;
    this.#segment++;
    this.#begun++;
    this.#isOpen = true;
    const own = this.#segment === 1 ? this.#run : `${this.#run}#${this.#segment}`;
    this.#runId = this.#names.runIdOf?.(this.#begun) ?? own;
    const protocolVersion = aguiProtocolVersion;
    this.tell({ type: 'RUN_STARTED', threadId: this.#threadId, runId: this.#runId, protocolVersion });
    for (const opened of this.#open.values()) this.#tellOpened(opened, { reopened: true });
  }

  /** The subagent that what is at `path` belongs to, as the member of an event that says so. */
  owner(path: string): { readonly subagentRunId?: string } {
    for (let at = parentPath(path); at !== ''; at = parentPath(at)) {
      const opened = this.#open.get(at);
      if (opened?.kind === 'agent') return { subagentRunId: opened.id };
    }
    return {};
  }

  /** As `owner`, for what is told of the path itself: an agent's own notes are its own. */
  ownerAt(path: string | undefined): { readonly subagentRunId?: string } {
    return path === undefined ? {} : this.owner(`${path}/.`);
  }

  openStep(path: string): void {
    this.#openAt({ kind: 'step', path });
  }

  openAgent(path: string, attempt: number | undefined, name: string): void {
    const again = attempt === undefined || attempt === 1 ? '' : `#${attempt}`;
    this.#openAt({ kind: 'agent', path, id: `${this.#run}:${path}${again}`, name });
  }

  openMessage(path: string, id: string): void {
    this.#openAt({ kind: 'message', path, id });
  }

  #openAt(opened: Opened): void {
    // Something that was cut off without a word is begun anew at its path.
    this.close(opened.path);
    this.#open.set(opened.path, opened);
    this.#tellOpened(opened);
  }

  #tellOpened(opened: Opened, more?: Partial<AguiPlace>): void {
    const owner = this.owner(opened.path);
    switch (opened.kind) {
      case 'step':
        this.tell({ type: 'STEP_STARTED', stepName: opened.path, ...owner }, more);
        break;
      case 'message':
        this.tell({ type: 'TEXT_MESSAGE_START', messageId: opened.id, role: 'assistant', ...owner }, more);
        break;
      case 'agent': {
        const { id, name } = opened;
        const parent = owner.subagentRunId === undefined ? {} : { parentSubagentRunId: owner.subagentRunId };
        this.tell({ type: 'SUBAGENT_STARTED', subagentRunId: id, name, ...parent }, more);
      }
    }
  }

  /** Closes what is at `path`, and before it what is still open inside. `last` is how it ended itself. */
  close(path: string, last?: (subagentRunId: string) => AguiBody): void {
    const opened = this.#open.get(path);
    for (const inside of [...this.#open.values()].toReversed())
      if (inside.path !== path && isUnder(inside.path, path)) this.#closeOne(inside);
    if (opened === undefined) return;
    if (last === undefined || opened.kind !== 'agent') return this.#closeOne(opened);
    this.tell(last(opened.id));
    this.#open.delete(path);
  }

  #closeOne(opened: Opened): void {
    this.#tellClosed(opened);
    this.#open.delete(opened.path);
  }

  /** `interrupts`: it is not over, and goes on in the next AG-UI run. */
  #tellClosed(opened: Opened, interrupts?: readonly AguiInterrupt[]): void {
    const owner = this.owner(opened.path);
    switch (opened.kind) {
      case 'step':
        this.tell({ type: 'STEP_FINISHED', stepName: opened.path, ...owner });
        break;
      case 'message':
        this.tell({ type: 'TEXT_MESSAGE_END', messageId: opened.id, ...owner });
        break;
      case 'agent':
        this.tell(subagentEnd(opened, interrupts));
    }
  }

  count(usage: AguiUsage): void {
    const key = JSON.stringify([usage.provider, usage.model]);
    this.#usage.set(key, addUsage(this.#usage.get(key), usage));
  }

  /** Ends the AG-UI run because the run waits for somebody. What is open stays so for the next one (AGS1). */
  interrupt(interrupts: readonly AguiInterrupt[]): void {
    for (const opened of [...this.#open.values()].toReversed()) this.#tellClosed(opened, interrupts);
    this.finish({ type: 'interrupt', interrupts });
  }

  /** Closes all that is open. */
  closeAll(): void {
    this.close('');
  }

  finish(
    outcome: AguiOutcome,
    facts: Pick<AguiBody & { readonly type: 'RUN_FINISHED' }, 'result'> = {},
    more?: Partial<AguiPlace>,
  ): void {
    this.tell(
      { type: 'RUN_FINISHED', threadId: this.#threadId, runId: this.#runId, outcome, ...facts, ...this.#takeUsage() },
      more,
    );
    this.#isOpen = false;
  }

  fail(message: string, code: string, more?: Partial<AguiPlace>): void {
    this.tell({ type: 'RUN_ERROR', message, code, ...this.#takeUsage() }, more);
    this.#isOpen = false;
  }

  /** Of this segment alone: readers add up AG-UI runs. */
  #takeUsage(): { readonly usage?: readonly AguiUsage[] } {
    const usage = [...this.#usage.values()];
    this.#usage.clear();
    return usage.length === 0 ? {} : { usage };
  }
}

function subagentEnd(
  { id: subagentRunId, path }: Opened & { readonly kind: 'agent' },
  interrupts: readonly AguiInterrupt[] | undefined,
): AguiBody {
  if (interrupts === undefined)
    return { type: 'SUBAGENT_ERROR', subagentRunId, message: 'It ended with what it was part of.', code: 'cancelled' };
  const inside = interrupts.filter(({ metadata }) => isUnder(metadata.cantus.path, path));
  return {
    type: 'SUBAGENT_FINISHED',
    subagentRunId,
    outcome: { type: 'suspended', interruptIds: inside.map(({ id }) => id) },
  };
}

function addUsage(before: AguiUsage | undefined, more: AguiUsage): AguiUsage {
  if (before === undefined) return more;
  const sum = (part: 'cachedInputTokens' | 'reasoningTokens'): Partial<AguiUsage> => {
    const known = before[part] !== undefined || more[part] !== undefined;
    return known ? { [part]: (before[part] ?? 0) + (more[part] ?? 0) } : {};
  };
  return {
    ...before,
    inputTokens: before.inputTokens + more.inputTokens,
    outputTokens: before.outputTokens + more.outputTokens,
    totalTokens: before.totalTokens + more.totalTokens,
    ...sum('cachedInputTokens'),
    ...sum('reasoningTokens'),
  };
}
