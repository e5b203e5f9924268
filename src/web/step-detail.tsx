/** What is known of one step: what went in, what came out, what failed, and each try. */
import type { ErrorInfo } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { tellMany, tellMs, tellTime, tellUsd } from '../core/units.ts';
import type { JournalEvent, WaitFor } from '../journal/event.ts';
import { basePath } from '../journal/path.ts';
import type { StepState } from '../journal/run-state.ts';
import { JsonBlock } from './json-tree.tsx';
import { modelWords } from '../agents/model.ts';
import { waitEndWords } from './work.ts';

export function ErrorBlock({ error }: { readonly error: ErrorInfo }) {
  return (
    <div className="error-block">
      <p>{error.message}</p>
      {error.hint !== undefined && <p className="hint">{error.hint}</p>}
      <p className="fine">
        Code <code>{error.code}</code>
        {error.retryable ? ' · may work when tried again' : ''}
      </p>
      {error.details !== undefined && <JsonBlock value={error.details} what="the details" />}
    </div>
  );
}

type StepProps = { readonly step: StepState; readonly events: readonly JournalEvent[] };

export function StepDetail({ step, events }: StepProps) {
  const failures = failuresOf(step, events);
  return (
    <div className="step-detail">
      <p className="fine">
        <code>{step.path}</code> · began {tellTime(step.startedAt)}
        {step.model !== undefined && ` · ${modelWords(step.model.id)}`}
        {typeof step.usd === 'number' && step.usd > 0 && ` · ${tellUsd(step.usd)}`}
      </p>
      <Awaited step={step} />
      <Value title="Input" value={step.input} />
      {step.text !== '' && step.kind === 'model' && (
        <section>
          <h4>Text</h4>
          <pre className="text-block" tabIndex={0}>
            {step.text}
          </pre>
        </section>
      )}
      <Value title="Output" value={step.output} />
      {step.error !== undefined && step.status !== 'completed' && (
        <section>
          <h4>{step.status === 'indoubt' ? 'In doubt' : 'Error'}</h4>
          <ErrorBlock error={step.error} />
        </section>
      )}
      {failures.length > 0 && <Attempts failures={failures} />}
      <StepEvents step={step} events={events} />
    </div>
  );
}

/** What it waited for, and who said what to it. */
function Awaited({ step: { wait, waitEnded, endedAt } }: { readonly step: StepState }) {
  if (wait === undefined) return null;
  const ended = waitEndWords(waitEnded);
  const { for: what, until } = wait;
  return (
    <>
      <section>
        <h4>Waits for</h4>
        <p className="prompt">{awaitedWords(what)}</p>
        <p className="fine">
          {what.kind === 'approval' && what.role !== undefined && `Needs the role “${what.role}” · `}
          {what.kind === 'time' ? '' : 'until '}
          {tellTime(until)}
        </p>
      </section>
      {ended !== '' && (
        <section>
          <h4>How it ended</h4>
          <p className="prompt">{ended}</p>
          {endedAt !== undefined && <p className="fine">{tellTime(endedAt)}</p>}
        </section>
      )}
    </>
  );
}

function awaitedWords(what: WaitFor): string {
  if (what.kind === 'approval') return what.prompt;
  return what.kind === 'signal' ? `“${what.signal}”` : 'Its time';
}

function Value({ title, value }: { readonly title: string; readonly value: Json | undefined }) {
  if (value === undefined || value === null) return null;
  return (
    <section>
      <h4>{title}</h4>
      <JsonBlock value={value} what={`the ${title.toLowerCase()}`} />
    </section>
  );
}

/** What the journal has of the step itself; a text that streamed in is told in one piece above. */
function StepEvents({ step, events }: StepProps) {
  const base = basePath(step.path);
  const own = events.filter(
    ({ type, path }) => path !== undefined && basePath(path) === base && type !== 'model.delta',
  );
  if (own.length === 0) return null;
  return (
    <details>
      <summary className="fine">{tellMany(own.length, 'event')}</summary>
      <ul className="step-events fine">
        {own.map(({ userSeq, seq, type, at, attempt = 1 }) => (
          <li key={userSeq}>
            {seq} <code>{type}</code> {tellTime(at)}
            {attempt > 1 && `, attempt ${attempt}`}
          </li>
        ))}
      </ul>
    </details>
  );
}

type FailedAttempt = {
  readonly attempt: number;
  readonly at: number;
  readonly error: ErrorInfo;
  readonly retryInMs: number | null;
};

function failuresOf(step: StepState, events: readonly JournalEvent[]): readonly FailedAttempt[] {
  const base = basePath(step.path);
  const failures: FailedAttempt[] = [];
  for (const { type, path, attempt = 1, at, data } of events) {
    if (path === undefined || !type.endsWith('.failed') || basePath(path) !== base) continue;
    const { error, retryInMs } = data as { readonly error: ErrorInfo; readonly retryInMs: number | null };
    failures.push({ attempt, at, error, retryInMs });
  }
  return failures;
}

function Attempts({ failures }: { readonly failures: readonly FailedAttempt[] }) {
  return (
    <section>
      <h4>Failed attempts</h4>
      <ol className="attempts">
        {failures.map(({ attempt, at, error, retryInMs }) => (
          <li key={`${attempt}-${at}`}>
            <span className="fine">
              Attempt {attempt}, {tellTime(at)}
              {retryInMs === null ? ', the last' : `, tried again after ${tellMs(retryInMs)}`}
            </span>
            <br />
            {error.message}{' '}
            <span className="fine">
              (code <code>{error.code}</code>)
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
