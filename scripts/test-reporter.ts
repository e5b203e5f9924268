/** A reporter of node:test that writes each result as a line of JSON, for scripts/test-run.ts to read. */
import { inspect } from 'node:util';
import type { TestEvent } from 'node:test/reporters';

/** One line of the report. `summary` is the last line of a run that came to its end. */
export type ReportLine = { readonly kind: 'summary' } | ({ readonly kind: 'result' } & TestResult);

export type TestResult = {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** A `describe` block: it counts only when it failed by itself. */
  readonly isSuite: boolean;
  /** Why a test was skipped. */
  readonly reason?: string;
  readonly failure?: TestFailure;
};

export type TestFailure = {
  /** As node:test says it: `testCodeFailure`, `testTimeoutFailure`, `hookFailed`, `uncaughtException`, ... */
  readonly type: string;
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly text: string;
};

const textOf = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

type ResultEvent = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

/** fast-check wraps what a property threw; the reason is inside. */
function origin(thrown: unknown): unknown {
  const wrapped = thrown instanceof Error && thrown.message.startsWith('Property failed') && thrown.cause !== undefined;
  return wrapped ? thrown.cause : thrown;
}

function failureOf(event: ResultEvent): TestFailure {
  const wrapper = 'error' in event.data.details ? event.data.details.error : undefined;
  const { failureType } = (wrapper ?? {}) as { failureType?: string };
  const thrown: unknown = wrapper?.cause ?? wrapper;
  const cause = origin(thrown);
  const { name, code, message } = (typeof cause === 'object' && cause !== null ? cause : {}) as Record<string, unknown>;
  return {
    type: failureType ?? 'loadFailure',
    name: textOf(name, typeof cause),
    code: textOf(code, ''),
    message: textOf(message, ''),
    text: textOf(thrown, inspect(thrown, { depth: 6 })),
  };
}

function resultOf(event: ResultEvent): TestResult {
  const { name, file = '', line = 0, skip, todo, details } = event.data;
  const place = { name, file, line, isSuite: details.type === 'suite' };
  const aside = skip ?? todo;
  if (aside !== undefined && aside !== false) {
    return { ...place, outcome: 'skipped', reason: typeof aside === 'string' ? aside : 'no reason given' };
  }
  return event.type === 'test:pass'
    ? { ...place, outcome: 'passed' }
    : { ...place, outcome: 'failed', failure: failureOf(event) };
}

const line = (content: ReportLine): string => `${JSON.stringify(content)}\n`;

async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type === 'test:pass' || event.type === 'test:fail') yield line({ kind: 'result', ...resultOf(event) });
    // With a process per file there is a summary of each file before the one of the run.
    if (event.type === 'test:summary' && event.data.file === undefined) yield line({ kind: 'summary' });
  }
}

// oxlint-disable-next-line import/no-default-export -- node:test takes a reporter by its default export
export default report;
