/** A conversation: its runs, what is on its way, and where the next question is written. */
import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { EngineError } from '../core/errors.ts';
import { systemRandom } from '../core/random.ts';
import { isEnded } from '../journal/run-row.ts';
import type { RunView } from '../client/user-state.ts';
import type { UserStore } from '../client/user-store.ts';
import { Composer } from './composer.tsx';
import { Icon } from './icon.tsx';
import { askedOptions, blockedBy } from './option-values.ts';
import type { Outgoing } from './outbox.ts';
import { askedRunnable, choicesOf } from './runnable-choice.ts';
import { goTo } from './use-place.ts';
import { RunTurn, UserMessage } from './run-turn.tsx';
import { ShowingContext, useStickToEnd } from './stick-to-end.ts';
import { useDraft, useKey, useUser } from './user.tsx';
import { messageOf, runnableName } from './work.ts';
import { Welcome } from './welcome.tsx';

type TalkProps = {
  readonly thread: string | undefined;
  /** The run that it is opened for; without one it is the newest. */
  readonly sought?: string | undefined;
};

export function Talk({ thread, sought }: TalkProps) {
  const { app, drafts, outbox, store } = useUser();
  const place = thread ?? 'new';
  const draft = useDraft(place);
  useKey('runs');
  // A new conversation has its name before its first question, so that nothing moves when that is asked.
  const [fresh] = useState(() => systemRandom.id());
  const id = thread ?? fresh;
  const loading = useThread(thread, sought);
  const outgoing = useSyncExternalStore(outbox.subscribe, () => outbox.all);
  const runs = thread === undefined ? [] : store.state.runsOf(id);
  const openedFor = openedForOf(loading, sought, runs);
  const pending = outgoing.filter((one) => one.thread === id && !isThere(one, runs));
  const asked = askedRunnable(app, draft.workflow, lastAskedOf(runs));
  const ask = (text: string, left = ''): void => {
    const options = asked?.kind === 'agent' ? {} : askedOptions(app.options, draft.options);
    const withOptions = Object.keys(options).length === 0 ? {} : { options };
    const workflow = choicesOf(app).length > 1 ? asked?.name : undefined;
    const { workflow: chosen } = draft;
    const written = { place, text, options: draft.options, workflow: chosen };
    void outbox.send({ thread: id, text, ask: { question: text, ...withOptions }, workflow, written });
    drafts.change(place, { text: left, options: {}, refused: undefined });
    if (thread !== undefined) return;
    // The choice goes along into the conversation: the next new question begins without it.
    drafts.change(place, { workflow: undefined });
    drafts.change(id, { workflow: chosen });
    goTo({ kind: 'thread', thread: id });
  };
  // A sample goes with what was chosen, or waits for it as any question does.
  const askSample = (text: string): void => {
    if (asked?.kind === 'agent' || blockedBy(draft.options) === undefined) ask(text, draft.text);
    else drafts.giveBack(place, { text, options: {}, refused: undefined });
  };
  const open = runs.find(({ row, state }) => !isEnded(state?.status ?? row?.status ?? 'completed'));
  const isEmpty = runs.length === 0 && pending.length === 0;
  return (
    <section className="talk" aria-label="Conversation">
      <Flow sent={pending.at(-1)?.key}>
        {isEmpty && thread === undefined && <Welcome onAsk={askSample} />}
        {isEmpty && thread !== undefined && <NothingHere loading={loading.state} />}
        {loading.hasOlder && (
          <button type="button" className="more" onClick={loading.older}>
            Earlier messages
          </button>
        )}
        {runs.map(({ run }) => (
          <RunTurn key={run} run={run} isOpenedFor={run === openedFor} />
        ))}
        {pending.map((one) => (
          <PendingTurn key={one.key} outgoing={one} />
        ))}
      </Flow>
      <Composer
        key={place}
        place={place}
        asked={asked}
        openRun={open?.run}
        lastMessage={lastMessageOf(runs)}
        onAsk={ask}
      />
    </section>
  );
}

/** What is begun with as long as a conversation is being opened. */
function openedForOf({ state }: Loading, sought: string | undefined, runs: readonly RunView[]): string | undefined {
  return state === 'loading' ? (sought ?? runs.at(-1)?.run) : undefined;
}

function isThere({ run, key, again, error }: Outgoing, runs: readonly RunView[]): boolean {
  if (runs.some((view) => view.run === run || view.row?.key === key)) return true;
  // Why a run could not be asked again stands beside that run.
  return error !== undefined && runs.some((view) => view.run === again);
}

function lastMessageOf(runs: readonly RunView[]): string | undefined {
  // What another run went on as was said by nobody.
  const last = runs.findLast(({ state }) => state?.continues === undefined);
  return last === undefined ? undefined : messageOf(last.events, last.state);
}

function lastAskedOf(runs: readonly RunView[]): string | undefined {
  const last = runs.at(-1);
  const workflow = last?.row?.workflow ?? last?.state?.workflow;
  return workflow === undefined ? undefined : runnableName(workflow);
}

type Loading = {
  readonly state: 'loading' | 'loaded' | 'failed';
  readonly hasOlder: boolean;
  readonly older: () => void;
};

/** Loads the newest runs, and older ones until the one that is looked for is there; resolves with whether there are more. */
async function loadUntil(store: UserStore, thread: string, sought: string | undefined): Promise<boolean> {
  const isThereYet = (): boolean =>
    sought === undefined || store.state.runsOf(thread).some(({ run }) => run === sought);
  let more = await store.loadThread(thread);
  while (more && !isThereYet()) more = await store.loadThread(thread, { older: true });
  return more;
}

function useThread(thread: string | undefined, sought: string | undefined): Loading {
  const { store } = useUser();
  const [state, setState] = useState<Loading['state']>('loading');
  const [hasOlder, setOlder] = useState(false);
  useEffect(() => {
    if (thread === undefined) return undefined;
    let isWanted = true;
    setState('loading');
    setOlder(false);
    const load = async (): Promise<void> => {
      try {
        const more = await loadUntil(store, thread, sought);
        if (!isWanted) return;
        setOlder(more);
        setState('loaded');
      } catch (thrown) {
        // One that has just been begun is not there yet, and is no failure.
        if (isWanted) setState(EngineError.is(thrown) && thrown.code === 'not_found' ? 'loaded' : 'failed');
      }
    };
    void load();
    return () => {
      isWanted = false;
    };
  }, [store, thread, sought]);
  const older = (): void => {
    if (thread !== undefined) store.loadThread(thread, { older: true }).then(setOlder, () => undefined);
  };
  return { state, hasOlder, older };
}

function NothingHere({ loading }: { readonly loading: Loading['state'] }) {
  const words = {
    loading: 'Loading…',
    loaded: 'There is no such conversation. It may have been deleted.',
    failed: 'It could not be loaded. Reload the page to try again.',
  };
  return (
    <p className="fine centre" role="status">
      {words[loading]}
    </p>
  );
}

function PendingTurn({ outgoing }: { readonly outgoing: Outgoing }) {
  const { outbox } = useUser();
  const { key, text, error } = outgoing;
  return (
    <div className="turn">
      <UserMessage text={text} />
      <div className="reply">
        {error === undefined && <p className="fine">Sending…</p>}
        {error !== undefined && (
          <div className="note bad" role="alert">
            <p>
              <strong>It was not asked:</strong> {error.message}
            </p>
            {error.hint !== undefined && <p className="hint">{error.hint}</p>}
            <div className="row">
              {error.retryable && (
                <button type="button" className="main" onClick={() => void outbox.again(key)}>
                  Send again
                </button>
              )}
              <button type="button" onClick={() => outbox.putAside(key)}>
                {outgoing.written === undefined ? 'Put aside' : 'Write it anew'}
              </button>
            </div>
          </div>
        )}
      </div>
    </div>
  );
}

/** Stays at the end while new things come, unless the user has scrolled away to read; what they sent is shown to them. */
function Flow({ sent, children }: { readonly sent: string | undefined; readonly children: ReactNode }) {
  const outside = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const { isAtEnd, toEnd, showing } = useStickToEnd(outside, inside);
  useEffect(() => {
    if (sent !== undefined) toEnd();
  }, [sent, toEnd]);
  return (
    <div className="flow-frame">
      <div className="flow" ref={outside} tabIndex={-1}>
        <div className="flow-inside" ref={inside}>
          <ShowingContext value={showing}>{children}</ShowingContext>
        </div>
      </div>
      {!isAtEnd && (
        <div className="to-end">
          <button type="button" onClick={toEnd}>
            <Icon name="down" />
            <span>Newest</span>
          </button>
        </div>
      )}
    </div>
  );
}
