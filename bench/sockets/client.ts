/** The clients of the bench, all in one process that is not the server's. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { connect, createUserState, reduce } from '../../src/client/index.ts';
import type { Cursor, JournalEvent } from '../../src/index.ts';
import { answer, sharedMs } from '../process.ts';
import { RawSocket } from './raw-socket.ts';
import { User } from './user.ts';

/** Opens so many at once: a listener that is asked for more at a time refuses some. */
const opensAtOnce = 50;

async function openAll(count: number, open: (index: number) => Promise<void>): Promise<void> {
  for (let begun = 0; begun < count; begun += opensAtOnce) {
    const width = Math.min(opensAtOnce, count - begun);
    await Promise.all(Array.from({ length: width }, (_, index) => open(begun + index)));
  }
}

// --- many sockets of which only places are read ----------------------------------------------------------------------

export type Caught = { readonly ms: number; readonly bytes: number; readonly gaps: number; readonly cpuMs: number };

let raw: RawSocket[] = [];
let moved: (socket: RawSocket) => void = () => undefined;

async function openRaw({ port, sockets }: { readonly port: number; readonly sockets: number }): Promise<void> {
  raw = Array.from({ length: sockets }, () => new RawSocket((socket) => moved(socket)));
  await openAll(sockets, async (index) => raw[index]?.open(port, `user-${index}`));
}

/** All say hello at once and read everything from the first event up to `places`. */
async function catchUp({ places }: { readonly places: number }): Promise<Caught> {
  let behind = raw.length;
  const caught = new Promise<void>((resolve) => {
    moved = (socket) => {
      if (socket.to === places && --behind === 0) resolve();
    };
  });
  const before = raw.reduce((sum, { bytes }) => sum + bytes, 0);
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (const socket of raw) socket.send('{"type":"hello","protocol":1,"after":"start"}');
  await caught;
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  const bytes = raw.reduce((sum, socket) => sum + socket.bytes, 0) - before;
  return { ms, bytes, gaps: raw.reduce((sum, { gaps }) => sum + gaps, 0), cpuMs: (user + system) / 1_000 };
}

function greet(): void {
  for (const socket of raw) socket.send('{"type":"hello","protocol":1}');
}

function closeRaw(): void {
  for (const socket of raw) socket.close();
  raw = [];
}

// --- users who read and ask ------------------------------------------------------------------------------------------

let users: User[] = [];

async function openUsers({ port, count }: { readonly port: number; readonly count: number }): Promise<void> {
  users = Array.from({ length: count }, (_, index) => new User(port, `user-${index}`));
  await openAll(count, async (index) => users[index]?.open());
}

function closeUsers(): void {
  for (const user of users) user.close();
  users = [];
}

function isEnd({ type }: JournalEvent): boolean {
  return type === 'run.completed' || type === 'run.failed' || type === 'run.degraded' || type === 'run.cancelled';
}

export type Asked = {
  readonly ms: readonly number[];
  readonly events: number;
  readonly completed: number;
  readonly lost: number;
};

/** Each user asks once, all at once. `ms`: until each user's run had ended. */
async function askAll({ ask }: { readonly ask: object }): Promise<Asked> {
  const ms: number[] = [];
  let [events, completed] = [0, 0];
  const began = sharedMs();
  const one = async (user: User): Promise<void> => {
    const ended = Promise.withResolvers<void>();
    user.hear = (event, at) => {
      events++;
      if (!isEnd(event)) return;
      ms.push(at - began);
      if (event.type === 'run.completed') completed++;
      ended.resolve();
    };
    await user.start(ask);
    await ended.promise;
  };
  await Promise.all(users.map(one));
  return { ms, events, completed, lost: lostBy(users) };
}

function lostBy(all: readonly User[]): number {
  return all.reduce((sum, { lost }) => sum + lost, 0);
}

export type Ticked = { readonly ms: readonly number[]; readonly lost: number };

/** Each user has a run that ticks. `ms`: from each tick in the run until its event was read here. */
async function watchTicks(given: { readonly times: number; readonly everyMs: number }): Promise<Ticked> {
  const ms: number[] = [];
  const one = async (user: User, index: number): Promise<void> => {
    const ended = Promise.withResolvers<void>();
    let seen = 0;
    user.hear = (event, at) => {
      if (isEnd(event)) ended.resolve();
      // The first tick of each finds code that never ran.
      if (event.type === 'note' && seen++ > 0) ms.push(at - (event.data.data as { readonly at: number }).at);
    };
    await sleep((index / users.length) * given.everyMs);
    await user.start({ workflow: 'ticker', input: given });
    await ended.promise;
  };
  await Promise.all(users.map(one));
  return { ms, lost: lostBy(users) };
}

type FirstAsk = { readonly port: number; readonly times: number; readonly over: 'http' | 'socket' };

/** Ms from sending a message to its first event on the socket, one message after the other. */
async function firstEvents({ port, times, over }: FirstAsk): Promise<readonly number[]> {
  const user = new User(port, `asker-${over}`);
  await user.open();
  const found: number[] = [];
  for (let time = 0; time < times; time++) {
    const ended = Promise.withResolvers<void>();
    const began = sharedMs();
    let first: number | undefined;
    user.hear = (event, at) => {
      first ??= at - began;
      if (isEnd(event)) ended.resolve();
    };
    const ask = { workflow: 'clerk', question: 'What is 2 + 3?' };
    await (over === 'http' ? user.post(ask) : user.start(ask));
    await ended.promise;
    found.push(first ?? Number.NaN);
  }
  user.close();
  return found;
}

// --- coming back -----------------------------------------------------------------------------------------------------

type Back = { readonly port: number; readonly user: string; readonly after: Cursor; readonly missed: number };

/** Ms until a client of the library has every missed event, and with `state` has made a page's state of them. */
async function comeBack({ port, user, after, missed, state }: Back & { readonly state: boolean }): Promise<number> {
  const began = performance.now();
  const connection = connect({ url: `http://127.0.0.1:${port}`, token: user, after });
  const kept = createUserState();
  let events = 0;
  for await (const item of connection.events()) {
    if (state) reduce(kept, item);
    if (item.type === 'stream.caughtUp') break;
    events++;
  }
  const ms = performance.now() - began;
  connection.close();
  if (events !== missed) throw new Error(`${events} events came, not ${missed}.`);
  return ms;
}

/** The same with a bare socket that parses what comes. */
async function comeBackRaw({ port, user, after, missed }: Back): Promise<number> {
  const began = performance.now();
  const headers = { authorization: `Bearer ${user}` };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/socket`, 'cantus.v1', { headers, perMessageDeflate: false });
  let events = 0;
  socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', protocol: 1, after })));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as { readonly type: string; readonly events: readonly unknown[] };
      if (frame.type === 'events') events += frame.events.length;
      if (events === missed) resolve();
    });
  });
  const ms = performance.now() - began;
  socket.terminate();
  return ms;
}

const answers = {
  openRaw,
  catchUp,
  greet,
  closeRaw,
  openUsers,
  closeUsers,
  askAll,
  watchTicks,
  firstEvents,
  comeBack,
  comeBackRaw,
};
answer(answers, () => process.exit(0));
