/** All of the user's runs, newest first, by how they stand. */
import { useEffect, useState } from 'react';
import { clip } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { tellMs, tellTime } from '../core/units.ts';
import { isEnded, openStatuses, type RunRow, type RunStatus } from '../journal/run-row.ts';
import { wordsOf } from './server.ts';
import { formatPlace } from './place.ts';
import { useRunLabels } from './use-run-labels.ts';
import { StatusMark } from './status-mark.tsx';
import { useKey, useNow, useUser } from './user.tsx';
import { plainName, runnableName, statusName } from './work.ts';

const pageRuns = 50;

const filters: readonly (readonly [string, readonly RunStatus[]])[] = [
  ['All', []],
  ['Open', openStatuses],
  ['Waiting', ['suspended', 'parked']],
  ['Completed', ['completed']],
  ['Degraded', ['degraded']],
  ['Failed', ['failed']],
  ['Cancelled', ['cancelled']],
];

export function RunList() {
  const [filter, setFilter] = useState(0);
  const status = filters[filter]?.[1] ?? [];
  return (
    <section className="run-page">
      <h2>Runs</h2>
      <div className="tabs" role="group" aria-label="Which runs">
        {filters.map(([label], index) => (
          <button key={label} type="button" aria-pressed={index === filter} onClick={() => setFilter(index)}>
            {label}
          </button>
        ))}
      </div>
      <Rows key={filter} status={status} />
    </section>
  );
}

function Rows({ status }: { readonly status: readonly RunStatus[] }) {
  const { store, connection } = useUser();
  useKey('runs');
  const [rows, setRows] = useState<readonly RunRow[]>([]);
  const [hasMore, setMore] = useState(false);
  const [told, setTold] = useState('Loading…');
  const load = (before: number | undefined): void => {
    const page = {
      limit: pageRuns,
      ...(status.length === 0 ? {} : { status }),
      ...(before === undefined ? {} : { before }),
    };
    const take = (runs: readonly RunRow[]): void => {
      setRows((known) => [...known, ...runs.filter(({ run }) => !known.some((row) => row.run === run))]);
      setMore(runs.length === pageRuns);
      setTold('');
    };
    connection.door.runs(page).then(take, (thrown: unknown) => setTold(wordsOf(thrown)));
  };
  useEffect(() => load(undefined), []);
  const shown = merged(
    rows,
    store.state.runs.flatMap(({ row }) => (row === undefined ? [] : [row])),
    status,
    hasMore,
  );
  const now = useNow(
    1_000,
    shown.some((row) => !isEnded(row.status)),
  );
  const labelOf = useRunLabels(shown);
  const last = rows.at(-1);
  return (
    <>
      <ul className="run-rows">
        {shown.map((row) => (
          <li key={row.run}>
            <a href={formatPlace({ kind: 'run', run: row.run })}>
              <StatusMark status={row.status} />
              <span className="grow">
                <RunName row={row} label={labelOf(row)} />
              </span>
              <code className="wide-only">{row.run.slice(0, 8)}</code>
              <span className="when">{tellTime(row.queuedAt)}</span>
              <span className="took">{tellMs((row.endedAt ?? now) - row.queuedAt)}</span>
            </a>
          </li>
        ))}
      </ul>
      {shown.length === 0 && told === '' && <p className="fine centre">There is none.</p>}
      <p className="fine centre" role="status">
        {told}
      </p>
      {hasMore && last !== undefined && (
        <button type="button" className="more" onClick={() => load(last.firstUserSeq)}>
          Older runs
        </button>
      )}
    </>
  );
}

function RunName({ row, label }: { readonly row: RunRow; readonly label: string }) {
  const workflow = plainName(runnableName(row.workflow));
  const status = statusName(row.status);
  return (
    <>
      <strong title={label}>{clip(label === '' ? workflow : label, limits.titleCharsMax)}</strong>{' '}
      <span className="fine">{label === '' ? status : `${workflow} · ${status}`}</span>
    </>
  );
}

/** What was loaded with what the stream has told since; the stream knows better how a run stands. */
function merged(
  loaded: readonly RunRow[],
  live: readonly RunRow[],
  status: readonly RunStatus[],
  hasMore: boolean,
): readonly RunRow[] {
  const rows = new Map(loaded.map((row) => [row.run, row] as const));
  const oldest = hasMore ? (loaded.at(-1)?.firstUserSeq ?? 0) : 0;
  for (const row of live) if (rows.has(row.run) || row.firstUserSeq >= oldest) rows.set(row.run, row);
  const wanted = [...rows.values()].filter((row) => status.length === 0 || status.includes(row.status));
  return wanted.toSorted((a, b) => b.firstUserSeq - a.firstUserSeq);
}
