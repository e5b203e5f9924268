/** What the page holds of the user who is logged in, for every part of it. */
import { createContext, useCallback, useContext, useEffect, useReducer, useSyncExternalStore } from 'react';
import type { Connection } from '../client/connection.ts';
import type { RunView } from '../client/user-state.ts';
import type { UserStore } from '../client/user-store.ts';
import { systemClock } from '../core/clock.ts';
import type { Me } from '../protocol/frames.ts';
import type { LoginState } from '../protocol/login.ts';
import type { AppInfo, RunAnswer } from '../protocol/operations.ts';
import type { Draft, Drafts } from './drafts.ts';
import type { PageClock } from './page-clock.ts';
import type { Outbox } from './outbox.ts';

export type User = {
  readonly me: Me;
  readonly mode: LoginState['mode'];
  readonly app: AppInfo;
  readonly connection: Connection;
  readonly store: UserStore;
  readonly clock: PageClock;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  /** Answers of ended runs never change, so each is asked for once. */
  readonly answers: Map<string, Promise<RunAnswer>>;
  /** Called when somebody logged out here. */
  readonly onLeft: () => void;
};

export const UserContext = createContext<User | undefined>(undefined);

export function useUser(): User {
  const user = useContext(UserContext);
  if (user === undefined) throw new Error('This part of the page is for somebody who is logged in.');
  return user;
}

/** Renders anew whenever something under the key of the user's state changes. */
export function useKey(key: string): number {
  const { state } = useUser().store;
  const subscribe = useCallback((listener: () => void) => state.subscribe(key, listener), [state, key]);
  return useSyncExternalStore(subscribe, () => state.version(key));
}

/** What is written there, kept up to date. */
export function useDraft(place: string): Draft {
  const { drafts } = useUser();
  return useSyncExternalStore(drafts.subscribe, () => drafts.read(place));
}

/** What is known of a run, kept up to date. Asks for what is missing. */
export function useRun(run: string): RunView | undefined {
  const { store } = useUser();
  useKey(`run:${run}`);
  const view = store.state.run(run);
  const isComplete = view?.complete === true && view.state !== undefined;
  useEffect(() => {
    if (!isComplete) store.loadRun(run).catch(() => undefined);
  }, [store, run, isComplete]);
  return view;
}

/** The server's time, told anew every `everyMs` while `isTicking`; it stands still while the server is away (PC1). */
export function useNow(everyMs: number, isTicking: boolean): number {
  const { clock } = useUser();
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!isTicking) return undefined;
    let stop = (): void => undefined;
    const again = (): void => {
      stop = systemClock.after(everyMs, () => {
        tick();
        again();
      });
    };
    again();
    return () => stop();
  }, [everyMs, isTicking]);
  return clock.now();
}
