/** What the tests of the AG-UI projection share: the real verifiers of both generations of its client, and readers. */
import { enforceEvents, verifyEvents, type BaseEvent } from '@ag-ui/client';
import { EventSchemas as schemasBefore1, verifyEvents as verifyBefore1 } from 'ag-ui-client-0';
import { from, lastValueFrom, toArray } from 'rxjs';
import { canonicalJson, type Json } from '../core/json.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { AguiBody, AguiEvent } from './agui-event.ts';
import { AguiProjection, type AguiOptions } from './agui.ts';

/** The run as AG-UI tells it. */
export function projected(events: readonly JournalEvent[], options: AguiOptions = {}): AguiEvent[] {
  const projection = new AguiProjection(options);
  return events.flatMap((event) => [...projection.project(event)]);
}

/** Projects the run, and throws unless the clients of AG-UI 1.0 and of before accept what they are told. */
export async function verified(journal: readonly JournalEvent[]): Promise<AguiEvent[]> {
  const events = projected(journal);
  await assertVerified(events);
  await assertVerifiedBefore1(projected(journal, { before1: true }));
  return events;
}

/** Throws unless the client of AG-UI 1.0 accepts the stream and knows each member of it. */
export async function assertVerified(events: readonly AguiEvent[]): Promise<void> {
  const wire = onWire(events) as BaseEvent[];
  const kept = await lastValueFrom(from(wire).pipe(enforceEvents(), verifyEvents(), toArray()));
  if (canonicalJson(kept as never) !== canonicalJson(wire as never))
    throw new Error('AG-UI stripped what it does not know.');
}

export async function assertVerifiedBefore1(events: readonly AguiEvent[]): Promise<void> {
  const parsed = onWire(events).map((event) => schemasBefore1.parse(event));
  await lastValueFrom(from(parsed as never[]).pipe(verifyBefore1(), toArray()));
}

function onWire(events: readonly AguiEvent[]): unknown[] {
  const text = JSON.stringify(events);
  return JSON.parse(text) as unknown[];
}

/** Those of one type. */
export function told<T extends AguiBody['type']>(events: readonly AguiEvent[], type: T) {
  return events.filter((event) => event.type === type) as (AguiEvent & { readonly type: T })[];
}

/** What the CUSTOM events of one name say. */
export function custom(events: readonly AguiEvent[], name: string): Readonly<Record<string, Json>>[] {
  const ofName = told(events, 'CUSTOM').filter((event) => event.name === `cantus.${name}`);
  return ofName.map(({ value }) => value as Readonly<Record<string, Json>>);
}

/** The texts of the messages by id, in the order they began. */
export function texts(events: readonly AguiEvent[]): Map<string, string> {
  const messages = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'TEXT_MESSAGE_START') messages.set(event.messageId, '');
    if (event.type === 'TEXT_MESSAGE_CONTENT')
      messages.set(event.messageId, `${messages.get(event.messageId) ?? '?'}${event.delta}`);
  }
  return messages;
}

/** The types in order, without the CUSTOM ones. */
export function typesOf(events: readonly AguiEvent[]): string[] {
  return events.map(({ type }) => type).filter((type) => type !== 'CUSTOM');
}
