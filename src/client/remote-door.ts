import type { Json } from '../core/json.ts';
import type { BlobRef, Doubt, JournalEvent } from '../journal/event.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Outcome, RunState } from '../journal/run-state.ts';
import type { Cursor } from '../journal/store.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import type { Me } from '../protocol/frames.ts';
import type { AppInfo, Ask, OperationName, Operations, RunAnswer, Uploaded } from '../protocol/operations.ts';

/** A stretch of the user's stream. Places in `skipped` are no longer there. */
export type RemoteFrame = {
  readonly generation: string;
  readonly from: number;
  readonly to: number;
  readonly events: readonly JournalEvent[];
  readonly skipped: readonly { readonly from: number; readonly to: number }[];
};

/** What is asked: a question, or a question with the app's options, or a workflow's whole input. */
export type RemoteAsk = string | Pick<Ask, 'question' | 'input' | 'options'>;

export type RemoteStartOptions = {
  /** The same key starts once. Absent: a new one, so that a start that is sent again by the client starts once. */
  readonly key?: string;
  readonly thread?: string;
  readonly deadlineMs?: number;
};

export type UploadOptions = {
  /** Told where the platform can tell it (browsers), else once at the end. */
  readonly onProgress?: (sentBytes: number, allBytes: number) => void;
  readonly signal?: AbortSignal;
};

/** A run of the user, wherever it is: the handle that the engine gives, over a wire. */
export interface RemoteRun {
  readonly id: string;
  /** The run's events behind `after` (a seq of the run), then what comes, until its end. */
  events(options?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<JournalEvent>;
  /** How it ended. Waits for the end. */
  result(): Promise<Outcome>;
  cancel(reason?: string): Promise<void>;
  signal(name: string, value?: unknown, options?: { readonly key?: string }): Promise<void>;
  decide(path: string, decision: Doubt, output?: unknown): Promise<void>;
  state(): Promise<RunState>;
  row(): Promise<RunRow>;
  /** Its answer for people, as the app renders it. */
  answer(): Promise<RunAnswer>;
}

/** A run that was just started, and what the user should know of it. */
export interface StartedRun extends RemoteRun {
  readonly workflow: string;
  readonly notes: readonly string[];
}

/** The user's door over a wire: what the server refuses is thrown as the EngineError that it said. */
export interface RemoteDoor {
  /** Any operation of the protocol by its name. Reads are sent again where the network failed. */
  call<Name extends OperationName>(name: Name, input: Operations[Name]['input']): Promise<Operations[Name]['output']>;
  app(): Promise<AppInfo>;
  me(): Promise<Me>;
  /** What a start would take, checked; starts nothing. */
  prepare(workflow: string | undefined, ask: RemoteAsk, options?: { readonly thread?: string }): Promise<Operations['runs.prepare']['output']>;
  /** Starts a run; resolves when it is in the journal. Sent again after a failure of the network, it starts once. */
  start(workflow: string | undefined, ask: RemoteAsk, options?: RemoteStartOptions): Promise<StartedRun>;
  run(id: string): Promise<RemoteRun>;
  runs(list?: Operations['runs.list']['input']): Promise<readonly RunRow[]>;
  answer(run: string): Promise<RunAnswer>;
  frames(options?: { readonly after?: Cursor; readonly signal?: AbortSignal }): AsyncIterable<RemoteFrame>;
  head(): Promise<Cursor>;
  value(reference: BlobRef): Promise<Json>;
  threads(list?: Operations['threads.list']['input']): Promise<readonly ThreadRow[]>;
  thread(id: string): Promise<ThreadRow>;
  renameThread(id: string, title: string): Promise<ThreadRow>;
  deleteThread(id: string): Promise<void>;
  /** Puts a file on the server; its `file` is what an option of kind `file` takes. */
  upload(data: Blob | Uint8Array<ArrayBuffer>, name: string, options?: UploadOptions): Promise<Uploaded>;
}
