/**
 * What a user can do over a wire: one table, of which HTTP routes, socket calls, the OpenAPI document and the client
 * are made. Each works through the user's door.
 *
 * OPS1  An operation that is not in the table does not exist, and one that is has a case in the test of isolation.
 * OPS2  Another user's id is answered exactly as an unknown one (P2).
 */
import type { Answer } from '../agents/answer.ts';
import type { Json } from '../core/json.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { Doubt } from '../journal/event.ts';
import type { RunRow, RunStatus } from '../journal/run-row.ts';
import type { Outcome } from '../journal/run-state.ts';
import type { Cursor } from '../journal/store.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import type { Me } from './frames.ts';

/** What is served, for a page's first screen and a client's checks. */
export type AppInfo = {
  readonly name: string;
  readonly description: string;
  /** Version of Cantus. */
  readonly version: string;
  readonly samples: readonly string[];
  /** What a question may come with. `file`: the id of an upload. */
  readonly options: readonly {
    readonly name: string;
    readonly help: string;
    readonly kind: 'file' | 'text' | 'flag';
    readonly many: boolean;
  }[];
  /** `onBusy`: what a question does that comes while one is being answered in its thread; absent: it waits. */
  readonly serves: readonly {
    readonly name: string;
    readonly kind: 'agent' | 'workflow';
    readonly onBusy?: 'steer' | 'refuse';
  }[];
  /** What is asked when a start doesn't say. */
  readonly default: string | null;
  readonly model: { readonly id: string; readonly kind: string; readonly why: string };
  readonly uploadBytesMax: number;
  readonly questionCharsMax: number;
};

/** A question, or a workflow's whole input, before it is started. */
export type Ask = {
  /** A workflow or agent; absent: the app's default. */
  readonly workflow?: string;
  readonly question?: string;
  /** The whole input, instead of what the app makes of the question. */
  readonly input?: Json;
  /** The app's options by name; of kind `file` it is the id of an upload. */
  readonly options?: Readonly<Record<string, string | readonly string[] | true>>;
  readonly thread?: string;
};

/** A stretch of a stream or of a run. `next`: read on behind it. */
export type EventsPage = {
  readonly events: readonly JournalEvent[];
  readonly skipped: readonly { readonly from: number; readonly to: number }[];
  readonly next: Cursor;
  readonly head: Cursor;
};

/** A run's answer for people: as the app renders it, else Markdown; null where it has no output (yet). */
export type RunAnswer = {
  readonly outcome: Outcome | null;
  readonly answer: Answer | null;
  readonly markdown: string | null;
};

type None = Readonly<Record<string, never>>;
type OfRun = { readonly run: string };

/** Each operation with what it takes and gives. */
export type Operations = {
  'app.read': { readonly input: None; readonly output: AppInfo };
  'me.read': { readonly input: None; readonly output: Me };
  /** What a start would take, checked, and what the user should know of it; starts nothing. */
  'runs.prepare': {
    readonly input: Ask;
    readonly output: { readonly workflow: string; readonly notes: readonly string[] };
  };
  /** The same `key` starts once. */
  'runs.start': {
    readonly input: Ask & { readonly key: string; readonly deadlineMs?: number };
    readonly output: { readonly run: string; readonly workflow: string; readonly notes: readonly string[] };
  };
  'runs.list': {
    readonly input: {
      readonly thread?: string;
      readonly status?: readonly RunStatus[];
      readonly before?: number;
      readonly limit?: number;
    };
    readonly output: { readonly runs: readonly RunRow[] };
  };
  'runs.read': { readonly input: OfRun; readonly output: RunRow };
  'runs.answer': { readonly input: OfRun; readonly output: RunAnswer };
  /** A run's events behind `after`, a seq of the run. */
  'runs.events': {
    readonly input: OfRun & { readonly after?: number; readonly limit?: number };
    readonly output: { readonly events: readonly JournalEvent[]; readonly next: number; readonly ended: boolean };
  };
  'runs.cancel': { readonly input: OfRun & { readonly reason?: string }; readonly output: None };
  'runs.signal': {
    readonly input: OfRun & { readonly name: string; readonly value?: Json; readonly key?: string };
    readonly output: None;
  };
  'runs.decide': {
    readonly input: OfRun & { readonly path: string; readonly decision: Doubt; readonly output?: Json };
    readonly output: None;
  };
  'runs.approve': {
    readonly input: OfRun & { readonly path: string; readonly approved: boolean; readonly note?: string };
    readonly output: None;
  };
  'threads.list': {
    readonly input: { readonly search?: string; readonly before?: number; readonly limit?: number };
    readonly output: { readonly threads: readonly ThreadRow[] };
  };
  'threads.rename': { readonly input: { readonly thread: string; readonly title: string }; readonly output: ThreadRow };
  'threads.delete': { readonly input: { readonly thread: string }; readonly output: None };
  /** The user's stream behind a cursor. */
  'events.list': {
    readonly input: { readonly after?: string; readonly limit?: number };
    readonly output: EventsPage;
  };
  'events.head': { readonly input: None; readonly output: Cursor };
  'values.read': { readonly input: { readonly blob: string }; readonly output: Json };
};

export type OperationName = keyof Operations;

type Route = { readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; readonly path: string };

/** Where each operation is over HTTP. `:name` is the member of the input of that name. */
export const routes = {
  'app.read': { method: 'GET', path: '/v1/app' },
  'me.read': { method: 'GET', path: '/v1/me' },
  'runs.prepare': { method: 'POST', path: '/v1/runs/prepare' },
  'runs.start': { method: 'POST', path: '/v1/runs' },
  'runs.list': { method: 'GET', path: '/v1/runs' },
  'runs.read': { method: 'GET', path: '/v1/runs/:run' },
  'runs.answer': { method: 'GET', path: '/v1/runs/:run/answer' },
  'runs.events': { method: 'GET', path: '/v1/runs/:run/events' },
  'runs.cancel': { method: 'POST', path: '/v1/runs/:run/cancel' },
  'runs.signal': { method: 'POST', path: '/v1/runs/:run/signal' },
  'runs.decide': { method: 'POST', path: '/v1/runs/:run/decide' },
  'runs.approve': { method: 'POST', path: '/v1/runs/:run/approve' },
  'threads.list': { method: 'GET', path: '/v1/threads' },
  'threads.rename': { method: 'PATCH', path: '/v1/threads/:thread' },
  'threads.delete': { method: 'DELETE', path: '/v1/threads/:thread' },
  'events.list': { method: 'GET', path: '/v1/events' },
  'events.head': { method: 'GET', path: '/v1/events/head' },
  'values.read': { method: 'GET', path: '/v1/values/:blob' },
} as const satisfies Readonly<Record<OperationName, Route>>;

/** Routes that are no operations, as their bodies are no JSON or their answers streams. */
export const otherRoutes = {
  /** The file as the body; `?name=` as the user knows it. Answers `Uploaded`. */
  'files.put': { method: 'POST', path: '/v1/files' },
  /** `text/event-stream` of the user's events; `Last-Event-ID` or `?after=` is a cursor. */
  'events.stream': { method: 'GET', path: '/v1/events/stream' },
  /** `text/event-stream` of one run's events to its end; ids are the run's seqs. */
  'runs.stream': { method: 'GET', path: '/v1/runs/:run/stream' },
  /** One-time credential for a socket from another origin, valid for some seconds. Answers `Ticket`. */
  'ticket.create': { method: 'POST', path: '/v1/ticket' },
  'agui.run': { method: 'POST', path: '/v1/agui/:agent' },
} as const satisfies Readonly<Record<string, Route>>;

export type Uploaded = { readonly file: string; readonly name: string; readonly bytes: number };
export type Ticket = { readonly ticket: string; readonly expiresAt: number };
