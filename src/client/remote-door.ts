/**
 * The user's door over a wire, with the names that the engine's door has.
 *
 * RD1  Every start and every signal has a key, so that sending it again after a failure of the network is safe: it
 *      starts once, and is taken once.
 */
import { NotFoundError } from '../core/errors.ts';
import { toJson, type Json } from '../core/json.ts';
import type { BlobRef, JournalEvent } from '../journal/event.ts';
import type { RunRow } from '../journal/run-row.ts';
import type { Cursor } from '../journal/store.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import type { Me } from '../protocol/frames.ts';
import type { AppInfo, Ask, OperationName, Operations, RunAnswer, Uploaded } from '../protocol/operations.ts';
import type { Calls, ServerAddress } from './calls.ts';
import { remoteFrames } from './remote-frames.ts';
import { remoteRun, type RemoteRun, type StartedRun } from './remote-run.ts';
import { upload, type UploadOptions } from './upload.ts';

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

/** How a run is started. */
export type RemoteStartOptions = {
  /** The same key starts once. Absent: a new one, so that a start that is sent again by the client starts once. */
  readonly key?: string;
  readonly thread?: string;
  readonly deadlineMs?: number;
};

/** The user's door over a wire: what the server refuses is thrown as the EngineError that it said. */
export interface RemoteDoor {
  /** Any operation of the protocol by its name. Reads are sent again where the network failed. */
  call<Name extends OperationName>(name: Name, input: Operations[Name]['input']): Promise<Operations[Name]['output']>;
  app(): Promise<AppInfo>;
  me(): Promise<Me>;
  /** What a start would take, checked; starts nothing. */
  prepare(
    workflow: string | undefined,
    ask: RemoteAsk,
    options?: { readonly thread?: string },
  ): Promise<Operations['runs.prepare']['output']>;
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

/** Opens the door; `connect` does it. */
export function remoteDoor(address: ServerAddress, calls: Calls): RemoteDoor {
  const call: RemoteDoor['call'] = (name, input) => calls.call(name, input);
  const runOf = (id: string): RemoteRun => remoteRun(id, address, calls);
  return {
    call,
    app: () => call('app.read', {}),
    me: () => call('me.read', {}),
    prepare: (workflow, ask, options = {}) => call('runs.prepare', askOf(workflow, ask, options.thread)),
    async start(workflow, ask, { key = address.random.id(), thread, deadlineMs } = {}) {
      const told = { ...askOf(workflow, ask, thread), key, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
      const { run, ...facts } = await call('runs.start', told);
      return { ...runOf(run), ...facts };
    },
    async run(id) {
      await call('runs.read', { run: id });
      return runOf(id);
    },
    runs: async (list = {}) => (await call('runs.list', list)).runs,
    answer: (run) => call('runs.answer', { run }),
    frames: (options = {}) => remoteFrames(address, calls, options),
    head: () => call('events.head', {}),
    value: (reference) => call('values.read', { blob: reference.$blob }),
    threads: async (list = {}) => (await call('threads.list', list)).threads,
    thread: (id) => findThread(call, id),
    renameThread: (id, title) => call('threads.rename', { thread: id, title }),
    deleteThread: async (id) => void (await call('threads.delete', { thread: id })),
    upload: (data, name, options) => upload(calls, data, name, options),
  };
}

function askOf(workflow: string | undefined, ask: RemoteAsk, thread: string | undefined): Ask {
  const asked = typeof ask === 'string' ? { question: ask } : ask;
  return {
    ...asked,
    ...(asked.input === undefined ? {} : { input: toJson(asked.input, 'the input') }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(thread === undefined ? {} : { thread }),
  };
}

/** The protocol has no reading of one thread: it is looked for from the newest on. */
async function findThread(call: RemoteDoor['call'], id: string): Promise<ThreadRow> {
  let before: number | undefined;
  for (;;) {
    const { threads } = await call('threads.list', before === undefined ? {} : { before });
    const found = threads.find(({ thread }) => thread === id);
    if (found !== undefined) return found;
    before = threads.at(-1)?.activeUserSeq;
    if (before === undefined) throw new NotFoundError('thread', id);
  }
}
