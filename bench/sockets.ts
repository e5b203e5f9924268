/**
 * What users get over sockets: how much, how soon, at what cost. Server, floor and clients are processes of their own.
 *
 * README.md says what each figure is and what it isn't.
 *
 *     node --conditions=source bench/sockets.ts [parts] [--smoke]
 *
 * Parts: distinct ticks first memory everybody golden back start.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loads, median, ratioText, rounded, shareOf, smoke, table, verdict } from './figures.ts';
import type { Asked, Caught, Ticked } from './sockets/client.ts';
import { Child } from './process.ts';
import { startUp } from './sockets/start-up.ts';
import type { Used } from './used-memory.ts';
import type { Cursor } from '../src/index.ts';

type StoreName = 'memory' | 'sqlite';
/** In a smoke run one is enough: that both work is what tests are for. */
const stores: readonly StoreName[] = smoke ? ['sqlite'] : ['memory', 'sqlite'];

/** The client of a part, and how it gets a server. */
type Bench = {
  readonly client: Child;
  readonly serve: (store: StoreName, app?: 'bench' | 'optimizer') => Child;
  readonly floor: () => Child;
};

const fixed = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

async function cpuMsOf(child: Child): Promise<number> {
  const { user, system } = await child.ask<NodeJS.CpuUsage>('cpu');
  return (user + system) / 1_000;
}

// --- 1: distinct events to a thousand sockets ------------------------------------------------------------------------

const distinctGoal = 0.8;

type Delivered = { readonly perSecond: number; readonly cpu: number; readonly bytes: number; readonly gaps: number };

type Catching = { readonly sockets: number; readonly places: number };

/** Each socket of a server that has sent nothing yet reads so many events, from the hellos to the last event. */
async function deliver(client: Child, server: Child, { sockets, places }: Catching): Promise<Delivered> {
  await client.ask('openRaw', { port: await server.ask('port'), sockets });
  const before = await cpuMsOf(server);
  const { ms, bytes, gaps } = await client.ask<Caught>('catchUp', { places });
  const cpuMs = (await cpuMsOf(server)) - before;
  await client.ask('closeRaw');
  const events = sockets * places;
  return { perSecond: (events / ms) * 1_000, cpu: (cpuMs * 1_000) / events, bytes: bytes / events, gaps };
}

async function distinct({ client, serve, floor }: Bench): Promise<void> {
  const sockets = smoke ? 20 : 1_000;
  const rows: (readonly (string | number)[])[] = [];
  for (const store of stores) {
    const steps = smoke ? 50 : 250;
    const [server, bare] = [serve(store), floor()];
    await server.ask('write', { users: sockets, steps });
    const { userSeq: places } = await server.ask<Cursor>('head', { user: 'user-0' });
    const pairs: { readonly ours: Delivered; readonly floor: Delivered }[] = [];
    for (let repetition = 0; repetition < (smoke ? 1 : 7); repetition++) {
      const ours = await deliver(client, server, { sockets, places });
      // The floor sends tens, and the same bytes for each event as the server did.
      const events = Math.floor(places / 10) * 10;
      await bare.ask('prepare', { clients: sockets, events, bytes: Math.round(ours.bytes) - 1 });
      pairs.push({ ours, floor: await deliver(client, bare, { sockets, places: events }) });
    }
    await Promise.all([server.end(), bare.end()]);
    // The first pair finds cold code.
    const kept = smoke ? pairs : pairs.slice(1);
    const of = (pick: (pair: (typeof kept)[number]) => number): number => median(kept.map(pick));
    const ratios = kept.map((pair) => pair.ours.perSecond / pair.floor.perSecond);
    rows.push([
      `${store}()`,
      rounded(of(({ ours }) => ours.perSecond)),
      fixed(of(({ ours }) => ours.cpu)),
      rounded(of((pair) => pair.floor.perSecond)),
      fixed(of((pair) => pair.floor.cpu)),
      rounded(of(({ ours }) => ours.bytes)),
      kept.reduce((sum, { ours }) => sum + ours.gaps, 0),
      ratioText(ratios),
      verdict(median(ratios), { atLeast: distinctGoal }),
    ]);
  }
  const heads = ['', 'events/s', 'CPU µs', 'floor events/s', 'floor CPU µs', 'bytes', 'gaps', 'share', 'goal'];
  table(`distinct events to ${rounded(sockets)} sockets, a journal committed beforehand (${loads()})`, [
    heads,
    ...rows,
  ]);
}

// --- 2 and 3: how soon -----------------------------------------------------------------------------------------------

const tickP99MsMax = 5;
const tickers = smoke ? 10 : 100;

async function ticks({ client, serve, floor }: Bench): Promise<void> {
  const rows: (readonly (string | number)[])[] = [];
  const makers = [
    ...stores.map((store) => ({ name: `${store}()`, make: () => serve(store) })),
    { name: 'floor', make: floor },
  ];
  for (const everyMs of smoke ? [20] : [100, 500]) {
    for (const { name, make } of makers) {
      const server = make();
      const { ms, lost, busy } = await tickedBy(client, server, everyMs);
      await server.end();
      const p99 = shareOf(ms, 0.99);
      const figures = [shareOf(ms, 0.5), p99, shareOf(ms, 1)].map(fixed);
      const goal = name === 'floor' ? 'none' : verdict(p99, { atMost: tickP99MsMax });
      rows.push([`${name}, every ${everyMs} ms`, ms.length, ...figures, lost, `${(busy * 100).toFixed(0)} %`, goal]);
    }
  }
  const disk = diskMs(smoke ? 20 : 1_000);
  const diskFigures = [shareOf(disk, 0.5), shareOf(disk, 0.99), shareOf(disk, 1)].map(fixed);
  rows.push(['the disk alone: a write of 4 KB and its sync', disk.length, ...diskFigures, '', '', 'none']);
  const heads = ['', 'ticks', 'p50 ms', 'p99 ms', 'max ms', 'lost', 'server CPU', 'goal'];
  table(`ticks: from a run's note to its event at the client, ${tickers} users (${loads()})`, [heads, ...rows]);
}

/** What each commit of `sqlite()` waits for at least. */
function diskMs(times: number): readonly number[] {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-bench-'));
  const file = openSync(join(folder, 'written'), 'w');
  const block = Buffer.alloc(4_096, 'x');
  const one = (): number => {
    const began = performance.now();
    writeSync(file, block, 0, block.length, 0);
    fdatasyncSync(file);
    return performance.now() - began;
  };
  const found = Array.from({ length: times }, one);
  closeSync(file);
  rmSync(folder, { recursive: true, force: true });
  return found;
}

async function tickedBy(client: Child, server: Child, everyMs: number): Promise<Ticked & { readonly busy: number }> {
  await client.ask('openUsers', { port: await server.ask('port'), count: tickers });
  // Once before, so that what is measured is not the compiler.
  await client.ask('watchTicks', { times: smoke ? 2 : 15, everyMs: smoke ? 20 : 50 });
  const before = await cpuMsOf(server);
  const began = performance.now();
  const ticked = await client.ask<Ticked>('watchTicks', { times: smoke ? 3 : 6_000 / everyMs, everyMs });
  const busy = ((await cpuMsOf(server)) - before) / (performance.now() - began);
  await client.ask('closeUsers');
  return { ...ticked, busy };
}

const firstMsMax = 100;

async function first({ client, serve }: Bench): Promise<void> {
  const times = smoke ? 5 : 150;
  const rows: (readonly (string | number)[])[] = [];
  for (const store of stores) {
    for (const users of smoke ? [0] : [0, 100]) {
      const server = serve(store);
      const port = await server.ask<number>('port');
      if (users > 0) await client.ask('openUsers', { port, count: users });
      // They end with the server.
      if (users > 0) client.ask('watchTicks', { times: 10_000, everyMs: 100 }).catch(() => undefined);
      for (const over of ['http', 'socket'] as const) {
        const ms = await client.ask<readonly number[]>('firstEvents', { port, times, over });
        const figures = [shareOf(ms, 0.5), shareOf(ms, 0.99), shareOf(ms, 1)].map(fixed);
        const beside = users === 0 ? 'nobody else' : `${users} users' ticks`;
        rows.push([`${store}(), ${over}, ${beside}`, ...figures, verdict(shareOf(ms, 0.99), { atMost: firstMsMax })]);
      }
      await client.ask('closeUsers');
      await server.end();
    }
  }
  table(`first: from sending a message to its first event (${loads()})`, [
    ['', 'p50 ms', 'p99 ms', 'max ms', 'goal'],
    ...rows,
  ]);
}

// --- 4: what a quiet socket holds ------------------------------------------------------------------------------------

async function heldBy(client: Child, server: Child, sockets: number): Promise<Used> {
  const port = await server.ask<number>('port');
  const before = await server.ask<Used>('memory');
  await client.ask('openRaw', { port, sockets });
  await client.ask('greet');
  const after = await server.ask<Used>('memory');
  await client.ask('closeRaw');
  return { heap: (after.heap - before.heap) / sockets, rss: (after.rss - before.rss) / sockets };
}

async function memory({ client, serve, floor }: Bench): Promise<void> {
  const sockets = smoke ? 50 : 2_000;
  const rows: (readonly (string | number)[])[] = [];
  for (const [name, make] of [
    ['here', () => serve('memory')],
    ['floor', floor],
  ] as const) {
    const found: Used[] = [];
    for (let repetition = 0; repetition < (smoke ? 1 : 5); repetition++) {
      const server = make();
      // The first sockets pay for code and tables that all share.
      if (!smoke) await heldBy(client, server, 50);
      found.push(await heldBy(client, server, sockets));
      await server.end();
    }
    rows.push([name, rounded(median(found.map(({ heap }) => heap))), rounded(median(found.map(({ rss }) => rss)))]);
  }
  table(`memory: bytes for each of ${rounded(sockets)} sockets that said hello and hear nothing (${loads()})`, [
    ['', 'heap', 'resident'],
    ...rows,
  ]);
}

// --- 5 and 6: everybody at once --------------------------------------------------------------------------------------

type Crowd = {
  readonly users: number;
  readonly app: 'bench' | 'optimizer';
  readonly ask: object;
  readonly goalMs?: number;
};

async function crowd(title: string, { client, serve }: Bench, { users, app, ask, goalMs }: Crowd): Promise<void> {
  const rows: (readonly (string | number)[])[] = [];
  for (const store of stores) {
    const found: Asked[] = [];
    for (let repetition = 0; repetition < (smoke ? 1 : 5); repetition++) {
      const server = serve(store, app);
      await client.ask('openUsers', { port: await server.ask('port'), count: users });
      found.push(await client.ask<Asked>('askAll', { ask }));
      await client.ask('closeUsers');
      await server.end();
    }
    const of = (pick: (asked: Asked) => number): number => median(found.map(pick));
    const last = of(({ ms }) => shareOf(ms, 1));
    rows.push([
      `${store}()`,
      `${rounded(found.reduce((sum, { completed }) => sum + completed, 0))} of ${rounded(found.length * users)}`,
      rounded(of(({ events }) => events)),
      found.reduce((sum, { lost }) => sum + lost, 0),
      rounded(of(({ ms }) => shareOf(ms, 0.5))),
      rounded(last),
      verdict(last, { atMost: goalMs }),
    ]);
  }
  table(`${title} (${loads()})`, [['', 'answered', 'events', 'lost', 'p50 ms', 'last ms', 'goal'], ...rows]);
}

function everybody(bench: Bench): Promise<void> {
  const users = smoke ? 10 : 1_000;
  const ask = { workflow: 'clerk', question: 'What is 2 + 3?' };
  const title = `everybody: ${rounded(users)} users ask an agent at once, with a socket each`;
  return crowd(title, bench, { users, app: 'bench', ask });
}

const goldenMsMax = 5_000;

function golden(bench: Bench): Promise<void> {
  const users = smoke ? 1 : 10;
  const ask = { question: 'Analyze my AI costs and tell me how to cut them' };
  const title = `golden: ${users} users ask the optimizer about its sample at once`;
  return crowd(title, bench, { users, app: 'optimizer', ask, goalMs: goldenMsMax });
}

// --- 7: coming back --------------------------------------------------------------------------------------------------

const readers = [
  { name: 'a bare socket that parses', question: 'comeBackRaw', more: {} },
  { name: 'the client library', question: 'comeBack', more: { state: false } },
  { name: "the client library and a page's state", question: 'comeBack', more: { state: true } },
];

async function back({ client, serve }: Bench): Promise<void> {
  const missed = smoke ? 200 : 10_000;
  const rows: (readonly (string | number)[])[] = [];
  for (const store of stores) {
    const server = serve(store);
    await server.ask('write', { users: 1, steps: missed / 2 });
    const head = await server.ask<Cursor>('head', { user: 'user-0' });
    const after = { ...head, userSeq: head.userSeq - missed };
    const asked = { port: await server.ask('port'), user: 'user-0', after, missed };
    const found = readers.map((): number[] => []);
    for (let repetition = 0; repetition < (smoke ? 1 : 12); repetition++) {
      for (const [index, { question, more }] of readers.entries()) {
        const ms = await client.ask<number>(question, { ...asked, ...more });
        // The first two find cold code.
        if (smoke || repetition > 1) found[index]?.push(ms);
      }
    }
    await server.end();
    for (const [index, { name }] of readers.entries()) {
      const ms = found[index] ?? [];
      const perSecond = rounded((missed / median(ms)) * 1_000);
      rows.push([`${store}(), ${name}`, fixed(median(ms)), fixed(shareOf(ms, 1)), perSecond]);
    }
  }
  const heads = ['', 'median ms', 'max ms', 'events/s'];
  table(`back: until ${rounded(missed)} missed events are here (${loads()})`, [heads, ...rows]);
}

// --- all -------------------------------------------------------------------------------------------------------------

const parts: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  distinct,
  ticks,
  first,
  memory,
  everybody,
  golden,
  back,
  start: () => startUp(),
};

async function main(wanted: readonly string[]): Promise<void> {
  const client = new Child('sockets/client.ts');
  const bench: Bench = {
    client,
    serve: (store, app = 'bench') => new Child('sockets/server.ts', store, app),
    floor: () => new Child('sockets/floor.ts'),
  };
  for (const [name, measure] of Object.entries(parts))
    if (wanted.length === 0 || wanted.includes(name)) await measure(bench);
  await client.end();
}

await main(process.argv.slice(2).filter((argument) => argument !== '--smoke'));
