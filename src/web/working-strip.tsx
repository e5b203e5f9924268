/** Who is working on what, for how long: one line each, as it happens. */
import { tellMs } from '../core/units.ts';
import { waitsForPerson } from '../journal/asked.ts';
import type { RunState } from '../journal/run-state.ts';
import type { RunView, Working } from '../client/user-state.ts';
import { basePath } from '../journal/path.ts';
import { isEnded } from '../journal/run-row.ts';
import { useKey, useUser } from './user.tsx';
import { doingWords, plainName, runnableName } from './work.ts';

/** More at once are counted. */
const linesShown = 6;

type StripProps = { readonly run: string; readonly state: RunState; readonly now: number };

export function WorkingStrip({ run, state, now }: StripProps) {
  const { store } = useUser();
  useKey('runs');
  const all = store.state.working(run);
  const isBehind = state.thread !== undefined && isBehindAnother(store.state.runsOf(state.thread), run);
  // What waits for a person is told by the form that answers it.
  const lines = all.filter(({ path }) => !isAsked(state, path));
  const isTold = lines.length === 0 && all.length > 0;
  return (
    <div className={isTold ? undefined : 'working'}>
      <p className="unseen" role="status">
        {statusWords(state, all, isBehind)}
      </p>
      {all.length === 0 && <Standing state={state} place={store.state.queuePlace(run)} isBehind={isBehind} now={now} />}
      {lines.slice(0, linesShown).map((one) => (
        <p key={one.path} className="working-line">
          <span className={one.status === 'open' ? 'pulse' : 'pulse still'} aria-hidden="true" />
          <strong>{whoWorks(one, state)}</strong>
          <span className="working-what">{doingWords(one)}</span>
          <span className="working-time">{timeWords(one, now)}</span>
        </p>
      ))}
      {lines.length > linesShown && <p className="fine">and {lines.length - linesShown} more</p>}
    </div>
  );
}

function isAsked({ steps }: RunState, path: string): boolean {
  const step = steps.get(basePath(path));
  return step !== undefined && waitsForPerson(step);
}

/** The agent it is for, or the workflow itself. */
function whoWorks({ agent }: Working, { workflow }: RunState): string {
  return plainName(agent ?? runnableName(workflow));
}

function timeWords({ status, since, retryAt }: Working, now: number): string {
  if (status === 'retrying' && retryAt !== undefined) return `in ${tellMs(Math.max(0, retryAt - now))}`;
  return tellMs(Math.max(0, now - since));
}

/** Is another run of the conversation before it still open? They go one after the other. */
function isBehindAnother(runs: readonly RunView[], run: string): boolean {
  const at = runs.findIndex((view) => view.run === run);
  return runs.slice(0, Math.max(0, at)).some(({ row }) => row !== undefined && !isEnded(row.status));
}

type StandingProps = {
  readonly state: RunState;
  readonly place: number | undefined;
  readonly isBehind: boolean;
  readonly now: number;
};

function Standing({ state, place, isBehind, now }: StandingProps) {
  return (
    <p className="working-line">
      <span className={state.status === 'running' ? 'pulse' : 'pulse still'} aria-hidden="true" />
      <span className="working-what">{standingWords(state, place, isBehind)}</span>
      <span className="working-time">{tellMs(Math.max(0, now - state.queuedAt))}</span>
    </p>
  );
}

function standingWords({ status, cancelRequested }: RunState, place: number | undefined, isBehind: boolean): string {
  if (cancelRequested !== undefined) return 'Stopping…';
  switch (status) {
    case 'queued':
      if (isBehind) return 'Queued: begins when what was asked before it has ended';
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
function statusWords(state: RunState, all: readonly Working[], isBehind: boolean): string {
  if (all.length === 0) return standingWords(state, undefined, isBehind);
  return all
    .slice(0, 3)
    .map((one) => `${whoWorks(one, state)}: ${doingWords(one)}`)
    .join('; ');
}
