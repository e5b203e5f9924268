/** A run over time, drawn: rows of steps with their stretches, by mouse and by keys, and one of them in detail. */
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { tellMs } from '../core/units.ts';
import type { JournalEvent } from '../journal/event.ts';
import { basePath } from '../journal/path.ts';
import type { RunState } from '../journal/run-state.ts';
import { Icon } from './icon.tsx';
import { JsonBlock } from './json-tree.tsx';
import { StatusMark } from './status-mark.tsx';
import { StepDetail } from './step-detail.tsx';
import { percentOf, timelineOf, type Stretch, type Timeline, type TimelineRow } from './timeline.ts';

type ViewProps = {
  readonly run: RunState;
  readonly events: readonly JournalEvent[];
  readonly now: number;
  /** The step to look at first. */
  readonly path: string | undefined;
};

export function TimelineView({ run, events, now, path }: ViewProps) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState(path === undefined ? '' : basePath(path));
  const timeline = timelineOf(run, events, now, folded);
  const fold = (at: string, isFolded: boolean): void => {
    const next = new Set(folded);
    if (isFolded) next.add(at);
    else next.delete(at);
    setFolded(next);
  };
  const step = run.steps.get(chosen);
  return (
    <div className="timeline-frame">
      <div className="timeline-box">
        <Scale timeline={timeline} />
        <Rows timeline={timeline} chosen={chosen} folded={folded} onChoose={setChosen} onFold={fold} />
        <Legend />
      </div>
      <aside className="detail" aria-label="Details of the step">
        <h3>
          {step === undefined ? 'The whole run' : (timeline.rows.find((row) => row.path === chosen)?.label ?? chosen)}
        </h3>
        {step === undefined ? <Whole run={run} /> : <StepDetail step={step} events={events} />}
      </aside>
    </div>
  );
}

type RowsProps = {
  readonly timeline: Timeline;
  readonly chosen: string;
  readonly folded: ReadonlySet<string>;
  readonly onChoose: (path: string) => void;
  readonly onFold: Fold;
};

const rowPx = 30;

/** Only the rows in view are drawn: a run may have thousands. The focus is on the grid, which names the chosen row. */
function Rows({ timeline, chosen, folded, onChoose, onFold }: RowsProps) {
  const { rows } = timeline;
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    overscan: 12,
  });
  const press = usePresses(rows, chosen, onChoose, onFold);
  const at = rows.findIndex(({ path }) => path === chosen);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
    // Only when another row is chosen: the list also changes under a user who has scrolled away.
  }, [chosen]);
  return (
    <div
      ref={box}
      className="timeline"
      role="treegrid"
      aria-label="Steps over time"
      aria-rowcount={rows.length}
      aria-activedescendant={at < 0 ? undefined : `row-${at}`}
      tabIndex={0}
      onKeyDown={press}
    >
      <div role="rowgroup" className="timeline-inside" style={{ height: `${virtual.getTotalSize()}px` }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <Row
              key={row.path}
              row={row}
              place={{ index, start }}
              timeline={timeline}
              isChosen={index === at}
              isFolded={folded.has(row.path)}
              onChoose={onChoose}
              onFold={onFold}
            />
          );
        })}
      </div>
    </div>
  );
}

function Whole({ run }: { readonly run: RunState }) {
  return (
    <div className="step-detail">
      <section>
        <h4>Input</h4>
        <JsonBlock value={run.input} what="the input" />
      </section>
      {run.outcome !== undefined && 'output' in run.outcome && (
        <section>
          <h4>Output</h4>
          <JsonBlock value={run.outcome.output} what="the output" />
        </section>
      )}
    </div>
  );
}

type Fold = (path: string, isFolded: boolean) => void;

/** Arrows go from row to row, fold and unfold. */
function usePresses(rows: readonly TimelineRow[], chosen: string, choose: (path: string) => void, fold: Fold) {
  return (event: KeyboardEvent): void => {
    const at = rows.findIndex(({ path }) => path === chosen);
    const row = rows[at];
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => choose(rows[Math.min(at + 1, rows.length - 1)]?.path ?? ''),
      ArrowUp: () => choose(rows[Math.max(at - 1, 0)]?.path ?? ''),
      Home: () => choose(rows[0]?.path ?? ''),
      End: () => choose(rows.at(-1)?.path ?? ''),
      ArrowLeft: () => row?.hasChildren === true && fold(row.path, true),
      ArrowRight: () => row?.hasChildren === true && fold(row.path, false),
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
}

type RowProps = {
  readonly row: TimelineRow;
  readonly place: { readonly index: number; readonly start: number };
  readonly timeline: Timeline;
  readonly isChosen: boolean;
  readonly isFolded: boolean;
  readonly onChoose: (path: string) => void;
  readonly onFold: Fold;
};

function Row({ row, place, timeline, isChosen, isFolded, onChoose, onFold }: RowProps) {
  const took = (row.endedAt ?? timeline.to) - row.startedAt;
  return (
    <div
      id={`row-${place.index}`}
      role="row"
      aria-rowindex={place.index + 1}
      title={row.label}
      aria-selected={isChosen}
      aria-level={row.depth + 1}
      aria-expanded={row.hasChildren ? !isFolded : undefined}
      className={`timeline-row ${row.kind} ${row.status}`}
      style={{ transform: `translateY(${place.start}px)` }}
      onClick={() => onChoose(row.path)}
    >
      <span role="gridcell" className="timeline-name" style={{ paddingInlineStart: `${row.depth * 14}px` }}>
        <button
          type="button"
          tabIndex={-1}
          className={isFolded ? 'fold' : 'fold open'}
          hidden={!row.hasChildren}
          aria-label={isFolded ? 'Unfold' : 'Fold'}
          onClick={(event) => {
            event.stopPropagation();
            onFold(row.path, !isFolded);
          }}
        >
          <Icon name="fold" />
        </button>
        <Mark status={row.status} kind={row.kind} />
        <span className="cut">{row.label}</span>
      </span>
      <span role="gridcell" className="timeline-lane" aria-label={laneWords(row, took)}>
        {row.stretches.map((stretch, index) => (
          <Bar key={index} stretch={stretch} timeline={timeline} kind={row.kind} />
        ))}
      </span>
      <span role="gridcell" className="timeline-took">
        {tellMs(took)}
      </span>
    </div>
  );
}

function Mark({ status, kind }: Pick<TimelineRow, 'status' | 'kind'>) {
  const known = status === 'discarded' ? 'cancelled' : status;
  return <StatusMark status={known as Parameters<typeof StatusMark>[0]['status']} isWait={kind === 'wait'} />;
}

function laneWords({ status, stretches }: TimelineRow, took: number): string {
  const failed = stretches.filter(({ kind }) => kind === 'failed').length;
  return `${status}, ${tellMs(took)}${failed > 0 ? `, failed attempts: ${failed}` : ''}`;
}

type BarProps = { readonly stretch: Stretch; readonly timeline: Timeline; readonly kind: TimelineRow['kind'] };

function Bar({ stretch, timeline, kind }: BarProps) {
  const { left, width } = percentOf(stretch, timeline);
  const why = stretch.why === undefined ? '' : `: ${stretch.why}`;
  return (
    <span
      className={`stretch ${stretch.kind} of-${kind}${stretch.open ? ' growing' : ''}`}
      style={{ left: `${left}%`, width: `${width}%` }}
      title={`${stretchNames[stretch.kind]} ${tellMs(stretch.to - stretch.from)}${why}`}
    />
  );
}

const stretchNames: Readonly<Record<Stretch['kind'], string>> = {
  work: 'Worked',
  failed: 'Failed after',
  queue: 'Waited for its turn',
  wait: 'Waited',
};

function Scale({ timeline }: { readonly timeline: Timeline }) {
  const span = timeline.to - timeline.from;
  return (
    <div className="timeline-scale" aria-hidden="true">
      <span />
      <span className="timeline-lane">
        {timeline.ticks.map(({ at, offsetMs }) => (
          <span key={offsetMs} className="tick" style={{ left: `${((at - timeline.from) / span) * 100}%` }}>
            {tellMs(offsetMs)}
          </span>
        ))}
      </span>
      <span />
    </div>
  );
}

function Legend() {
  return (
    <p className="legend fine">
      <span className="stretch work" /> worked <span className="stretch queue" /> waited for its turn{' '}
      <span className="stretch wait" /> waits <span className="stretch failed" /> failed attempt
    </p>
  );
}
