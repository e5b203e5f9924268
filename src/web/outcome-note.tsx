/** How a run ended where that is not simply well, and what can be done about it. */
import { nextRunOf, type RunState } from '../journal/run-state.ts';
import { formatPlace } from './place.ts';
import { ErrorBlock } from './step-detail.tsx';
import { plainName } from './work.ts';

type NoteProps = { readonly state: RunState; readonly onRetry: () => void };

export function OutcomeNote({ state, onRetry }: NoteProps) {
  const next = nextRunOf(state);
  return (
    <>
      {next !== undefined && (
        <p className="note">
          {state.started ? (
            <>
              <strong>This run goes on as another one.</strong>
              <a href={formatPlace({ kind: 'run', run: next })}>The next run</a>
            </>
          ) : (
            <>
              <strong>Taken up while the agent was at work:</strong> the answer above is to this too.
              <a href={formatPlace({ kind: 'run', run: next })}>The run that answers</a>
            </>
          )}
        </p>
      )}
      <Ending state={state} onRetry={onRetry} />
    </>
  );
}

function Ending({ state, onRetry }: NoteProps) {
  const { outcome } = state;
  if (state.status === 'parked')
    return (
      <div className="note warn">
        <strong>Parked.</strong> The server no longer has version {state.version} of “{plainName(state.workflow)}”. The
        run goes on as soon as it has.
      </div>
    );
  switch (outcome?.status) {
    case 'degraded':
      return (
        <div className="note warn">
          <p>
            <strong>This answer is degraded:</strong> something it should rest on did not work.
          </p>
          <ul>
            {outcome.reasons.map(({ path, code, message }, index) => (
              <li key={`${path}-${index}`}>
                {path !== '' && <code>{path}</code>} {message}{' '}
                <span className="fine">
                  (code <code>{code}</code>)
                </span>
              </li>
            ))}
          </ul>
        </div>
      );
    case 'failed':
      return (
        <div className="note bad">
          <p>
            <strong>This did not work.</strong>
          </p>
          <ErrorBlock error={outcome.error} />
          {outcome.error.code === 'in_doubt' ? (
            // It would do again what may have happened.
            <p className="hint">find out whether it happened before you ask again.</p>
          ) : (
            <button type="button" onClick={onRetry}>
              Ask again
            </button>
          )}
        </div>
      );
    case 'cancelled':
      return (
        <div className="note">
          <p>
            <strong>Stopped:</strong> {outcome.reason}.{' '}
            <button type="button" className="inline" onClick={onRetry}>
              Ask again
            </button>
          </p>
        </div>
      );
    default:
      return null;
  }
}
