/** One run looked at closely: over time, event by event, and as it is. */
import { useEffect, useState, type ReactNode } from 'react';
import type { RunView } from '../client/user-state.ts';
import { tellMs, tellTime } from '../core/units.ts';
import { askedOf } from '../journal/asked.ts';
import { isEnded } from '../journal/run-row.ts';
import type { RunState } from '../journal/run-state.ts';
import { useAskAgain } from './ask-again.ts';
import { Asked } from './asked-forms.tsx';
import { CopyButton } from './copy-button.tsx';
import { EventLog } from './event-log.tsx';
import { Icon } from './icon.tsx';
import { JsonBlock } from './json-tree.tsx';
import { OutcomeNote } from './outcome-note.tsx';
import { formatPlace } from './place.ts';
import { RefusedNote } from './refused-note.tsx';
import { RunCost } from './run-cost.tsx';
import { runJson } from './run-json.ts';
import { missingWords, wordsOf } from './server.ts';
import { StatusMark } from './status-mark.tsx';
import { TimelineView } from './timeline-view.tsx';
import { goTo } from './use-place.ts';
import { useKey, useNow, useRun, useUser } from './user.tsx';
import { messageOf, plainName, runnableName, statusName } from './work.ts';

type PageProps = { readonly run: string; readonly path: string | undefined };

export function RunPage({ run, path }: PageProps) {
  const view = useRun(run);
  const isHere = view?.state !== undefined;
  const missing = useMissing(run, isHere);
  if (!isHere)
    return (
      <p className="fine centre" role="status">
        {missing ?? 'Loading…'}
      </p>
    );
  return <Inspector view={view} state={view.state} path={path} />;
}

/** Why a run is not here, if that is known. */
function useMissing(run: string, isHere: boolean): string | undefined {
  const { store } = useUser();
  useKey('error');
  const [thrown, setThrown] = useState<unknown>();
  useEffect(() => {
    if (isHere) return undefined;
    let isWanted = true;
    setThrown(undefined);
    store.loadRun(run).catch((failure: unknown) => {
      if (isWanted) setThrown(failure);
    });
    return () => {
      isWanted = false;
    };
  }, [store, run, isHere]);
  const error = thrown ?? store.error;
  return error === undefined ? undefined : missingWords(error);
}

type InspectorProps = { readonly view: RunView; readonly state: RunState; readonly path: string | undefined };

const tabs = ['Timeline', 'Events', 'JSON'] as const;

function Inspector({ view, state, path }: InspectorProps) {
  const [tab, setTab] = useState<(typeof tabs)[number]>('Timeline');
  const ended = isEnded(state.status);
  const now = useNow(250, !ended);
  return (
    <section className="run-page" aria-label="Run">
      <Head view={view} state={state} now={now} />
      {!ended && askedOf(state).map((step) => <Asked key={step.path} run={state.run} step={step} />)}
      <Ask state={state} />
      <div className="tabs" role="tablist" aria-label="Views of the run">
        {tabs.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === tab}
            aria-controls="tab-panel"
            onClick={() => setTab(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} className="tab-panel">
        {tab === 'Timeline' && <TimelineView run={state} events={view.events} now={now} path={path} />}
        {tab === 'Events' && <EventLog run={state.run} events={view.events} dropped={view.dropped} />}
        {tab === 'JSON' && <JsonBlock value={runJson(state)} what="the state of the run" />}
      </div>
    </section>
  );
}

/** A run that did not end well can be asked again, in its conversation. */
function Ask({ state }: { readonly state: RunState }) {
  const [askAgain, notAsked] = useAskAgain(state, messageOf([], state));
  const retry = async (): Promise<void> => {
    const { thread } = state;
    const run = (await askAgain())?.run;
    if (run !== undefined) goTo(thread === undefined ? { kind: 'run', run } : { kind: 'thread', thread });
  };
  return (
    <>
      <OutcomeNote state={state} onRetry={() => void retry()} />
      <RefusedNote error={notAsked} />
    </>
  );
}

type HeadProps = { readonly view: RunView; readonly state: RunState; readonly now: number };

function Head({ view, state, now }: HeadProps) {
  const ended = isEnded(state.status);
  return (
    <header className="run-head">
      <div className="row">
        <StatusMark status={state.status} />
        <h2 className="grow">{plainName(runnableName(state.workflow))}</h2>
        {!ended && <Cancel state={state} />}
        {state.thread !== undefined && (
          <a className="button" href={formatPlace({ kind: 'thread', thread: state.thread, run: state.run })}>
            Conversation
          </a>
        )}
      </div>
      <p className="run-question">{messageOf(view.events, state)}</p>
      {state.continues !== undefined && (
        <p className="fine">
          Goes on from <a href={formatPlace({ kind: 'run', run: state.continues })}>the run before</a>
        </p>
      )}
      <dl className="facts">
        <Fact name="Status">{statusName(state.status)}</Fact>
        <Fact name="Started">{tellTime(state.queuedAt)}</Fact>
        <Fact name={ended ? 'Took' : 'So far'}>{tellMs((ended ? state.at : now) - state.queuedAt)}</Fact>
        <Fact name="Active">{tellMs(state.activeMs)}</Fact>
        <Fact name="Id">
          <code>{state.run.slice(0, 8)}</code>
          <CopyButton text={() => state.run} what="the id" />
        </Fact>
      </dl>
      <RunCost state={state} />
    </header>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Cancel({ state }: { readonly state: RunState }) {
  const { connection } = useUser();
  const [told, setTold] = useState('');
  const cancel = async (): Promise<void> => {
    try {
      await (await connection.door.run(state.run)).cancel();
    } catch (thrown) {
      setTold(wordsOf(thrown));
    }
  };
  return (
    <>
      <span className="bad fine" role="status">
        {told}
      </span>
      <button type="button" disabled={state.cancelRequested !== undefined} onClick={() => void cancel()}>
        <Icon name="stop" />
        <span>{state.cancelRequested === undefined ? 'Stop' : 'Stopping…'}</span>
      </button>
    </>
  );
}
