/** What a run wants of the user: a signal it waits for, a yes or no, or a word on a call in doubt. */
import { useId, useState } from 'react';
import { EngineError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { tellTime } from '../core/units.ts';
import type { Doubt } from '../journal/event.ts';
import type { StepState } from '../journal/run-state.ts';
import { parseReply } from './reply.ts';
import { JsonBlock } from './json-tree.tsx';
import { useUser } from './user.tsx';
import { plainName } from './work.ts';

type AskedProps = { readonly run: string; readonly step: StepState };

/** Sends once at a time, and says what came of it. */
function useSending(): readonly [boolean, string, (send: () => Promise<void>) => void] {
  const [isSending, setSending] = useState(false);
  const [told, setTold] = useState('');
  const start = (send: () => Promise<void>): void => {
    setSending(true);
    setTold('');
    send().then(
      () => setTold('Sent.'),
      (thrown: unknown) => {
        setSending(false);
        setTold(
          EngineError.is(thrown) ? [thrown.message, thrown.hint].filter(Boolean).join(' ') : 'It could not be sent.',
        );
      },
    );
  };
  return [isSending, told, start];
}

export function Asked({ run, step }: AskedProps) {
  if (step.status === 'indoubt') return <DoubtForm run={run} step={step} />;
  return step.wait?.for.kind === 'approval' ? (
    <ApprovalForm run={run} step={step} />
  ) : (
    <SignalForm run={run} step={step} />
  );
}

function SignalForm({ run, step }: AskedProps) {
  const { connection } = useUser();
  const [text, setText] = useState('');
  const [isSending, told, start] = useSending();
  if (step.wait?.for.kind !== 'signal') return null;
  const { signal } = step.wait.for;
  const send = (value: unknown): void => start(async () => (await connection.door.run(run)).signal(signal, value));
  const reply = parseReply(text);
  return (
    <form
      className="note warn"
      onSubmit={(event) => {
        event.preventDefault();
        send(reply);
      }}
    >
      <p>
        <strong>Waiting for your “{plainName(signal)}”</strong>
        <span className="fine"> · until {tellTime(step.wait.until)}</span>
      </p>
      <div className="row">
        <button type="button" className="main" disabled={isSending} onClick={() => send(true)}>
          Yes
        </button>
        <button type="button" disabled={isSending} onClick={() => send(false)}>
          No
        </button>
        <label className="grow">
          <span className="unseen">Another reply, as text or JSON</span>
          <input
            value={text}
            placeholder="or another reply, as text or JSON"
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <button type="submit" disabled={isSending || text.trim() === ''}>
          Send
        </button>
      </div>
      <p role="status" className="fine">
        {told}
      </p>
    </form>
  );
}

function ApprovalForm({ run, step }: AskedProps) {
  const { connection, me } = useUser();
  const [note, setNote] = useState('');
  const [isSending, told, start] = useSending();
  const asked = useId();
  if (step.wait?.for.kind !== 'approval') return null;
  const { prompt, role } = step.wait.for;
  const decide = (approved: boolean): void =>
    start(async () => {
      const verdict = note.trim() === '' ? { approved } : { approved, note: note.trim() };
      await (await connection.door.run(run)).approve(step.path, verdict);
    });
  return (
    // Enter in the note decides nothing: which of the two would it be?
    <form className="note warn" aria-labelledby={asked} onSubmit={(event) => event.preventDefault()}>
      <p id={asked} className="prompt">
        <strong>{prompt}</strong>
      </p>
      <p className="fine">
        {role !== undefined && (
          <>
            Needs the role “{role}”{me.roles.includes(role) ? '' : ', which you do not have'} ·{' '}
          </>
        )}
        until {tellTime(step.wait.until)}
      </p>
      <div className="row">
        <button type="button" className="main" disabled={isSending} onClick={() => decide(true)}>
          Approve
        </button>
        <button type="button" disabled={isSending} onClick={() => decide(false)}>
          Refuse
        </button>
        <label className="grow">
          <span className="unseen">A note to your decision, if you like</span>
          <input
            value={note}
            maxLength={limits.reasonCharsMax}
            placeholder="with a note, if you like"
            onChange={(event) => setNote(event.target.value)}
          />
        </label>
      </div>
      <p role="status" className="fine">
        {told}
      </p>
    </form>
  );
}

function DoubtForm({ run, step }: AskedProps) {
  const { connection } = useUser();
  const [output, setOutput] = useState('');
  const [isSending, told, start] = useSending();
  const decide = (decision: Doubt): void =>
    start(async () => {
      const handle = await connection.door.run(run);
      await (decision === 'happened' && output.trim() !== ''
        ? handle.decide(step.path, decision, parseReply(output))
        : handle.decide(step.path, decision));
    });
  return (
    <div className="note warn">
      <p>
        <strong>Did “{plainName(step.name ?? step.path)}” happen?</strong> {step.error?.message}
      </p>
      <p className="fine">
        It must not be done twice, so only you can say. This was asked of it
        {step.attempt > 1 && `, in try ${step.attempt}`}:
      </p>
      {step.input !== undefined && <JsonBlock value={step.input} what="what was asked" />}
      <div className="row">
        <button type="button" disabled={isSending} onClick={() => decide('happened')}>
          It happened
        </button>
        <button type="button" disabled={isSending} onClick={() => decide('did-not-happen')}>
          It did not: do it again
        </button>
        <button type="button" disabled={isSending} onClick={() => decide('give-up')}>
          Give it up
        </button>
      </div>
      <details>
        <summary>It happened, and gave a result</summary>
        <label>
          Result, as text or JSON
          <textarea rows={2} value={output} onChange={(event) => setOutput(event.target.value)} />
        </label>
      </details>
      <p role="status" className="fine">
        {told}
      </p>
    </div>
  );
}
