/**
 * Writes a data folder with the code of a commit, and packs it for the tests of upgrades:
 *
 *     git worktree add /tmp/then COMMIT && ln -s "$PWD/node_modules" /tmp/then/node_modules
 *     node --conditions=source test/upgrades/write-folder.ts /tmp/then NAME
 *
 * Two lives of a process work in the folder, and each is killed in the middle of what it does. What the code of the
 * commit then reads of a copy goes beside it, as what today's code has to read too.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, RunHandle, Store } from '../../src/index.ts';
import type { accounts as openAccounts } from '../../src/server/accounts/accounts.ts';
import type { uploadsOf } from '../../src/server/uploads.ts';
import { movedWorkflow, upgradeApp, type Cantus, type Hand } from './app.fixture.ts';
import { copyFolder, foldersRoot, packFolder, plain, type FolderFacts, type ToldRun, type ToldUser } from './folder.ts';

type Code = {
  readonly cantus: Cantus;
  readonly accounts: typeof openAccounts;
  readonly uploadsOf: typeof uploadsOf;
  readonly limits: Record<string, number>;
  readonly knowsApprovals: boolean;
};

/** What is under way: which run, and which call of it. */
type Life = { readonly folder: string; readonly code: Code; readonly reached: Set<string>; readonly hand: Hand };

const ada = { tenant: 'main', user: 'ada', roles: ['chief'] };
const bob = { tenant: 'main', user: 'bob' };
const otherAda = { tenant: 'acme', user: 'ada' };
const everyone = [ada, bob, otherAda];

async function codeOf(root: string): Promise<Code> {
  const load = async (path: string): Promise<Record<string, unknown>> =>
    (await import(join(root, 'src', path))) as Record<string, unknown>;
  const { eventVersions } = (await load('journal/codec.ts')) as { eventVersions: Record<string, number> };
  return {
    cantus: (await load('index.ts')) as Cantus,
    accounts: (await load('server/accounts/accounts.ts'))['accounts'] as typeof openAccounts,
    uploadsOf: (await load('server/uploads.ts'))['uploadsOf'] as typeof uploadsOf,
    limits: (await load('core/limits.ts'))['limits'] as Record<string, number>,
    knowsApprovals: (eventVersions['wait.started'] ?? 1) > 1,
  };
}

function newLife(code: Code, folder: string): Life {
  const reached = new Set<string>();
  const hand: Hand = {
    did: (of, what) => void reached.add(`${of}: ${what}`),
    cutHere: (of, what) => {
      reached.add(`${of}: in ${what}`);
      return of === 'done' ? Promise.resolve() : new Promise(() => undefined);
    },
    fails: () => true,
  };
  return { folder, code, reached, hand };
}

function engineOf({ code: { cantus }, hand }: Life, store: Store, moved: readonly [string, number][]): Promise<Engine> {
  const { workflows, ...app } = upgradeApp(cantus, hand);
  const also = moved.map(([name, version]) => movedWorkflow(cantus, hand, { name, version }));
  return cantus.createEngine({ store, ...app, workflows: [...workflows, ...also] });
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 1_000) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function statusIs(run: RunHandle, status: string): Promise<void> {
  return until(`${status} of ${run.id}`, async () => (await run.row()).status === status);
}

function killed(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('the process lives on');
}

/** What ends, a call in doubt, and runs of versions that the next life does not have. */
async function firstLife(life: Life): Promise<never> {
  const { code, folder, reached } = life;
  const { cantus } = code;
  const engine = await engineOf(life, cantus.sqlite(folder), [
    ['moved', 1],
    ['gone', 1],
  ]);
  const door = engine.as(ada);
  const whole = await door.start(
    'whole',
    { label: 'done' },
    { key: 'key of whole', thread: 'first', message: 'Count, please' },
  );
  await whole.result();
  for (const name of ['poor', 'broken', 'payer', 'planner', 'heavy'])
    await (await door.start(name, { label: 'done' }, { thread: 'first', message: `And ${name}` })).result();
  await door.renameThread('first', 'The first one');
  const stopped = await door.start('asker', { label: 'stopped' });
  await statusIs(stopped, 'suspended');
  await stopped.cancel('no longer needed');
  await stopped.result();
  const answered = await door.start('asker', { label: 'answered' });
  await answered.signal('answer', { yes: true }, { key: 'key of answer' });
  await answered.result();
  await (await door.start('whole', { label: 'done' }, { thread: 'to be deleted', message: 'Forget this' })).result();
  await door.deleteThread('to be deleted');
  await (await engine.as(bob).start('whole', { label: 'done' }, { thread: 'first', message: "Bob's own" })).result();
  await (await engine.as(otherAda).start('poor', { label: 'done' })).result();
  for (const name of ['moved', 'gone']) await statusIs(await door.start(name, { label: name }), 'suspended');
  await door.start('payer', { label: 'doubted' });
  await until('the payment', () => reached.has('doubted: in pay'));
  return killed();
}

/** A store that gives nothing of inboxes: an owner who is slow to look. */
function deaf(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'inbox') return async () => [];
      if (name === 'watchInbox') return () => () => undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** What is under way when the process ends, what waits, and what was asked of it and not yet heard. */
async function secondLife(life: Life): Promise<never> {
  const { code, folder, reached } = life;
  const store = code.cantus.sqlite(folder);
  const engine = await engineOf(life, deaf(store), [['moved', 2]]);
  const door = engine.as(ada);
  const runs = await door.runs();
  await until('the doubt', async () => {
    const run = runs.find(({ workflow, status }) => workflow === 'payer' && status !== 'completed');
    const state = await (await door.run(run?.run ?? '')).state();
    return [...state.steps.values()].some(({ status }) => status === 'indoubt') && state.status === 'suspended';
  });
  await until('two parked runs', async () => (await door.runs({ status: ['parked'] })).length === 2);
  const asked = await door.start(
    'asker',
    { label: 'asked' },
    { key: 'key of asked', thread: 'talk', message: 'Ask me' },
  );
  await statusIs(asked, 'suspended');
  await door.start('asker', { label: 'second' }, { thread: 'talk', message: 'And then me' });
  const told = await door.start('asker', { label: 'told' });
  await statusIs(told, 'suspended');
  for (const name of ['napper', 'racer'])
    await statusIs(await door.start(name, { label: name }, { thread: name }), 'suspended');
  const bobs = engine.as(bob);
  await statusIs(await bobs.start('asker', { label: "bob's" }), 'suspended');
  const others = engine.as(otherAda);
  await statusIs(await others.start('napper', { label: "other's" }), 'suspended');
  if (code.knowsApprovals) {
    for (const name of ['approver', 'relay']) await door.start(name, { label: name });
    await until('the second leg', () => reached.has('relay: leg 2'));
    await until('both waiting', async () => {
      const open = await door.runs({ status: ['suspended'] });
      return ['approver', 'relay'].every((name) => open.some(({ workflow }) => workflow === name));
    });
  }
  // What a node that doesn't own the user asks of its owner.
  const beside = await engineOf(life, store, []);
  void (await beside.as(ada).run(told.id))
    .signal('answer', { yes: false }, { key: 'key of told' })
    .catch(() => undefined);
  void beside
    .as(ada)
    .start('poor', { label: 'from the inbox' }, { key: 'key of inbox' })
    .catch(() => undefined);
  await until('the inbox', async () => (await store.inbox(ada.tenant, ada.user)).length === 2);
  // Eight of a user run at once: what only waits has given its place back.
  const cuts = { payer: 'pay', worker: 'second', chatter: 'look 2', planner: 'write', heavy: 'size' };
  for (const [name, what] of Object.entries(cuts)) {
    await door.start(name, { label: name }, { thread: name });
    await until(name, () => reached.has(`${name}: in ${what}`));
  }
  const flaky = await door.start('flaky', { label: 'flaky' });
  await until('a failed try', async () => (await flaky.state()).steps.get('try')?.status === 'retrying');
  return killed();
}

async function besideTheJournal(code: Code, folder: string): Promise<Pick<FolderFacts, 'upload' | 'token'>> {
  const own = code.accounts({ folder, hashing: { costLog2: 2 } });
  await own.addAccount({ user: 'ada', name: 'Ada', roles: ['chief'], password: 'a long enough one' });
  const { token } = own.addToken('ada', 'program');
  own.close();
  const parts = { served: { folder }, limits: code.limits, random: { id: () => crypto.randomUUID() } };
  const uploads = code.uploadsOf(parts as never);
  const text = 'from,to\n1,2\n';
  const body = (async function* () {
    yield Buffer.from(text);
  })();
  const { file, name } = await uploads.put({ ...ada, kind: 'user' } as never, 'calls.csv', body);
  return { upload: { file, name, text }, token };
}

async function tellUser(engine: Engine, store: Store, whose: (typeof everyone)[number]): Promise<ToldUser> {
  const { tenant, user } = whose;
  const door = engine.as(whose);
  const { events } = await store.read(tenant, user, { after: 0, limit: 100_000 });
  const inbox = (await store.inbox(tenant, user)).length;
  return { tenant, user, head: await door.head(), threads: await door.threads(), events, inbox };
}

async function tellRuns(engine: Engine, whose: (typeof everyone)[number]): Promise<readonly ToldRun[]> {
  const { tenant, user } = whose;
  const door = engine.as(whose);
  const told: ToldRun[] = [];
  for (const row of await door.runs({ limit: 200 })) {
    const state = await (await door.run(row.run)).state();
    const { label } = state.input as { readonly label: string };
    told.push({ label, tenant, user, row, state: plain(state) });
  }
  return told;
}

function lifeOf(number: string, root: string, folder: string): void {
  const args = ['--conditions=source', import.meta.filename, root, folder, '--life', number];
  const { signal, stderr, status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'pipe'] });
  if (signal !== 'SIGKILL') throw new Error(`life ${number} ended with ${status}: ${stderr.toString()}`);
}

async function main(): Promise<void> {
  const [root = '', place = '', , life] = process.argv.slice(2);
  const code = await codeOf(root);
  if (life === '1') return firstLife(newLife(code, place));
  if (life === '2') return secondLife(newLife(code, place));
  const work = mkdtempSync(join(tmpdir(), 'cantus-written-'));
  const [folder, copy] = [join(work, 'data'), join(work, 'copy')];
  try {
    lifeOf('1', root, folder);
    lifeOf('2', root, folder);
    const beside = await besideTheJournal(code, folder);
    copyFolder(folder, copy);
    const store = code.cantus.sqlite(copy);
    const engine = await code.cantus.createEngine({ store, readOnly: true });
    const users = [];
    const runs = [];
    for (const whose of everyone) {
      users.push(await tellUser(engine, store, whose));
      runs.push(...(await tellRuns(engine, whose)));
    }
    await engine.close();
    const commit = execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], { cwd: root }).toString().trim();
    const facts = {
      commit,
      writtenAt: Date.now(),
      knowsApprovals: code.knowsApprovals,
      users,
      runs,
      deletedThread: 'to be deleted',
      ...beside,
    };
    packFolder(folder, facts, join(foldersRoot, place));
    for (const { label, row } of runs) process.stdout.write(`${label}: ${row.workflow} ${row.status}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

await main();
