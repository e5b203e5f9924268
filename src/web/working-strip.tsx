/** Who is working on what, for how long: one line each, as it happens. */
import { tellMs } from '../core/units.ts';
import type { RunState } from '../journal/run-state.ts';
import type { Working } from '../client/user-state.ts';
import { useKey, useUser } from './user.tsx';
import { doingWords, plainName } from './work.ts';

/** More at once are counted. */
const linesShown = 6;

type StripProps = { readonly run: string; readonly state: RunState; readonly now: number };

export function WorkingStrip({ run, state, now }: StripProps) {
  const { store } = useUser();
  useKey('runs');
  const all = store.state.working(run);
  return (
    <div className="working">
      <p className="unseen" role="status">
        {statusWords(state, all)}
      </p>
      {all.length === 0 && <Standing state={state} place={store.state.queuePlace(run)} now={now} />}
      {all.slice(0, linesShown).map((one) => (
        <p key={one.path} className="working-line">
          <span className={one.status === 'open' ? 'pulse' : 'pulse still'} aria-hidden="true" />
          <strong>{plainName(one.agent ?? one.name ?? 'workflow')}</strong>
          <span className="working-what">{doingWords(one)}</span>
          <span className="working-time">{timeWords(one, now)}</span>
        </p>
      ))}
      {all.length > linesShown && <p className="fine">and {all.length - linesShown} more</p>}
    </div>
  );
}

function timeWords({ status, since, retryAt }: Working, now: number): string {
  if (status === 'retrying' && retryAt !== undefined) return `in ${tellMs(Math.max(0, retryAt - now))}`;
  return tellMs(Math.max(0, now - since));
}

type StandingProps = { readonly state: RunState; readonly place: number | undefined; readonly now: number };

function Standing({ state, place, now }: StandingProps) {
  return (
    <p className="working-line">
      <span className={state.status === 'running' ? 'pulse' : 'pulse still'} aria-hidden="true" />
      <span className="working-what">{standingWords(state, place)}</span>
      <span className="working-time">{tellMs(Math.max(0, now - state.queuedAt))}</span>
    </p>
  );
}

function standingWords({ status, cancelRequested }: RunState, place: number | undefined): string {
  if (cancelRequested !== undefined) return 'Stopping…';
  switch (status) {
    case 'queued':
      return place === undefined || place <= 1
        ? 'Queued: begins as soon as there is room'
        : `Queued: number ${place} of yours`;
    case 'suspended':
      return 'Waiting';
    case 'parked':
      return 'Parked';
    default:
      return 'Beginning…';
  }
}

/** Without times, so that it is read aloud when something changes and not with each tick. */
function statusWords(state: RunState, all: readonly Working[]): string {
  if (all.length === 0) return standingWords(state, undefined);
  return all
    .slice(0, 3)
    .map((one) => `${plainName(one.agent ?? one.name ?? '')}: ${doingWords(one)}`)
    .join('; ');
}
