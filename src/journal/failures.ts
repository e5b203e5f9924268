/**
 * What an answer had to do without. A run that ends well with something on this list is degraded, and says it (P4).
 *
 * D1  A step that finally failed is on the list, in place of what failed inside it.
 * D2  What failed in an attempt that was tried again is not: the later attempt answers for it.
 * D3  A tool call that failed is not, once its agent got an answer from the same tool. A body's own call stays: what
 *     another call of the tool gave is no answer to it.
 * D4  What was cancelled did not fail.
 * D5  A body's own `degrade(reason)` is on the list.
 */
import { limits } from '../core/limits.ts';
import type { EventData, EventType, Failure } from './event.ts';
import { parentPath } from './path.ts';

/** As much of an event as is looked at; a run tells it before it is stamped. */
type Told = { readonly type: EventType; readonly data: EventData[EventType]; readonly path?: string | undefined };

/** The list after `event`. The same list when the event does not change it. */
export function failuresAfter(failures: readonly Failure[], event: Told): readonly Failure[] {
  switch (event.type) {
    case 'step.failed':
    case 'agent.failed':
    case 'model.failed':
    case 'tool.failed':
      return afterFailure(failures, event.path ?? '', event.data as FailedData);
    case 'tool.completed':
      return failures.length === 0 ? failures : afterToolAnswer(failures, event.path ?? '');
    case 'note': {
      const { code, text } = event.data as { readonly code: string; readonly text: string };
      return code === 'degraded' ? kept([...failures, { path: event.path ?? '', code, message: text }]) : failures;
    }
    default:
      return failures;
  }
}

type FailedData = {
  readonly error: { readonly code: string; readonly message: string };
  readonly retryInMs: number | null;
};

function afterFailure(
  failures: readonly Failure[],
  path: string,
  { error, retryInMs }: FailedData,
): readonly Failure[] {
  const outside = failures.filter((failure) => !isUnder(failure.path, path));
  if (retryInMs !== null || error.code === 'cancelled') return outside;
  return kept([...outside, { path, code: error.code, message: error.message }]);
}

/** An agent's own calls of a tool have its turn, and their place in it, for a key (engine/agent-loop.ts L3). */
const agentCall = /:\d+-\d+(@\d+)?$/;

function afterToolAnswer(failures: readonly Failure[], path: string): readonly Failure[] {
  if (!agentCall.test(path)) return failures;
  return failures.filter(
    (failure) => parentPath(failure.path) !== parentPath(path) || nameOf(failure.path) !== nameOf(path),
  );
}

/** The name of a path's last segment, without key and attempt. */
function nameOf(path: string): string {
  return /[^:@]*/.exec(path.slice(path.lastIndexOf('/') + 1))?.[0] ?? '';
}

function isUnder(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}

function kept(failures: readonly Failure[]): readonly Failure[] {
  return failures.length > limits.failuresKeptMax ? failures.slice(0, limits.failuresKeptMax) : failures;
}
