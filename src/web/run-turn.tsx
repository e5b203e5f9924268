/** One run in a conversation: what was asked, who works on it, and what came of it. */
import { useCallback, useContext, useLayoutEffect, useRef, useState } from 'react';
import type { RunView } from '../client/user-state.ts';
import { tellMs, tellTime } from '../core/units.ts';
import { askedOf } from '../journal/asked.ts';
import { isEnded } from '../journal/run-row.ts';
import type { RunState } from '../journal/run-state.ts';
import { useAnnounceStream } from './announcer.tsx';
import { Asked } from './asked-forms.tsx';
import { useAskAgain } from './ask-again.ts';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icon.tsx';
import { Markdown } from './markdown.tsx';
import { OutcomeNote } from './outcome-note.tsx';
import { formatPlace } from './place.ts';
import { answerText, RunAnswerView, useAnswer } from './run-answer.tsx';
import { RunCost } from './run-cost.tsx';
import { RefusedNote } from './refused-note.tsx';
import { ShowingContext } from './stick-to-end.ts';
import { StepList, type Focus } from './step-list.tsx';
import { useNow, useRun, useUser } from './user.tsx';
import { isAnswered, liveText, messageOf, workSummary } from './work.ts';
import { WorkingStrip } from './working-strip.tsx';

type RunTurnProps = {
  readonly run: string;
  /** The conversation is opened to read it. */
  readonly isOpenedFor: boolean;
};

export function RunTurn({ run, isOpenedFor }: RunTurnProps) {
  const view = useRun(run);
  const state = view?.state;
  if (view === undefined || state === undefined)
    return (
      <div className="turn">
        <p className="fine">Loading…</p>
      </div>
    );
  return <Turn key={run} view={view} state={state} isOpenedFor={isOpenedFor} />;
}

type TurnProps = { readonly view: RunView; readonly state: RunState };

function Turn({ view, state, isOpenedFor }: TurnProps & Pick<RunTurnProps, 'isOpenedFor'>) {
  const ended = isEnded(state.status);
  // What had ended when it was first seen is old news: only what ends before the user's eyes is said aloud.
  const wasEnded = useRef(ended);
  const [focus, setFocus] = useState<Focus>();
  const hasAnswer = isAnswered(state);
  const read = useAnswer(state.run, hasAnswer);
  const message = messageOf(view.events, state);
  const turn = useRef<HTMLDivElement>(null);
  const showing = useContext(ShowingContext);
  // Who comes to read begins with the question; who comes while it is at work follows it.
  const isOpened = isOpenedFor && wasEnded.current;
  useLayoutEffect(() => {
    if (isOpened && turn.current !== null) showing.open(turn.current);
  }, [isOpened, showing]);
  const isFresh = !wasEnded.current && read?.answer?.answer != null;
  useLayoutEffect(() => {
    // A report is read from its beginning, not from its end.
    if (isFresh && turn.current !== null) showing.readFrom(turn.current);
  }, [isFresh, showing]);
  const showSource = useCallback(
    (path: string) => setFocus((before) => ({ path, count: (before?.count ?? 0) + 1 })),
    [],
  );
  const [askAgain, notAsked] = useAskAgain(state, message);
  return (
    <div className="turn" ref={turn}>
      <Opening state={state} message={message} />
      <AppNotes run={state.run} />
      <div className="reply">
        <Work view={view} state={state} focus={focus} />
        {!ended && askedOf(state).map((step) => <Asked key={step.path} run={state.run} step={step} />)}
        <LiveText state={state} hasAnswer={read?.answer !== undefined} wasEnded={wasEnded.current} />
        <OutcomeNote state={state} onRetry={() => void askAgain()} />
        <RefusedNote error={notAsked} />
        {hasAnswer && (read !== undefined || liveText(state) === '') && (
          <RunAnswerView read={read} isFresh={!wasEnded.current && liveText(state) === ''} onSource={showSource} />
        )}
        {ended && <TurnFoot state={state} answer={() => answerText(read)} />}
      </div>
    </div>
  );
}

/** What the app said of the question when it was asked here, as which data it goes on with. */
function AppNotes({ run }: { readonly run: string }) {
  const { outbox } = useUser();
  const notes = outbox.all.find((one) => one.run === run)?.notes ?? [];
  if (notes.length === 0) return null;
  return (
    <ul className="app-notes fine">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

export function UserMessage({ text, at }: { readonly text: string; readonly at?: number }) {
  return (
    <div className="asked">
      <h2 className="unseen">You asked{at === undefined ? '' : ` at ${tellTime(at)}`}</h2>
      <p title={at === undefined ? undefined : tellTime(at)}>{text}</p>
    </div>
  );
}

function Opening({ state, message }: { readonly state: RunState; readonly message: string }) {
  const { continues: from, queuedAt: at } = state;
  if (from === undefined) return <UserMessage text={message} at={at} />;
  // Nobody asked for this run: another one went on as it.
  return (
    <div className="continued fine">
      <h2 className="unseen">It went on at {tellTime(at)}</h2>
      <p title={tellTime(at)}>
        Goes on from <a href={formatPlace({ kind: 'run', run: from })}>the run before</a>
      </p>
    </div>
  );
}

type WorkProps = TurnProps & { readonly focus: Focus | undefined };

function Work({ view, state, focus }: WorkProps) {
  const ended = isEnded(state.status);
  const now = useNow(250, !ended);
  const [chosen, setChosen] = useState<boolean>();
  const [seen, setSeen] = useState(0);
  // Asking for a source opens the list that it is in.
  if (focus !== undefined && focus.count !== seen) {
    setSeen(focus.count);
    setChosen(true);
  }
  const isOpen = chosen ?? !ended;
  const took = (ended ? state.at : now) - state.queuedAt;
  return (
    <div className="work">
      {!ended && <WorkingStrip run={state.run} state={state} now={now} />}
      {state.steps.size > 0 && (
        <button type="button" className="work-head" aria-expanded={isOpen} onClick={() => setChosen(!isOpen)}>
          <Icon name="fold" />
          <span>
            {[ended ? `Worked for ${tellMs(took)}` : 'The work so far', workSummary(state)].filter(Boolean).join(' · ')}
          </span>
        </button>
      )}
      {isOpen && <StepList run={state} events={view.events} now={now} focus={focus} />}
    </div>
  );
}

type LiveProps = { readonly state: RunState; readonly hasAnswer: boolean; readonly wasEnded: boolean };

function LiveText({ state, hasAnswer, wasEnded }: LiveProps) {
  const text = liveText(state);
  const ended = isEnded(state.status);
  useAnnounceStream(wasEnded ? '' : text, ended);
  // The finished answer takes its place in one step, so nothing jumps.
  if (text === '' || hasAnswer) return null;
  return (
    <div className={ended ? 'live' : 'live coming'}>
      <Markdown text={text} />
    </div>
  );
}

function TurnFoot({ state, answer }: { readonly state: RunState; readonly answer: () => string }) {
  return (
    <footer className="turn-foot">
      <RunCost state={state} />
      <span className="grow" />
      {isAnswered(state) && <CopyButton text={answer} what="the answer" />}
      <a className="quiet" href={formatPlace({ kind: 'run', run: state.run })}>
        <Icon name="runs" />
        <span>Inspect</span>
      </a>
    </footer>
  );
}
