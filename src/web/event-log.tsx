/** The events of a run, one a line: only those in view are drawn, so that ten thousand scroll as ten do. */
import { useMemo, useRef, useState } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { tellCount, tellTime } from '../core/units.ts';
import type { JournalEvent } from '../journal/event.ts';
import { useOlderEvents } from './older-events.ts';
import { JsonBlock } from './json-tree.tsx';

const rowPx = 30;

type LogProps = { readonly run: string; readonly events: readonly JournalEvent[]; readonly dropped: number };

export function EventLog({ run, events: kept, dropped }: LogProps) {
  const older = useOlderEvents(run, dropped + 1);
  const events = useMemo(() => (older.events.length === 0 ? kept : [...older.events, ...kept]), [older.events, kept]);
  const [filter, setFilter] = useState('');
  const [open, setOpen] = useState<number>();
  const box = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => matching(events, filter), [events, filter]);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    overscan: 12,
  });
  return (
    <>
      <div className="row">
        <label className="search grow">
          <span className="unseen">Show events with</span>
          <input
            type="search"
            value={filter}
            placeholder="Filter by type, step or content"
            onChange={(event) => setFilter(event.target.value)}
          />
        </label>
        <span className="fine" role="status">
          {tellCount(shown.length)} of {tellCount(events.length)}
          {older.told !== '' && ` · ${older.told}`}
        </span>
        {dropped > older.events.length && (
          <button type="button" onClick={older.load}>
            Load {tellCount(dropped)} older ones
          </button>
        )}
      </div>
      <div className="event-log" ref={box} tabIndex={0} role="region" aria-label="Events">
        <div className="event-log-inside" style={{ height: `${virtual.getTotalSize()}px` }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const event = shown[index];
            if (event === undefined) return null;
            const isOpen = event.userSeq === open;
            return (
              <div
                key={key}
                className="event"
                data-index={index}
                ref={virtual.measureElement}
                style={{ transform: `translateY(${start}px)` }}
              >
                <EventLine event={event} isOpen={isOpen} onToggle={() => setOpen(isOpen ? undefined : event.userSeq)} />
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

type LineProps = { readonly event: JournalEvent; readonly isOpen: boolean; readonly onToggle: () => void };

function EventLine({ event, isOpen, onToggle }: LineProps) {
  const { seq, at, type, path, attempt } = event;
  return (
    <>
      <button type="button" className="event-head" aria-expanded={isOpen} onClick={onToggle}>
        <span className="event-seq">{seq}</span>
        <span className="event-at">{tellTime(at).slice(11)}</span>
        <span className="event-type">{type}</span>
        <span className="event-path cut">
          {path}
          {attempt === undefined || attempt === 1 ? '' : ` (attempt ${attempt})`}
        </span>
      </button>
      {isOpen && <JsonBlock value={event} what="the event" />}
    </>
  );
}

/** What is typed is looked for in the type and the path first, which costs little, and then in the data. */
function matching(events: readonly JournalEvent[], filter: string): readonly JournalEvent[] {
  const wanted = filter.trim().toLowerCase();
  if (wanted === '') return events;
  return events.filter(
    ({ type, path, data }) =>
      type.includes(wanted) ||
      path?.toLowerCase().includes(wanted) === true ||
      JSON.stringify(data).toLowerCase().includes(wanted),
  );
}
