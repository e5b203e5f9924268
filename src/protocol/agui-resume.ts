/**
 * What a reader says to the interrupts of an AG-UI run: its `resume` entries, as answers to what a run waits for.
 *
 * AGR1  An interrupt is named by the event that began the wait, which says for ever where it is and what it is for,
 *       whatever has become of it since.
 * AGR2  A reader that gives up on a wait for a signal cancels the run: nothing else ends such a wait but its expiry. One
 *       that gives up on a doubt has decided it, and one that gives up on an approval has said no.
 */
import { ValidationError } from '../core/errors.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import type { Doubt, JournalEvent } from '../journal/event.ts';

export type AguiResumeEntry = {
  readonly interruptId: string;
  readonly status: 'resolved' | 'cancelled';
  readonly payload?: Json;
};

/** Where an interrupt is: the run, the segment that it ended, and the `seq` of what began the wait. */
export type InterruptPlace = { readonly run: string; readonly segment: number; readonly seq: number };

/** What an entry comes to. */
export type AguiAnswer = { readonly path: string } & (
  | { readonly kind: 'signal'; readonly name: string; readonly value: Json }
  | { readonly kind: 'decision'; readonly decision: Doubt; readonly output: Json }
  | { readonly kind: 'approval'; readonly approved: boolean; readonly note?: string }
  | { readonly kind: 'cancel' }
);

/** Throws a ValidationError for what no RUN_FINISHED gave out. */
export function parseInterruptId(text: string): InterruptPlace {
  const [, run, segment, seq] = /^(.{1,256})#(\d{1,9}):(\d{1,15})$/s.exec(text) ?? [];
  if (run === undefined) throw unknownInterrupt();
  return { run, segment: Number(segment), seq: Number(seq) };
}

/** The answer that `entry` is to the wait which `event` began. Throws a ValidationError where it is none. */
export function answerTo(event: JournalEvent | undefined, entry: AguiResumeEntry): AguiAnswer {
  const path = event?.path ?? '';
  switch (event?.type) {
    case 'wait.started': {
      const what = event.data.for;
      if (what.kind === 'time') throw unknownInterrupt();
      if (what.kind === 'approval') return { path, kind: 'approval', ...verdictOf(entry) };
      if (entry.status === 'cancelled') return { path, kind: 'cancel' };
      return { path, kind: 'signal', name: what.signal, value: entry.payload ?? null };
    }
    case 'tool.indoubt':
      if (entry.status === 'cancelled') return { path, kind: 'decision', decision: 'give-up', output: null };
      return { path, kind: 'decision', ...parseDecision(entry.payload) };
    default:
      throw unknownInterrupt();
  }
}

function verdictOf({ status, payload }: AguiResumeEntry): { readonly approved: boolean; readonly note?: string } {
  if (status === 'cancelled') return { approved: false };
  const given = isJsonObject(payload) ? payload : { approved: payload ?? null };
  const { approved = null, note } = given;
  if (typeof approved === 'boolean' && (note === undefined || typeof note === 'string'))
    return { approved, ...(note === undefined ? {} : { note }) };
  throw new ValidationError('An approval is answered with { approved, note? }.', {
    hint: '`approved` is true or false.',
  });
}

function parseDecision(payload: Json | undefined): { readonly decision: Doubt; readonly output: Json } {
  const given = isJsonObject(payload) ? payload : { decision: payload ?? null };
  const { decision = null, output = null } = given;
  if (decision === 'happened' || decision === 'did-not-happen' || decision === 'give-up') return { decision, output };
  throw new ValidationError('A call in doubt is answered with { decision, output? }.', {
    hint: 'The decision is one of: happened, did-not-happen, give-up.',
  });
}

function unknownInterrupt(): ValidationError {
  return new ValidationError('There is no such interrupt.', {
    hint: 'Answer the interrupts of the last RUN_FINISHED, by their ids.',
  });
}
