/** Mistakes planted in `src/client/`. */
import type { Fault } from '../fault.ts';

export const clientFaults: readonly Fault[] = [
  {
    name: 'the client passes over a gap',
    promise: 'P1',
    file: 'src/client/line.ts',
    find: 'frame.from > place.userSeq + 1 || !isWhole(frame)',
    replace: '!isWhole(frame)',
    test: {
      file: 'src/client/connect.test.ts',
      name: 'never shows a gap: it reads on from its cursor on a new socket',
    },
  },
  {
    name: 'the client believes a frame with a hole in it',
    promise: 'P1',
    file: 'src/client/line.ts',
    find: ' || !isWhole(frame)',
    replace: '',
    test: {
      file: 'src/client/connect.test.ts',
      name: 'takes a frame with a hole in it as a gap, and places that are skipped as told',
    },
  },
  {
    name: 'the client does not cut a frame it has a part of',
    promise: 'P1',
    file: 'src/client/line.ts',
    find: 'told.filter(({ userSeq }) => userSeq >= from).map(toldEvent)',
    replace: 'told.map(toldEvent)',
    test: { file: 'src/client/connect.test.ts', name: 'drops what it has, and cuts a frame that it has a part of' },
  },
  {
    name: "the client goes on with another user's stream",
    promise: 'P2',
    file: 'src/client/line.ts',
    find: '(this.me.user !== me.user || this.me.tenant !== me.tenant)',
    replace: 'this.me.tenant !== me.tenant',
    test: {
      file: 'src/client/connect.test.ts',
      name: 'is closed when another user has logged in meanwhile, and shows nothing of theirs',
    },
  },
  {
    name: 'the cursor moves with the fastest reader',
    promise: 'P1',
    file: 'src/client/held-items.ts',
    find: 'slowest = Math.min(slowest, at)',
    replace: 'slowest = slowest === Infinity ? at : Math.max(slowest, at)',
    test: {
      file: 'src/client/connect.test.ts',
      name: 'moves its cursor with the slowest of several readers, and begins a new one there',
    },
  },
  {
    name: 'a full reader loses what comes',
    promise: 'P1',
    file: 'src/client/line.ts',
    find: '        if (!this.#isFull()) this.#events(frame);',
    replace: '        this.#events(frame);',
    test: {
      file: 'src/client/connect.test.ts',
      name: 'stops reading when nobody takes what comes, and goes on without a hole',
    },
  },
  {
    name: 'a start has no key of its own',
    promise: 'P3',
    file: 'src/client/remote-door.ts',
    find: '{ key = address.random.id(), thread, deadlineMs }',
    replace: "{ key = 'start', thread, deadlineMs }",
    test: {
      file: 'src/client/remote-door.test.ts',
      name: 'sends a start again after the network failed, with the same key, so that it starts once (RD1)',
    },
  },
  {
    name: 'a deletion is sent again',
    file: 'src/client/calls.ts',
    find: "route.method === 'GET' || resent.has(name)",
    replace: "route.method !== 'PATCH' || resent.has(name)",
    test: { file: 'src/client/remote-door.test.ts', name: 'does not send again what may not be done twice (CL2)' },
  },
  {
    name: 'a run with a hole is shown as whole',
    promise: 'P1',
    file: 'src/client/run-record.ts',
    find: ' && this.state.seq >= this.heardSeq',
    replace: '',
    test: {
      file: 'src/client/user-state.test.ts',
      name: 'shows a run with a hole as incomplete, and as whole when the hole is filled (RC2)',
    },
  },
  {
    name: 'a fetched list undoes what the stream told',
    file: 'src/client/run-record.ts',
    find: '(isEnded(mine.status) || this.rowAt > asOf)',
    replace: 'isEnded(mine.status)',
    test: {
      file: 'src/client/user-state.test.ts',
      name: 'keeps what the stream told later than a list that was fetched (US2)',
    },
  },
  {
    name: 'a fetched thread counts a run twice',
    file: 'src/client/thread-list.ts',
    find: '    if (entry !== undefined && event.userSeq <= entry.row.activeUserSeq) return false;\n',
    replace: '',
    test: {
      file: 'src/client/user-state.test.ts',
      name: 'does not count a run twice that a fetched thread has already (US2)',
    },
  },
  {
    name: 'a deleted thread comes back from a list',
    promise: 'P2',
    file: 'src/client/thread-list.ts',
    find: '    if (this.isDeleted(thread, asOf)) return;\n',
    replace: '',
    test: {
      file: 'src/client/user-state.test.ts',
      name: 'forgets a deleted thread with its runs, and whatever is still on its way of it',
    },
  },
  {
    name: 'the client does not honour a goodbye',
    file: 'src/client/line.ts',
    find: 'const waitMs = (retryInMs ?? 0) + ',
    replace: 'const waitMs = ',
    test: { file: 'src/client/connect.test.ts', name: 'comes back no sooner than a server that says goodbye asks for' },
  },
  {
    name: 'a client comes back in spite of a terminal close',
    file: 'src/client/socket-try.ts',
    find: '    if (isTerminalClose(code)) {',
    replace: '    if (isTerminalClose(-code)) {',
    test: {
      file: 'src/client/connect.test.ts',
      name: 'ends for good, and says why, when the server says that coming back is of no use',
    },
  },
  {
    name: 'the client takes silence for life',
    file: 'src/client/socket-try.ts',
    find: 'this.#silenceMs = frame.heartbeatMs * 2.5;',
    replace: 'this.#silenceMs = frame.heartbeatMs * 25;',
    test: {
      file: 'src/client/connect.test.ts',
      name: 'takes silence of two and a half heartbeats as the end of a socket, and answers pings',
    },
  },
  {
    name: 'a client believes a server that is newer',
    promise: 'P1',
    file: 'src/client/told-event.ts',
    find: 'if (event !== undefined) return event;',
    replace: 'return event ?? told;',
    test: {
      file: 'src/client/told-event.test.ts',
      name: 'closes the connection by its name where the server is the newer one, before any of it is shown (LIN4)',
    },
  },
  {
    name: 'a client takes an older shape for that of today',
    file: 'src/client/told-event.ts',
    find: 'const event = upcastEvent(told);',
    replace: 'const event = upcastEvent(told) && told;',
    test: {
      file: 'src/client/told-event.test.ts',
      name: 'is read in the shape of today where the server is the older one (V6)',
    },
  },
  {
    name: 'a list of threads that failed is not asked for again',
    file: 'src/client/user-store.ts',
    find: '      this.#threadsDue = true;\n      this.#tellError(thrown);',
    replace: '      this.#tellError(thrown);',
    test: {
      file: 'src/client/user-store.test.ts',
      name: 'asks for the threads again when the connection has caught up next, where that had failed (UL2)',
    },
  },
  {
    name: 'a list of threads under way answers for what came since',
    file: 'src/client/user-store.ts',
    find: '      while (this.#threadsDue) {',
    replace: '      if (this.#threadsDue) {',
    test: {
      file: 'src/client/user-store.test.ts',
      name: 'asks for the threads again where a snapshot came while they were asked for (UL3)',
    },
  },
  {
    name: 'a page keeps a thread whose deletion it was not told of',
    promise: 'P1',
    file: 'src/client/thread-list.ts',
    find: '      this.#deletedAt.set(thread, asOf);\n    }\n    return gone.map(([thread]) => thread);',
    replace: '    }\n    return [];',
    test: {
      file: 'src/client/user-store.test.ts',
      name: 'forgets the threads, and their runs, that a gap in the stream passed over the deletion of (UL3)',
    },
  },
  {
    name: 'a gap in the stream leaves the threads as they were',
    file: 'src/client/thread-list.ts',
    find: 'for (const thread of this.#entries.keys()) this.unsure.add(thread);',
    replace: 'this.unsure.clear();',
    test: {
      file: 'src/client/user-state.test.ts',
      name: 'takes the list of threads for what a gap in the stream passed over, and its own for what it told since',
    },
  },
  {
    name: 'a fetched thread has an older name than was told',
    file: 'src/client/thread-list.ts',
    find: '...(mine.namedAt > asOf ? { title, named } : {})',
    replace: '...(mine.namedAt > asOf ? { named } : {})',
    test: {
      file: 'src/client/user-state.test.ts',
      name: 'takes the list of threads for what a gap in the stream passed over, and its own for what it told since',
    },
  },
  {
    name: 'a page keeps what was in a thread before it was begun anew',
    promise: 'P1',
    file: 'src/client/user-state.ts',
    find: '      if (this.#threads.isAnew(row)) this.#dropBefore(row);\n',
    replace: '',
    test: {
      file: 'src/client/user-state.test.ts',
      name: 'forgets what was in a thread that was deleted and begun anew in a gap of the stream',
    },
  },
  {
    name: 'the place of a line is one too far',
    promise: 'P1',
    file: 'src/client/line.ts',
    find: 'this.place = { generation, userSeq: to };',
    replace: 'this.place = { generation, userSeq: to + 1 };',
    test: {
      file: 'src/client/connect.test.ts',
      name: 'goes on behind its cursor after the socket broke, and says how much was missed',
    },
  },
  {
    name: 'the cursor of a connection lags by one event',
    promise: 'P1',
    file: 'src/client/held-items.ts',
    find: 'cursor: { generation, userSeq: item.userSeq }',
    replace: 'cursor: { generation, userSeq: item.userSeq - 1 }',
    test: {
      file: 'src/client/connect.test.ts',
      name: 'begins with a snapshot, catches up and goes on live',
    },
  },
  {
    name: 'the cursor of a connection leads by one event',
    promise: 'P1',
    file: 'src/client/held-items.ts',
    find: 'cursor: { generation, userSeq: item.userSeq }',
    replace: 'cursor: { generation, userSeq: item.userSeq + 1 }',
    test: {
      file: 'src/client/connect.test.ts',
      name: 'begins with a snapshot, catches up and goes on live',
    },
  },
];
