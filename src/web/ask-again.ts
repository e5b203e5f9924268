/** A run that did not end well is asked again; what stands in the way of that is told beside it. */
import { useState, useSyncExternalStore } from 'react';
import { EngineError, toErrorInfo, type ErrorInfo } from '../core/errors.ts';
import { isBlobRef } from '../journal/event.ts';
import type { RunState } from '../journal/run-state.ts';
import type { Outgoing } from './outbox.ts';
import { useUser, type User } from './user.tsx';
import { runnableName } from './work.ts';

/** Asks a run again; resolves with what was sent, whose `run` is the new one; undefined if nothing could be. */
export function useAskAgain(
  state: RunState,
  message: string,
): readonly [() => Promise<Outgoing | undefined>, ErrorInfo | undefined] {
  const user = useUser();
  const { outbox } = user;
  const [unread, setUnread] = useState<ErrorInfo>();
  const sent = useSyncExternalStore(outbox.subscribe, () => outbox.all.findLast(({ again }) => again === state.run));
  const askAgain = async (): Promise<Outgoing | undefined> => {
    setUnread(undefined);
    try {
      return await sendAgain(user, state, message);
    } catch (thrown) {
      if (!EngineError.is(thrown)) throw thrown;
      setUnread(toErrorInfo(thrown));
      return undefined;
    }
  };
  return [askAgain, unread ?? sent?.error];
}

async function sendAgain({ outbox, connection }: User, state: RunState, message: string): Promise<Outgoing> {
  const before = outbox.all.find(({ again, run }) => again === state.run && run === undefined);
  // One that may have arrived is the same question still (OB1).
  if (before !== undefined && before.error?.retryable !== false) return (await outbox.again(before.key)) ?? before;
  if (before !== undefined) outbox.forget(before.key);
  // A large input is kept beside the journal: what is asked with is the input itself.
  const input = isBlobRef(state.input) ? await connection.door.value(state.input) : state.input;
  const workflow = runnableName(state.workflow);
  return outbox.send({ thread: state.thread, text: message, ask: { input }, workflow, again: state.run });
}
