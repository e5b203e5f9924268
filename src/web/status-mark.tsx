import { memo } from 'react';
import type { RunStatus } from '../journal/run-row.ts';
import type { StepState } from '../journal/run-state.ts';

type Status = StepState['status'] | RunStatus;

const marks: Readonly<Record<Status, readonly [string, string, string]>> = {
  open: ['busy', '', 'working'],
  running: ['busy', '', 'running'],
  retrying: ['warn', '↻', 'will try again'],
  queued: ['still', '', 'queued'],
  suspended: ['warn', '…', 'waiting'],
  parked: ['warn', 'P', 'parked'],
  completed: ['good', '✓', 'done'],
  degraded: ['warn', '!', 'degraded'],
  failed: ['bad', '✕', 'failed'],
  cancelled: ['still', '–', 'cancelled'],
  indoubt: ['warn', '?', 'in doubt'],
};

/** How something stands, as a sign and, for who can't see it, as a word. */
export const StatusMark = memo(function StatusMark({
  status,
  isWait = false,
}: {
  readonly status: Status;
  readonly isWait?: boolean;
}) {
  const [tone, sign, word] = status === 'open' && isWait ? (['warn', '…', 'waiting'] as const) : marks[status];
  return (
    <span className={`mark ${tone}`} role="img" aria-label={word} title={word}>
      {sign}
    </span>
  );
});
