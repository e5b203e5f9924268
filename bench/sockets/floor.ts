/**
 * The floor of delivery, in a process of its own: `ws` alone. It has no journal, no users and no order to keep.
 *
 * Once `clients` of them have said hello, each is sent `events` events of about `bytes` bytes of text, ten in a frame,
 * each stringified for it alone; it waits for slow clients only once all of them together have much to take. And
 * whoever asks it for a run that ticks is sent its ticks.
 */
import type { AddressInfo } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { answer, pauseMs, sharedMs } from '../process.ts';
import { usedMemory } from '../used-memory.ts';

const eventsPerFrame = 10;
const untakenBytesPerClient = 4_096;

type Work = { readonly clients: number; readonly events: number; readonly bytes: number };

let work: Work = { clients: 0, events: 0, bytes: 0 };
let greeted: WebSocket[] = [];

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, clientTracking: false });
await new Promise((resolve) => server.once('listening', resolve));
server.on('connection', (socket) => {
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString('utf8')) as Frame;
    if (frame.type === 'call') void tick(socket, frame);
    else greet(socket, frame);
  });
});

type Call = { readonly type: 'call'; readonly id: string; readonly input: { readonly input: Ticks } };
type Ticks = { readonly times: number; readonly everyMs: number };
type Hello = { readonly type: 'hello'; readonly after?: string };
type Frame = Hello | Call;

function greet(socket: WebSocket, { after }: Hello): void {
  if (after === undefined) socket.send('{"type":"snapshot","cursor":{"userSeq":0}}');
  greeted.push(socket);
  if (greeted.length === work.clients) void send(greeted, work);
}

const places = new WeakMap<WebSocket, number>();

async function tick(socket: WebSocket, { id, input }: Call): Promise<void> {
  const { times, everyMs } = input.input;
  socket.send(JSON.stringify({ type: 'reply', id, output: null }));
  for (let n = 0; n <= times; n++) {
    const userSeq = (places.get(socket) ?? 0) + 1;
    places.set(socket, userSeq);
    if (n < times) await sleep(pauseMs(everyMs));
    const event = { ...eventOf(0, 0), userSeq, type: n < times ? 'note' : 'run.completed' };
    const events = [{ ...event, data: { text: 'tick', data: { at: sharedMs() } } }];
    socket.send(JSON.stringify({ type: 'events', generation: 'g', from: userSeq, to: userSeq, events }));
  }
}

/** An event as a journal has it; all that is of the event itself changes from one to the next. */
function eventOf(user: number, bytes: number) {
  const run = '3f1d9a52-6c1e-4b7e-9d61-0a4a9f6f2d11';
  const stamp = { tenant: 'main', user: `user-${user}`, userSeq: 1_000, run, seq: 1_000, at: 1_767_225_600_000 };
  const event = { ...stamp, type: 'step.completed', path: 's:100', v: 1, data: { output: '' } };
  event.data.output = 'x'.repeat(Math.max(0, bytes - JSON.stringify(event).length));
  return event;
}

async function send(clients: readonly WebSocket[], { events, bytes }: Work): Promise<void> {
  const own = clients.map((_, user) => eventOf(user, bytes));
  for (let sent = 0; sent < events; sent += eventsPerFrame) {
    for (const [index, client] of clients.entries())
      client.send(frameText(own[index] as ReturnType<typeof eventOf>, sent));
    do await turn();
    while (untaken(clients) > clients.length * untakenBytesPerClient);
  }
}

function frameText(event: ReturnType<typeof eventOf>, sent: number): string {
  const texts: string[] = [];
  for (let place = sent + 1; place <= sent + eventsPerFrame; place++) {
    event.userSeq = place;
    event.seq = place;
    event.at++;
    texts.push(JSON.stringify(event));
  }
  const head = `{"type":"events","generation":"g","from":${sent + 1},"to":${sent + eventsPerFrame}`;
  return `${head},"events":[${texts.join(',')}]}`;
}

function untaken(clients: readonly WebSocket[]): number {
  let bytes = 0;
  for (const client of clients) bytes += client.bufferedAmount;
  return bytes;
}

const answers = {
  port: () => (server.address() as AddressInfo).port,
  prepare: (given: Work) => {
    work = given;
    greeted = [];
  },
  memory: usedMemory,
  cpu: () => process.cpuUsage(),
};
answer(answers, () => process.exit(0));
