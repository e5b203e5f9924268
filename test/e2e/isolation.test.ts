/**
 * P2 at the edge: whoever brings another's id is answered as for one that nobody has, by every route, every operation
 * of a socket and every frame, and is told nothing of the other by anything.
 *
 * The cases are keyed by the tables of `protocol`: what is added there without a case here does not compile.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemRandom } from '../../src/core/random.ts';
import type { JournalEvent } from '../../src/journal/event.ts';
import { ticketPrefix, type ClientFrame, type ServerFrame } from '../../src/protocol/frames.ts';
import { loginRoutes, type LoginOperationName } from '../../src/protocol/login.ts';
import { otherRoutes, routes, type OperationName, type Operations } from '../../src/protocol/operations.ts';
import { Asker, openEdge, type Answer, type Edge, type Sent } from './edge.fixture.ts';

/** What alice says nowhere but to the server; none of it may be in what anybody else hears. */
const secrets = Object.fromEntries(
  ['question', 'content', 'file', 'title', 'signal', 'password', 'token', 'reason', 'payload'].map((kind) => [
    kind,
    `canary-${kind}-${systemRandom.id()}`,
  ]),
) as Readonly<
  Record<'question' | 'content' | 'file' | 'title' | 'signal' | 'password' | 'token' | 'reason' | 'payload', string>
>;

/** Names of things that belong to one user. */
type Things = {
  readonly run: string;
  readonly waiting: string;
  readonly doubtful: string;
  readonly thread: string;
  readonly blob: string;
  readonly file: string;
  /** The name of a file and the words in it that another may happen to use as well. */
  readonly word: string;
  readonly key: string;
  readonly login: string;
  readonly token: string;
  readonly user: string;
  readonly code: string;
  readonly ticket: string;
  /** A place that its owner has reached and no stranger has. */
  readonly cursor: string;
  readonly interrupt: string;
  readonly aguiThread: string;
  readonly aguiRun: string;
};

/** Of the same make, and nobody's: each digit becomes another one. */
function unlike(text: string): string {
  return text.replaceAll(/[0-9a-f]/g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
}

let edge: Edge;
let alice: Asker;
let alicesCookie: string;
let owned: Things;
let unknown: Things;
/** What must not be in anything that a stranger hears, unless the stranger said it before. */
let hidden: readonly string[];

type Stranger = { readonly who: Asker; readonly principal?: { readonly tenant: string; readonly user: string } };
/**
 * One brings the things of alice, the other does the same with things of nobody's: what the two are told, and all that
 * becomes of it, must be the same.
 */
type Twins = { readonly curious: Stranger; readonly clueless: Stranger };
const kinds = ['bobby', 'a program of bobby', 'alice of another tenant', 'nobody'] as const;
const strangers = {} as Record<(typeof kinds)[number], Twins>;

const browser = (cookie: string): Record<string, string> => ({ cookie, origin: edge.server.url });
const cookieOf = ({ headers }: Answer): string =>
  headers.find(([name]) => name === 'set-cookie')?.[1].split(';')[0] ?? '';

before(async () => {
  edge = await openEdge();
  const { url } = edge.server;
  const setUp = await new Asker(url).ask('POST', '/v1/login/setup', {
    json: { code: edge.own.setUpCode(), user: 'alice', name: 'Alice', password: secrets.password },
  });
  alicesCookie = cookieOf(setUp);
  alice = new Asker(url, browser(alicesCookie));
  owned = await thingsOfAlice();
  unknown = {
    ...(Object.fromEntries(Object.entries(owned).map(([kind, id]) => [kind, unlike(id)])) as Things),
    user: 'alicf',
    cursor: `${owned.cursor}1`,
    interrupt: owned.interrupt.replace(/^[^#]+/, unlike),
  };
  const [one, two] = [await joined('bobby-1', owned.code), await joined('bobby-2', edge.own.invite().code)];
  strangers.bobby = { curious: one.page, clueless: two.page };
  strangers['a program of bobby'] = { curious: one.program, clueless: two.program };
  strangers['alice of another tenant'] = { curious: namesake('umbrella-1'), clueless: namesake('umbrella-2') };
  strangers.nobody = { curious: { who: new Asker(url) }, clueless: { who: new Asker(url) } };
  // Who has never asked anything is unknown to the store, and that is another question.
  for (const { curious, clueless } of Object.values(strangers))
    for (const { who, principal } of [curious, clueless])
      if (principal !== undefined)
        await who.json('POST', '/v1/runs', { json: { workflow: 'short', key: 'first', question: 'first' } });
  const { user: _, ...ids } = owned;
  hidden = [...Object.values(ids), ...Object.values(secrets), alicesCookie];
});
after(() => edge.close());

async function joined(user: string, code: string): Promise<{ readonly page: Stranger; readonly program: Stranger }> {
  const { url } = edge.server;
  const json = { code, user, password: `the password of ${user}` };
  const answer = await new Asker(url).ask('POST', '/v1/login/join', { json });
  const { token } = edge.own.addToken(user, 'program');
  const principal = { tenant: 'main', user };
  return {
    page: { who: new Asker(url, browser(cookieOf(answer))), principal },
    program: { who: new Asker(url, { authorization: `Bearer ${token}` }), principal },
  };
}

/** Only the owner of the folder can be somebody of another tenant. */
function namesake(tenant: string): Stranger {
  const headers = { 'cantus-tenant': tenant, 'cantus-user': 'alice' };
  return { who: new Asker('http://localhost', headers, edge.localSocket), principal: { tenant, user: 'alice' } };
}

/** Everything that can have an id or hold a secret, made by way of the server. */
async function thingsOfAlice(): Promise<Things> {
  const word = `word-${systemRandom.id()}`;
  const name = encodeURIComponent(`${secrets.file} ${word}.csv`);
  const body = `note\n${secrets.content} ${word}\n`;
  const { file } = await alice.json<{ file: string }>('POST', `/v1/files?name=${name}`, { body });
  const thread = `thread-${systemRandom.id()}`;
  const key = `key-${systemRandom.id()}`;
  const start = async (json: object): Promise<string> =>
    (await alice.json<{ run: string }>('POST', '/v1/runs', { json: { workflow: 'keep', ...json } })).run;
  const run = await start({ key, thread, question: `${secrets.question} wait`, options: { data: file } });
  await signalled(run);
  await alice.json('PATCH', `/v1/threads/${thread}`, { json: { title: `${secrets.title} ${word}` } });
  const waiting = await start({ key: 'waiting', question: `${secrets.question} wait` });
  const doubtful = await start({ key: 'doubtful', question: `${secrets.question} doubt` });
  const aguiThread = `thread-${systemRandom.id()}`;
  const aguiRun = `run-${systemRandom.id()}`;
  const interrupt = await interruptOf(aguiThread, aguiRun);
  const created = await alice.json<{ id: string }>('POST', '/v1/tokens', { json: { name: secrets.token } });
  const { code } = await alice.json<{ code: string }>('POST', '/v1/login/invites', { json: {} });
  const { ticket } = await alice.json<{ ticket: string }>('POST', '/v1/ticket');
  const line = await new Asker(edge.server.url).line([`${ticketPrefix}${ticket}`]).greeted();
  line.socket.terminate();
  for (let n = 0; n < 50; n++) await start({ workflow: 'short', key: `short-${n}`, question: 'more' });
  const head = await alice.json<{ generation: string; userSeq: number }>('GET', '/v1/events/head');
  const cursor = `${head.generation}-${head.userSeq}`;
  const login = /=([0-9a-f]{32})\./.exec(alicesCookie)?.[1] ?? '';
  const ids = { login, token: created.id, user: 'alice', code, ticket, cursor, interrupt, aguiThread, aguiRun };
  return { run, waiting, doubtful, thread, blob: await blobOf(run), file, word, key, ...ids };
}

/** Ends the wait of a run, once it waits. */
async function signalled(run: string): Promise<void> {
  const json = { name: 'go', value: { said: secrets.signal } };
  await alice.json('POST', `/v1/runs/${run}/signal`, { json });
  await alice.ask('GET', `/v1/runs/${run}/stream`);
}

async function blobOf(run: string): Promise<string> {
  const { text } = await alice.ask('GET', `/v1/runs/${run}/events`);
  const blob = /"\$blob":"(\w+)"/.exec(text)?.[1];
  assert.ok(blob !== undefined, 'a large value is kept apart');
  return blob;
}

async function interruptOf(threadId: string, runId: string): Promise<string> {
  const messages = [{ id: 'm', role: 'user', content: `${secrets.question} wait` }];
  const json = { threadId, runId, messages, tools: [], context: [], state: {}, forwardedProps: {} };
  const { text } = await alice.ask('POST', '/v1/agui/keep', { json });
  const interrupt = /"interrupts":\[\{"id":"([^"]+)"/.exec(text)?.[1];
  assert.ok(interrupt !== undefined, 'a wait is an interrupt of AG-UI');
  return interrupt;
}

// --- the cases ---

/** By operation: what a stranger asks with things that may be another's. Without a case it does not compile. */
const operationCases = {
  'app.read': () => [{}],
  'me.read': () => [{}],
  'runs.prepare': ({ thread, file }) => [
    { workflow: 'keep', question: 'mine', thread, options: { data: file } },
    { workflow: 'keep', question: 'mine', thread },
    { workflow: 'optimize', question: 'mine', thread },
  ],
  'runs.start': ({ thread, file, key }) => [
    { workflow: 'short', question: 'mine', key, thread },
    { workflow: 'keep', question: 'mine', key: 'other', thread, options: { data: file } },
  ],
  'runs.list': ({ thread }) => [{ thread }],
  'runs.read': ofRuns,
  'runs.answer': ofRuns,
  'runs.events': (things) => ofRuns(things).map(({ run }) => ({ run, after: 1 })),
  'runs.cancel': (things) => ofRuns(things).map(({ run }) => ({ run, reason: 'mine' })),
  'runs.signal': (things) => ofRuns(things).map(({ run }) => ({ run, name: 'go', value: 'mine' })),
  'runs.decide': (things) => ofRuns(things).map(({ run }) => ({ run, path: 'pay', decision: 'give-up' as const })),
  'runs.approve': (things) => ofRuns(things).map(({ run }) => ({ run, path: 'pay', approved: true })),
  'threads.list': ({ word }) => [{ search: word }, {}],
  'threads.rename': ({ thread }) => [{ thread, title: 'mine' }],
  'threads.delete': ({ thread, aguiThread }) => [{ thread }, { thread: aguiThread }],
  'events.list': ({ cursor }) => [{ after: cursor }, {}],
  'events.head': () => [{}],
  'values.read': ({ blob }) => [{ blob }],
} as const satisfies { readonly [Name in OperationName]: (things: Things) => readonly Operations[Name]['input'][] };

function ofRuns({ run, waiting, doubtful }: Things): readonly { readonly run: string }[] {
  return [{ run }, { run: waiting }, { run: doubtful }];
}

type Asked = Sent & { readonly path: string };

const agui = ({ aguiThread, aguiRun }: Things, more: object = {}): object => ({
  threadId: aguiThread,
  runId: aguiRun,
  messages: [{ id: 'm', role: 'user', content: 'mine' }],
  tools: [],
  context: [],
  state: {},
  forwardedProps: {},
  ...more,
});

const otherCases = {
  'files.put': ({ word }) => [{ path: `/v1/files?name=${word}.csv`, body: `note\n${word}\n` }],
  'events.stream': ({ cursor }) => [
    { path: `/v1/events/stream?after=${cursor}`, until: (text) => text.includes('event: snapshot') },
    {
      path: '/v1/events/stream',
      headers: { 'last-event-id': cursor },
      until: (text) => text.includes('event: snapshot'),
    },
  ],
  'runs.stream': (things) => ofRuns(things).map(({ run }) => ({ path: `/v1/runs/${run}/stream` })),
  'ticket.create': () => [{ path: '/v1/ticket' }],
  'agui.run': (things) => [
    ...(['resolved', 'cancelled'] as const).map((status) => {
      const resume = [{ interruptId: things.interrupt, status, payload: secrets.payload }];
      return { path: '/v1/agui/keep', json: agui(things, { resume }) };
    }),
    { path: '/v1/agui/short', json: agui(things) },
  ],
} as const satisfies { readonly [Name in keyof typeof otherRoutes]: (things: Things) => readonly Asked[] };

/** A credential by the right name, with a secret that is not its own. */
const forged = 'A'.repeat(43);
const newcomer = { name: 'Mallory', password: 'a long enough one' };

const loginCases = {
  'login.read': ({ login, token }) => [
    {},
    { headers: { cookie: `cantus=${login}.${forged}` } },
    { headers: { authorization: `Bearer ${login}.${forged}` } },
    { headers: { authorization: `Bearer cantus_${token}_${forged}` } },
  ],
  'login.setUp': ({ code }) => [{ json: { ...newcomer, code, user: 'mallory' } }],
  'login.join': ({ code }) => [{ json: { ...newcomer, code, user: 'mallory' } }],
  'login.enter': ({ user }) => [{ json: { user, password: 'it is not this one' } }],
  'login.leave': ({ login }) => [{ headers: { cookie: `cantus=${login}.${forged}` }, json: { everywhere: true } }],
  'login.password': ({ login }) => [
    { headers: { cookie: `cantus=${login}.${forged}` }, json: { password: 'x', newPassword: 'a long enough one' } },
  ],
  'login.invite': ({ login }) => [{ json: {} }, { headers: { cookie: `cantus=${login}.${forged}` }, json: {} }],
  'logins.list': ({ login }) => [{}, { headers: { cookie: `cantus=${login}.${forged}` } }],
  'logins.end': ({ login }) => [{ member: login }],
  'tokens.list': ({ token }) => [{}, { headers: { authorization: `Bearer cantus_${token}_${forged}` } }],
  'tokens.create': ({ word }) => [{ json: { name: word } }],
  'tokens.revoke': ({ token }) => [{ member: token }],
} as const satisfies {
  readonly [Name in LoginOperationName]: (things: Things) => readonly (Sent & { readonly member?: string })[];
};

type Said = { readonly hello?: object; readonly say?: object };

/** By type of frame: what is said on a socket of its own, after which a `pong` with the same things says nothing. */
const frameCases = {
  hello: ({ cursor }) => {
    const [generation, userSeq] = [cursor.replace(/-\d+$/, ''), Number(/\d+$/.exec(cursor)?.[0])];
    return [{ hello: { after: { generation, userSeq } } }, { hello: { after: { generation, userSeq }, gapMax: 0 } }];
  },
  call: ({ run, blob }) => [{ say: { type: 'call', id: blob, operation: 'runs.read', input: { run } } }],
  pong: ({ run, thread }) => [{ say: { type: 'pong', run, thread } }],
} as const satisfies {
  readonly [Type in ClientFrame['type']]: (things: Things) => readonly Said[];
};

// --- what is compared ---

/** What two answers to the same question may differ in. `things` are told by their kinds. */
function plain(text: string, things: Things): string {
  let told = text;
  const { user: _, ...ids } = things;
  for (const [kind, id] of Object.entries(ids).toSorted(([, a], [, b]) => b.length - a.length))
    told = told.replaceAll(id, `<${kind}>`);
  return told
    .replaceAll(/(bobby|umbrella)-[12]/g, '$1')
    .replaceAll(/cantus_[0-9a-f]{32}_[\w-]{43}/g, '<a token>')
    .replaceAll(/[0-9a-f]{32}\.[\w-]{43}/g, '<a login>')
    .replaceAll(/"ticket":"[\w-]{43}"/g, '"ticket":"<a ticket>"')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<an id>')
    .replaceAll(/\b[0-9a-f]{32}\b/g, '<an id>')
    .replaceAll(/\b1\d{12}\b/g, '<a time>');
}

const varying: ReadonlySet<string> = new Set(['date', 'x-request-id', 'ratelimit']);

function comparable({ status, headers, text }: Answer, things: Things): unknown {
  const kept = headers.filter(([name]) => !varying.has(name)).map(([name, value]) => [name, plain(value, things)]);
  return { status, headers: kept, text: plain(text, things) };
}

/** Until nothing that the stranger began is under way. */
async function quiet({ principal }: Stranger): Promise<void> {
  if (principal === undefined) return;
  const door = edge.engine.as(principal);
  for (const { run } of await door.runs({ status: ['queued', 'running'] })) await (await door.run(run)).result();
}

function requestOf(name: OperationName, input: Readonly<Record<string, unknown>>): Asked & { method: string } {
  const { method, path } = routes[name];
  const rest = new Map(Object.entries(input));
  const address = path.replaceAll(/:(\w+)/g, (_, member: string) => {
    const value = String(rest.get(member));
    rest.delete(member);
    return value;
  });
  if (method === 'POST' || method === 'PATCH') return { method, path: address, json: Object.fromEntries(rest) };
  const query = new URLSearchParams(
    Object.fromEntries([...rest].map(([member, value]) => [member, String(value)])),
  ).toString();
  return { method, path: query === '' ? address : `${address}?${query}` };
}

/** Both ask, and are told the same. Gives the statuses. */
async function compare(
  { curious, clueless }: Twins,
  method: string,
  asked: (things: Things) => readonly Asked[],
): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (const index of asked(owned).keys()) {
    const told: unknown[] = [];
    for (const [stranger, things] of [
      [curious, owned],
      [clueless, unknown],
    ] as const) {
      const { path, ...sent } = asked(things)[index] ?? { path: '' };
      const answer = await stranger.who.ask(method, path, sent);
      await quiet(stranger);
      told.push(comparable(answer, things));
      statuses.push(answer.status);
    }
    assert.deepEqual(told[0], told[1], `${method} ${asked(owned)[index]?.path}`);
  }
  return statuses;
}

function framesTold(frames: readonly ServerFrame[], things: Things): string {
  const told = frames.map((frame) =>
    frame.type === 'welcome' ? { ...frame, connection: '', now: 0 } : frame.type === 'ping' ? null : frame,
  );
  return plain(JSON.stringify(told, undefined, 1), things);
}

/** All that a socket says up to the newest place, when this is said to it. */
async function heardBy({ who, principal }: Stranger, things: Things, { hello = {}, say }: Said): Promise<string> {
  assert.ok(principal !== undefined);
  const line = await who.line().greeted(hello);
  if (say !== undefined) line.say(say);
  await line.call('events.head', {}, 'last');
  await line.reached((await edge.engine.as(principal).head()).userSeq);
  line.socket.terminate();
  // Replies and events come in any order.
  const isReply = ({ type }: ServerFrame): boolean => type === 'reply';
  return framesTold([...line.frames.filter((one) => !isReply(one)), ...line.frames.filter(isReply)], things);
}

describe('with the ids of another user', () => {
  it('there is a case for every route, operation and frame (OPS1)', async () => {
    const tables = [
      [routes, operationCases],
      [otherRoutes, otherCases],
      [loginRoutes, loginCases],
    ] as const;
    for (const [table, cases] of tables) assert.deepEqual(Object.keys(cases).toSorted(), Object.keys(table).toSorted());
    const document = JSON.parse((await strangers.nobody.curious.who.ask('GET', '/v1/openapi.json')).text) as {
      readonly paths: Readonly<Record<string, object>>;
    };
    const known = new Set(tables.flatMap(([table]) => Object.values(table).map(({ path }) => path)));
    const served = Object.keys(document.paths).map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const path of served.filter((one) => one.startsWith('/v1/') && one !== '/v1/openapi.json'))
      assert.ok(known.has(path) || path === '/v1/socket', `${path} has no case`);
    for (const path of known) assert.ok(served.includes(path), `${path} is served`);
  });

  for (const name of kinds)
    describe(`${name} is answered as if nobody had them`, () => {
      for (const operation of Object.keys(routes) as OperationName[])
        it(`by ${operation}: ${name} (P2)`, async () => {
          const cases = operationCases[operation] as (things: Things) => readonly Record<string, unknown>[];
          const { method } = routes[operation];
          const statuses = await compare(strangers[name], method, (things) =>
            cases(things).map((input) => requestOf(operation, input)),
          );
          if (name === 'nobody') assert.ok(statuses.every((status) => status === 401));
        });

      for (const route of Object.keys(otherRoutes) as (keyof typeof otherRoutes)[])
        it(`by ${route}: ${name} (P2)`, async () => {
          const cases = otherCases[route] as (things: Things) => readonly Asked[];
          const statuses = await compare(strangers[name], otherRoutes[route].method, cases);
          if (name === 'nobody') assert.ok(statuses.every((status) => status === 401));
        });

      for (const route of Object.keys(loginRoutes) as LoginOperationName[])
        it(`by ${route}: ${name} (P2)`, async () => {
          const { method, path } = loginRoutes[route];
          const cases = loginCases[route] as (things: Things) => readonly (Sent & { readonly member?: string })[];
          const placed = (things: Things): readonly Asked[] =>
            cases(things).map(({ member = '', ...sent }) => ({ path: path.replace(/:\w+/, member), ...sent }));
          await compare(strangers[name], method, placed);
        });

      if (name !== 'nobody') {
        it(`by every call of a socket: ${name} (P2)`, async () => {
          const { curious, clueless } = strangers[name];
          const lines = { curious: await curious.who.line().greeted(), clueless: await clueless.who.line().greeted() };
          for (const operation of Object.keys(routes) as OperationName[]) {
            const cases = operationCases[operation] as (things: Things) => readonly object[];
            for (const [index, input] of cases(owned).entries()) {
              const id = `${operation} ${index}`;
              const told = await lines.curious.call(operation, input, id);
              await quiet(curious);
              const said = await lines.clueless.call(operation, cases(unknown)[index], id);
              await quiet(clueless);
              assert.deepEqual(framesTold([told], owned), framesTold([said], unknown), id);
            }
          }
          lines.curious.socket.terminate();
          lines.clueless.socket.terminate();
        });

        for (const type of Object.keys(frameCases) as ClientFrame['type'][])
          it(`by a frame of type ${type}: ${name} (P2)`, async () => {
            const cases = frameCases[type] as (things: Things) => readonly Said[];
            for (const index of cases(owned).keys())
              assert.deepEqual(
                await heardBy(strangers[name].curious, owned, cases(owned)[index] ?? {}),
                await heardBy(strangers[name].clueless, unknown, cases(unknown)[index] ?? {}),
                `${type} ${index}`,
              );
          });
      }
    });

  it('a ticket that was used is no better than one that never was', async () => {
    const told = [];
    for (const things of [owned, unknown]) {
      const line = strangers.nobody.curious.who.line([`${ticketPrefix}${things.ticket}`]);
      const opened = line.opened().then(() => ({ status: 101, text: '' }));
      opened.catch(() => undefined);
      const { status, text } = await Promise.race([opened, line.refused]);
      line.socket.terminate();
      told.push({ status, text: plain(text, things) });
    }
    assert.equal(told[0]?.status, 401);
    assert.deepEqual(told[0], told[1]);
  });

  it('nothing of the other has changed', async () => {
    const { status } = await alice.json<{ status: string }>('GET', `/v1/runs/${owned.waiting}`);
    assert.equal(status, 'suspended');
    const open = await alice.json<{ runs: { run: string }[] }>('GET', '/v1/runs?status=running,suspended,queued');
    assert.ok(open.runs.some(({ run }) => run === owned.doubtful));
    const { threads } = await alice.json<{ threads: { title: string }[] }>('GET', '/v1/threads');
    assert.ok(threads.some(({ title }) => title.startsWith(secrets.title)));
    assert.equal(edge.own.tokens('alice').length, 1);
    assert.equal((await alice.ask('GET', '/v1/login')).status, 200);
    const principal = { tenant: 'main', user: 'alice' };
    const events: JournalEvent[] = [];
    for await (const event of (await edge.engine.as(principal).run(owned.run)).events()) events.push(event);
    assert.ok(events.length > 0);
    assert.ok(events.every(({ user, tenant }) => user === 'alice' && tenant === 'main'));
  });

  it('the owner reads all of it by the same requests, so that these answers prove something', async () => {
    for (const operation of ['runs.read', 'runs.events', 'values.read'] as const)
      for (const input of operationCases[operation](owned)) {
        const { method, path } = requestOf(operation, input);
        assert.equal((await alice.ask(method, path)).status, 200, path);
      }
    const asked = { workflow: 'keep', question: 'x', options: { data: owned.file } };
    const { notes } = await alice.json<{ notes: string[] }>('POST', '/v1/runs/prepare', { json: asked });
    assert.ok(notes[0]?.includes(secrets.file));
  });
});

describe('the secrets of a user', () => {
  it('are in nothing that anybody else was told (P2)', async () => {
    for (const [name, { curious }] of Object.entries(strangers)) {
      const { who } = curious;
      const sent = who.sent.join('\n');
      assert.ok(who.heard.length > 50, `${name} heard something`);
      for (const secret of hidden.filter((one) => !sent.includes(one)))
        for (const text of who.heard) assert.ok(!text.includes(secret), `${name} heard ${secret} in ${text}`);
      for (const secret of [secrets.question, secrets.content, secrets.title, secrets.signal, secrets.password])
        assert.ok(!sent.includes(secret), 'it was looked for');
    }
  });

  it('are found in what their own user was told by the same search', async () => {
    for (const path of ['/v1/threads', '/v1/events?limit=500', `/v1/runs/${owned.run}/answer`, '/v1/tokens'])
      assert.equal((await alice.ask('GET', path)).status, 200);
    const heard = alice.heard.join('\n');
    for (const kind of ['question', 'content', 'file', 'title', 'signal', 'token'] as const)
      assert.ok(heard.includes(secrets[kind]), `${kind} is found`);
    const own = `question-of-bob-${systemRandom.id()}`;
    const json = { workflow: 'keep', key: own, question: own };
    const { run } = await strangers.bobby.curious.who.json<{ run: string }>('POST', '/v1/runs', { json });
    const { text } = await strangers.bobby.curious.who.ask('GET', `/v1/runs/${run}/stream`);
    assert.ok(text.includes(own));
  });

  it('are in no line of the log, no count and no list of accounts (P2)', () => {
    const seen = {
      log: edge.lines.join('\n'),
      counts: JSON.stringify(edge.server.counts()),
      accounts: JSON.stringify([edge.own.users(), edge.own.tokens('bobby-1')]),
    };
    assert.ok(edge.lines.length > 50, 'the log says something');
    // The engine's own lines may name runs, and a token of somebody else's has this word for a name.
    const allowed: ReadonlySet<string> = new Set([owned.run, owned.waiting, owned.doubtful, owned.word]);
    for (const [where, text] of Object.entries(seen))
      for (const secret of hidden.filter((one) => !allowed.has(one)))
        assert.ok(!text.includes(secret), `${secret} is in the ${where}`);
    assert.ok(!seen.log.includes('alice') && !seen.log.includes('bobby'), 'users have no names in the log');
  });

  it('that prove who somebody is are kept nowhere', () => {
    const { token } = edge.own.addToken('alice', 'looked for');
    const files = readdirSync(edge.folder, { recursive: true, withFileTypes: true });
    const texts = files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name)).toString('latin1'));
    const whole = texts.join('\n');
    assert.ok(whole.includes(secrets.token), 'the name of a token is kept');
    const secretOf = (credential: string): string => credential.slice(-43);
    for (const secret of [secrets.password, secretOf(token), secretOf(alicesCookie), owned.ticket, owned.code])
      assert.ok(!whole.includes(secret), 'a secret is kept as it is');
  });
});

describe('two users who ask at the same time', () => {
  it('hear of their own runs alone, also where they share a name (P2)', async () => {
    const askers = ['north', 'south'].map((tenant) => {
      const said = `${tenant}-${systemRandom.id()}`;
      const headers = { 'cantus-tenant': tenant, 'cantus-user': 'sam' };
      return { tenant, said, who: new Asker('http://localhost', headers, edge.localSocket) };
    });
    const lines = await Promise.all(
      askers.map(async ({ said, who }) => ({ said, line: await who.line().greeted({ after: 'start' }) })),
    );
    for (let n = 0; n < 5; n++) {
      const input = { workflow: 'short', key: `k${n}` };
      await Promise.all(
        lines.map(({ said, line }) => line.call('runs.start', { ...input, question: said }, `call-${n}`)),
      );
    }
    for (const [index, { tenant, said, who }] of askers.entries()) {
      const principal = { tenant, user: 'sam' };
      await quiet({ who, principal });
      const { userSeq } = await edge.engine.as(principal).head();
      const line = lines[index]?.line;
      await line?.reached(userSeq);
      const heard = (line?.frames ?? []).flatMap((frame) => (frame.type === 'events' ? frame.events : []));
      assert.deepEqual(
        heard.map((event) => [event.tenant, event.userSeq]),
        Array.from({ length: userSeq }, (_, place) => [tenant, place + 1]),
      );
      assert.ok(who.heard.join().includes(said));
      for (const other of askers) if (other.said !== said) assert.ok(!who.heard.join().includes(other.said));
      line?.socket.terminate();
    }
  });

  /** Calls of a company that nobody else has, in sums that nobody else has. */
  const fileOf = (feature: string, calls: number): string => {
    const rows = Array.from({ length: calls }, (_, n) => {
      const at = new Date(Date.UTC(2026, 0, 1, n % 24, n % 60)).toISOString();
      return `${at},gpt-4o,${feature}-${n % 3},${1_000 + calls * 7 + n},${200 + calls},${900 + n}`;
    });
    return `timestamp,model,feature,input_tokens,output_tokens,latency_ms\n${rows.join('\n')}\n`;
  };

  async function answerTo(who: Asker, feature: string, calls: number): Promise<string> {
    const name = `${feature}.csv`;
    const { file } = await who.json<{ file: string }>('POST', `/v1/files?name=${name}`, {
      body: fileOf(feature, calls),
    });
    const question = 'Analyze my AI costs and tell me how to cut them';
    const json = { key: systemRandom.id(), question, options: { data: file } };
    const { run } = await who.json<{ run: string }>('POST', '/v1/runs', { json });
    await who.ask('GET', `/v1/runs/${run}/stream`);
    const { markdown } = await who.json<{ markdown: string | null }>('GET', `/v1/runs/${run}/answer`);
    assert.ok(markdown !== null, 'there is an answer');
    return markdown;
  }

  it('are each answered from their own data, as if nobody else had asked (P2)', async () => {
    const users = [
      { feature: 'apples', calls: 120 },
      { feature: 'bricks', calls: 150 },
      { feature: 'clocks', calls: 180 },
    ].map((given, n) => ({
      ...given,
      who: new Asker('http://localhost', { 'cantus-user': `asker-${n}` }, edge.localSocket),
      alone: new Asker('http://localhost', { 'cantus-user': `alone-${n}` }, edge.localSocket),
    }));
    const together = await Promise.all(
      users.flatMap(({ who, feature, calls }) => [answerTo(who, feature, calls), answerTo(who, feature, calls)]),
    );
    for (const [n, { alone, feature, calls }] of users.entries()) {
      const expected = await answerTo(alone, feature, calls);
      assert.ok(expected.includes(feature), 'an answer rests on the data');
      assert.deepEqual([together[2 * n], together[2 * n + 1]], [expected, expected]);
      for (const { feature: other } of users)
        if (other !== feature) assert.ok(!expected.includes(other), `${feature} heard of ${other}`);
    }
  });
});
