/**
 * The whole engine in a world of chance: nodes that crash, stand still and come back late over one store that fails, users
 * who start, cancel, signal and decide, readers who come and go, deploys of another version. One seed is one history.
 *
 * SM1  After each tick what the witness saw must be right (world.ts), and what each reader was told (readers.ts).
 * SM2  In the end the faults stop. Then every run that was begun ends, once, with the sum of its program; cancelled or
 *      failed only where somebody asked for that (P3, P4).
 * SM3  Nothing is left behind: each user can start another run, which ends, and no command is unanswered.
 */
import { AssertionError } from 'node:assert';
import { createEngine, EngineError, memory, type Engine, type Outcome, type RunState, type Store } from 'cantus';
import { faultsByChance, faultyStore, scripted, SimClock } from 'cantus/testing';
import { seededRandom, type Random } from '../../src/core/random.ts';
import { systemClock } from '../../src/core/clock.ts';
import { limits } from '../../src/core/limits.ts';
import { linkTo, type StoreLink } from '../../src/testing/crash-store.ts';
import { Front } from './front.ts';
import { Network } from './network.ts';
import { moreWorkflowsOf, revisionAdds } from './planned.ts';
import { degrades, drawAnyProgram, nobody, script, sumOf, workflowsOf, type Program } from './program.ts';
import { Reader } from './readers.ts';
import { tenant, World } from './world.ts';

export type SimulationOptions = {
  readonly users?: number;
  readonly runs?: number;
  readonly ticks?: number;
};

/** What a history had in it, so that a suite can see that its seeds meet everything. */
export type Tally = Record<string, number>;

type Node = {
  readonly name: string;
  readonly engine: Engine;
  readonly link: StoreLink;
  readonly front: Front;
  goOn(): void;
  state: 'alive' | 'still' | 'gone';
};

/** A run as its user knows it: sent again with its key until somebody answers. */
type Order = {
  readonly user: string;
  readonly key: string;
  readonly workflow: 'program' | 'planned' | keyof typeof failing;
  readonly program: Program;
  /** How often it goes on as another run. */
  readonly restarts: number;
  readonly thread: string;
  run: string | undefined;
  asking: boolean;
  cancelled: boolean;
  gaveUp: boolean;
  /** Its thread was to be deleted: it may be gone, or begin after that. */
  deleted: boolean;
};

/** What each user has open. */
const readerKinds = [
  ['program', 0],
  ['program', 50],
  ['page', 0],
] as const;

/** Workflows that must fail, and how. */
const failing = { stuck: 'deadline_exceeded', twice: 'path_reused', strays: 'divergence' } as const;
const failings = Object.keys(failing) as readonly (keyof typeof failing)[];

/** Active time that a run has which never ends by itself. */
const stuckMs = 20_000;

const versionSets = [[1], [1, 2], [2], [1, 2], [1, 2]] as const;

class Simulation {
  readonly tally: Tally = {};
  readonly #random: Random;
  readonly #clock = new SimClock({ passMs: 0 });
  readonly #store: Store;
  readonly #world: World;
  readonly #network: Network;
  readonly #users: readonly string[];
  readonly #orders: Order[] = [];
  readonly #nodes: Node[] = [];
  readonly #readers: Reader[] = [];
  readonly #ordersMax: number;
  #faulty = true;
  /** Approvals that somebody decides just now: it may take until their run has a slot. */
  readonly #approving = new Set<string>();
  /** Threads that somebody asked to be deleted, by user and thread, and was not answered yet. */
  readonly #deleting = new Map<string, number>();
  #named = 0;

  constructor(seed: number, { users = 3, runs = 8 }: SimulationOptions) {
    this.#random = seededRandom(seed);
    this.#world = new World(this.#random, this.#clock, (what) => this.#count(what));
    this.#store = this.#witnessed(memory({ clock: this.#clock, random: seededRandom(seed + 1) }));
    this.#users = Array.from({ length: users }, (_, index) => `user-${index}`);
    this.#ordersMax = runs;
    this.#network = new Network({
      clock: this.#clock,
      random: seededRandom(seed + 2),
      count: (what) => this.#count(what),
      hosts: () => this.#reachable(),
    });
    for (const user of this.#users) {
      this.#world.watch(this.#store, user);
    }
  }

  async run(ticks: number): Promise<void> {
    await this.#boot([1]);
    for (const user of this.#users)
      for (const [kind, slowMs] of readerKinds) this.#readers.push(this.#reader(user, kind, slowMs));
    for (let tick = 0; tick < ticks; tick++) {
      await this.#tick();
      this.#check();
    }
    await this.#end();
  }

  #reader(user: string, kind: 'program' | 'page', slowMs: number): Reader {
    return new Reader({
      user,
      kind,
      slowMs,
      network: this.#network,
      world: this.#world,
      clock: this.#clock,
      random: seededRandom(this.#draw(1_000_000)),
      count: (what) => this.#count(what),
    });
  }

  #draw(below: number): number {
    return Math.floor(this.#random.next() * below);
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[this.#draw(from.length)];
  }

  #count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }

  /** The shared store, with the epochs of claims and commits told to the witness. */
  #witnessed(store: Store): Store {
    const world = this.#world;
    const other: Partial<Store> = {
      async own(node, owner, user) {
        const owned = await store.own(node, owner, user);
        if (owned.owned) world.sawClaim(user, owned.epoch, node);
        return owned;
      },
      async takeover(node, usersMax) {
        const claimed = await store.takeover(node, usersMax);
        for (const { user, epoch } of claimed) world.sawClaim(user, epoch, node);
        return claimed;
      },
      async append(batches) {
        const result = await store.append(batches);
        for (const { user, epoch } of batches)
          world.sawAppend(
            user,
            epoch,
            result.fenced.some((fenced) => fenced.user === user),
          );
        return result;
      },
    };
    return new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(other, name) ?? Reflect.get(target, name, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  }

  // --- nodes ---------------------------------------------------------------------------------------------------------

  async #boot(versions: readonly number[]): Promise<void> {
    const name = `n${++this.#named}`;
    const cut = this.#faulty && this.#random.next() < 0.5;
    const when = this.#random.next() < 0.5 ? 'before' : 'after';
    const link = linkTo(this.#store, cut ? { append: 1 + this.#draw(60), when } : undefined);
    const chances = this.#faulty ? { failBefore: 0.02, failAfter: 0.02, slow: 0.1, slowMsMax: 400 } : {};
    let id: string | undefined;
    const named: Store = Object.assign(Object.create(link) as Store, {
      heartbeat: (node: string) => link.heartbeat((id = node)),
    });
    const store = faultyStore(named, faultsByChance(this.#clock, this.#random, chances));
    const waiting: (() => void)[] = [];
    const stands = (): Promise<void> =>
      link.cut ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve();
    const hand = this.#world.hand({ node: () => id, stands });
    const workflows = [...workflowsOf(hand, versions), ...moreWorkflowsOf(hand, versions)];
    const booting = createEngine({
      store,
      clock: this.#clock,
      random: seededRandom(1_000 * this.#named + this.#draw(1_000)),
      workflows,
      models: { default: scripted(script, { clock: this.#clock }) },
      limits: { runningMax: 4, runningPerUserMax: 2 },
    });
    const engine = await this.#settled(booting);
    // One that was cut while it started never gets up.
    if (engine === undefined) return this.#count('died at its start');
    const goOn = (): void => {
      link.thaw();
      for (const resolve of waiting.splice(0)) resolve();
    };
    const random = seededRandom(2_000 * this.#named);
    const front = new Front({ engine, workflows, clock: this.#clock, random, stands });
    this.#nodes.push({ name, engine, link, front, goOn, state: 'alive' });
    this.#count('booted');
  }

  /** What a promise comes to without time being moved much; undefined when it does not come. */
  async #settled<T>(promise: Promise<T>): Promise<T | undefined> {
    const end: { value?: T; done: boolean } = { done: false };
    const ended = promise.then((value) => Object.assign(end, { value }));
    void ended.catch(() => undefined).finally(() => Object.assign(end, { done: true }));
    for (let turn = 0; turn < 6 && !end.done; turn++) await this.#clock.advance(400);
    return end.value;
  }

  /** Whom the network leads to: most often to one that answers. */
  #reachable(): readonly Front[] {
    const up = this.#nodes.filter(({ state, link }) => state === 'alive' && !link.cut);
    const still = this.#nodes.filter(({ state }) => state === 'still');
    return [...(this.#network.chance(0.1) ? still : []), ...up].map(({ front }) => front);
  }

  get #alive(): readonly Node[] {
    for (const node of this.#nodes) {
      if (node.state !== 'alive' || !node.link.cut) continue;
      this.#lose(node);
      this.#count('crashed at a commit');
    }
    return this.#nodes.filter(({ state }) => state === 'alive');
  }

  // --- one tick ------------------------------------------------------------------------------------------------------

  async #tick(): Promise<void> {
    const alive = this.#alive;
    if (alive.length === 0) return this.#boot(this.#pick(versionSets) ?? [1, 2]);
    const node = this.#pick(alive);
    if (node === undefined) return;
    const chance = this.#random.next();
    if (chance < 0.25) this.#order(node);
    else if (chance < 0.35) this.#act(node, 'signal');
    else if (chance < 0.42) this.#act(node, 'decide');
    else if (chance < 0.45) this.#cancel(node);
    else if (chance < 0.5) this.#stop(node, 'gone', 'crashed');
    else if (chance < 0.54) this.#stop(node, 'still', 'stood still');
    else if (chance < 0.58) this.#wake();
    else if (chance < 0.62 && alive.length < 3) await this.#boot(this.#pick(versionSets) ?? [1, 2]);
    else if (chance < 0.65) await this.#deploy(node);
    else if (chance < 0.68) this.#deleteThread(node);
    else if (chance < 0.7) this.#renameThread(node);
    else if (chance < 0.76) this.#network.breakOne();
    else if (chance < 0.79) this.#restartReader();
    this.#ask();
    await this.#clock.advance(this.#random.next() < 0.1 ? 30_000 + this.#draw(600_000) : this.#draw(1_500));
  }

  #check(): void {
    const [wrong] = this.#world.wrongs;
    if (wrong !== undefined) throw new AssertionError({ message: wrong });
  }

  #order(node: Node): void {
    if (this.#orders.length >= this.#ordersMax) return;
    const user = this.#pick(this.#users) ?? '';
    const thread = `thread ${this.#draw(3)}`;
    const chance = this.#random.next();
    const workflow = chance < 0.7 ? 'program' : chance < 0.85 ? 'planned' : (this.#pick(failings) ?? 'stuck');
    const order: Order = {
      user,
      workflow,
      key: `order ${this.#orders.length}`,
      program: drawAnyProgram(this.#random),
      restarts: workflow === 'program' && this.#random.next() < 0.2 ? 2 : 0,
      thread,
      run: undefined,
      asking: false,
      cancelled: false,
      gaveUp: false,
      deleted: (this.#deleting.get(`${user} ${thread}`) ?? 0) > 0,
    };
    this.#orders.push(order);
    this.#send(node, order);
  }

  /** Whoever got no answer sends the same again, to whatever node there is. */
  #ask(): void {
    for (const order of this.#orders) {
      const node = this.#pick(this.#alive);
      if (
        order.run === undefined &&
        !order.deleted &&
        node !== undefined &&
        (!order.asking || this.#random.next() < 0.2)
      )
        this.#send(node, order);
    }
  }

  #send(node: Node, order: Order): void {
    order.asking = true;
    this.#count('started');
    void this.#start(node, order).catch((thrown: unknown) => {
      order.asking = false;
      this.#tolerate(thrown);
    });
  }

  async #start(node: Node, order: Order): Promise<void> {
    const { user, key, program, restarts, thread, workflow } = order;
    const input = workflow === 'program' ? { program, restarts } : { program };
    const given = { key, thread, ...(workflow === 'stuck' ? { deadlineMs: stuckMs } : {}) };
    // Half of the orders come from a page, over the network.
    const reader = this.#random.next() < 0.5 ? this.#readers.find((one) => one.user === user) : undefined;
    if (reader !== undefined) this.#count('asked over the network');
    const { id } = await (reader === undefined
      ? node.engine.as({ user }).start(workflow, input, given)
      : reader.door.start(workflow, { input }, given));
    if (order.run !== undefined && order.run !== id && !order.deleted)
      this.#world.wrong(`${key} began twice: ${order.run}, ${id}`);
    order.run = id;
  }

  /** What an operation may come to while nodes come and go; anything else is a bug. */
  #tolerate(thrown: unknown): void {
    const code = EngineError.is(thrown) ? thrown.code : 'thrown';
    const expected = ['closed', 'fenced', 'conflict', 'limit_exceeded', 'store_failed', 'not_found', 'interrupted'];
    if (!expected.includes(code)) this.#world.wrong(`an operation failed: ${code} ${String(thrown)}`);
    this.#count(`refused: ${code}`);
  }

  #open(): readonly { readonly user: string; readonly state: RunState }[] {
    return [...this.#world.streams].flatMap(([user, { runs }]) =>
      [...runs.values()].filter(({ outcome }) => outcome === undefined).map((state) => ({ user, state })),
    );
  }

  #act(node: Node, what: 'signal' | 'decide', willGiveUp = true): boolean {
    const open = this.#open();
    const from = this.#draw(Math.max(1, open.length));
    for (const { user, state } of [...open.slice(from), ...open.slice(0, from)]) {
      for (const step of state.steps.values()) {
        if (what === 'decide' && step.status === 'indoubt') {
          this.#decide(node, user, { run: state.run, path: step.path, input: step.input }, willGiveUp);
          return true;
        }
        if (what !== 'signal' || step.status !== 'open') continue;
        if (
          step.wait?.for.kind === 'approval' &&
          step.wait.for.role !== nobody &&
          !this.#approving.has(`${state.run} ${step.path}`)
        ) {
          this.#approve(node, user, state.run, step.path);
          return true;
        }
        if (step.wait?.for.kind !== 'signal') continue;
        const { signal } = step.wait.for;
        if (signal === 'never' || state.signals.some(({ key }) => key === step.path)) continue;
        this.#count('signalled');
        this.#tell(node, user, state.run, (run) => run.signal(signal, 1, { key: step.path }));
        return true;
      }
    }
    return false;
  }

  /** One without the role may ask as well, and changes nothing. */
  #approve(node: Node, user: string, run: string, path: string): void {
    const isBoss = this.#random.next() < 0.7;
    this.#count(isBoss ? 'approved' : 'approved without the role');
    this.#approving.add(`${run} ${path}`);
    node.engine
      .as({ user, roles: isBoss ? ['boss'] : [] })
      .run(run)
      .then((handle) => handle.approve(path, { approved: isBoss }))
      .finally(() => this.#approving.delete(`${run} ${path}`))
      .catch((thrown: unknown) => {
        if (isBoss || !EngineError.is(thrown) || thrown.code !== 'forbidden') this.#tolerate(thrown);
      });
  }

  /** Whoever is asked looks whether it has happened, or has had enough. */
  #decide(
    node: Node,
    user: string,
    { run, path, input }: { readonly run: string; readonly path: string; readonly input: unknown },
    willGiveUp: boolean,
  ): void {
    const { id, value } = input as { readonly id: string; readonly value: number };
    const happened = this.#world.happened(run, id);
    const { key } = this.#world.streams.get(user)?.runs.get(this.#firstOf(user, run)) ?? {};
    const order = this.#orders.find((one) => one.user === user && one.key === key);
    if (willGiveUp && this.#random.next() < 0.1) {
      if (order !== undefined) order.gaveUp = true;
      this.#count('gave up');
      return this.#tell(node, user, run, (handle) => handle.decide(path, 'give-up'));
    }
    this.#count(happened ? 'decided: happened' : 'decided: did not happen');
    this.#tell(node, user, run, (handle) =>
      happened ? handle.decide(path, 'happened', value) : handle.decide(path, 'did-not-happen'),
    );
  }

  #tell(node: Node, user: string, run: string, tell: (run: Handle) => Promise<void>): void {
    node.engine
      .as({ user })
      .run(run)
      .then(tell)
      .catch((thrown: unknown) => this.#tolerate(thrown));
  }

  #cancel(node: Node): void {
    const order = this.#pick(this.#orders.filter(({ run }) => run !== undefined));
    if (order?.run === undefined) return;
    order.cancelled = true;
    this.#count('cancelled');
    this.#tell(node, order.user, order.run, (run) => run.cancel('enough'));
  }

  #deleteThread(node: Node): void {
    const order = this.#pick(this.#orders.filter(({ run }) => run !== undefined));
    if (order === undefined) return;
    const { user, thread } = order;
    for (const one of this.#orders) if (one.user === user && one.thread === thread) one.deleted = true;
    this.#count('thread deleted');
    const key = `${user} ${thread}`;
    const change = (by: number): unknown => this.#deleting.set(key, (this.#deleting.get(key) ?? 0) + by);
    change(1);
    const deleting = node.engine.as({ user }).deleteThread(thread);
    deleting.finally(() => change(-1)).catch((thrown: unknown) => this.#tolerate(thrown));
  }

  #renameThread(node: Node): void {
    const order = this.#pick(this.#orders);
    if (order === undefined) return;
    this.#count('thread renamed');
    const renaming = node.engine.as({ user: order.user }).renameThread(order.thread, `title ${this.#draw(100)}`);
    renaming.catch((thrown: unknown) => this.#tolerate(thrown));
  }

  #stop(node: Node, state: 'gone' | 'still', told: string): void {
    node.link.freeze();
    if (state === 'gone') this.#lose(node);
    node.state = state;
    this.#count(told);
  }

  /** Its process is no more, nor is what it had open. */
  #lose(node: Node): void {
    node.state = 'gone';
    this.#network.lose(node.front);
    node.front.end();
  }

  /** One that stood still goes on, late: others may have its users. */
  #wake(): void {
    const node = this.#nodes.find(({ state }) => state === 'still');
    if (node === undefined) return;
    node.state = 'alive';
    node.goOn();
    this.#count('woke late');
  }

  /** The old version goes, the new one comes, as in a deploy: the store is let go of in order. */
  async #deploy(node: Node): Promise<void> {
    this.#count('deployed');
    node.front.drain();
    await this.#settled(node.engine.close());
    if (node.state === 'alive') this.#lose(node);
    await this.#boot(this.#pick(versionSets) ?? [1, 2]);
  }

  // --- readers -------------------------------------------------------------------------------------------------------

  #restartReader(): void {
    this.#pick(this.#readers)?.restart();
  }

  // --- the end -------------------------------------------------------------------------------------------------------

  async #end(): Promise<void> {
    this.#faulty = false;
    this.#network.calm = true;
    while (this.#nodes.some(({ state }) => state === 'still')) this.#wake();
    await this.#clock.advance(1_000);
    for (const node of this.#alive) this.#stop(node, 'gone', 'crashed');
    await this.#clock.advance(limits.leaseTtlMs + limits.leaseRenewMs + 1);
    await this.#boot([1, 2]);
    // Whoever spoke to a node that died hears nothing more.
    this.#approving.clear();
    const node = this.#alive[0];
    if (node === undefined) throw new AssertionError({ message: 'no node got up, though nothing fails' });
    for (let turn = 0; turn < 400; turn++) {
      this.#ask();
      const decided = this.#act(node, 'decide', false);
      const acted = this.#act(node, 'signal') || decided;
      // What is refused while a run is parked, or waits for its thread, is asked again later.
      await this.#clock.advance(acted && turn % 2 === 0 ? 100 : 120_000);
      this.#check();
      if (this.#orders.every(({ run, deleted }) => run !== undefined || deleted) && this.#open().length === 0) break;
    }
    await this.#clock.advance(5_000);
    this.#check();
    this.#checkEnds();
    for (const user of this.#users) {
      await this.#checkFree(node, user);
      const left = await this.#store.inbox(tenant, user);
      if (left.length > 0) this.#world.wrong(`${left.length} commands are still in the inbox of ${user}`);
    }
    for (let turn = 0; turn < 50 && !this.#readers.every(({ isAtHead }) => isAtHead); turn++)
      await this.#clock.advance(10_000);
    for (const reader of this.#readers) {
      await reader.check(this.#store);
      reader.close();
    }
    this.#check();
    await this.#clock.advance(limits.helloWithinMs);
    if (this.#draw(10) === 0) return this.#outlive(node);
    node.front.end();
    await this.#settled(node.engine.close());
  }

  /** A run that waits longer than any run lives ends when a node looks at it. */
  async #outlive(node: Node): Promise<void> {
    const [user = ''] = this.#users;
    const program: Program = { kind: 'sleep', value: 600_000 };
    const run = await this.#settled(node.engine.as({ user }).start('program', { program }));
    this.#stop(node, 'gone', 'crashed');
    await this.#clock.advance(limits.runLifetimeMs);
    await this.#boot([1, 2]);
    const outcome = this.#world.streams.get(user)?.runs.get(run?.id ?? '')?.outcome;
    if (outcome?.status !== 'failed' || outcome.error.code !== 'deadline_exceeded')
      this.#world.wrong(`a run of ${user} lives longer than runs do: ${JSON.stringify(outcome)} (P4)`);
    this.#count('ended at the end of its life');
    this.#check();
    const [last] = this.#alive;
    last?.front.end();
    await this.#settled(last?.engine.close() ?? Promise.resolve());
  }

  #checkEnds(): void {
    const known = new Set(this.#orders.map(({ user, key }) => `${user} ${key}`));
    for (const [user, { runs }] of this.#world.streams) {
      for (const { key, continues } of runs.values())
        if (continues === undefined && !known.has(`${user} ${key}`))
          this.#world.wrong(`${key} of ${user} was never asked for`);
    }
    for (const order of this.#orders) if (!order.deleted) this.#checkEnd(order);
    this.#check();
  }

  #checkEnd(order: Order): void {
    const { user, key, run, cancelled, gaveUp } = order;
    const state = run === undefined ? undefined : this.#lastOf(user, run);
    const outcome = state?.outcome;
    if (outcome === undefined) {
      const steps = [...(state?.steps.values() ?? [])].filter(({ status }) => status !== 'completed');
      const open = steps.map(({ path, status }) => `${path} ${status}`).join(', ');
      return this.#world.wrong(`${key} of ${user} does not end: ${state?.status ?? 'never begun'}; ${open} (P4)`);
    }
    this.#count(`ended: ${outcome.status}`);
    if (outcome.status === 'cancelled' && cancelled) return;
    if (outcome.status === 'failed' && gaveUp) return;
    const wanted = wantedOf(order);
    if (outcome.status !== wanted.status || whatOf(outcome) !== wanted.what)
      this.#world.wrong(`${key} of ${user} ended as ${JSON.stringify(outcome)}, not ${JSON.stringify(wanted)}`);
    this.#count(`${order.workflow} ended as it must`);
  }

  /** The run that somebody asked for, of one that goes on as others. */
  #firstOf(user: string, run: string): string {
    const continues = this.#world.streams.get(user)?.runs.get(run)?.continues;
    return continues === undefined ? run : this.#firstOf(user, continues);
  }

  #lastOf(user: string, run: string): RunState | undefined {
    const runs = this.#world.streams.get(user)?.runs;
    const state = runs?.get(run);
    const next = state?.outcome !== undefined && 'continuedAs' in state.outcome ? state.outcome.continuedAs : undefined;
    if (next === undefined) return state;
    if ([...(runs?.values() ?? [])].filter(({ continues }) => continues === run).length !== 1)
      this.#world.wrong(`${run} of ${user} does not go on as one other run`);
    this.#count('went on as another run');
    return this.#lastOf(user, next);
  }

  async #checkFree(node: Node, user: string): Promise<void> {
    const program: Program = { kind: 'leaf', value: 1, failures: 0 };
    const run = await this.#settled(node.engine.as({ user }).start('program', { program }));
    const outcome = run === undefined ? undefined : await this.#settled(run.result());
    if (outcome?.status !== 'completed') this.#world.wrong(`${user} can't start anything any more`);
    this.#check();
  }
}

/** How an order ends that nobody ended before. */
function wantedOf({ workflow, program }: Order): { readonly status: string; readonly what: number | string } {
  if (workflow !== 'program' && workflow !== 'planned') return { status: 'failed', what: failing[workflow] };
  const what = sumOf(program) + (workflow === 'planned' ? revisionAdds : 0);
  return { status: degrades(program) ? 'degraded' : 'completed', what };
}

function whatOf(outcome: Outcome): unknown {
  return 'output' in outcome ? outcome.output : 'error' in outcome ? outcome.error.code : outcome.reason;
}

type Handle = Awaited<ReturnType<ReturnType<Engine['as']>['run']>>;

const ticksUsual = 60;

/** One history. Throws an AssertionError whose message begins with the seed. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Tally> {
  const simulation = new Simulation(seed, options);
  try {
    await simulation.run(options.ticks ?? ticksUsual);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new AssertionError({ message: `seed ${seed}: ${message}`, actual: thrown });
  }
  // Whatever the dead nodes left waiting is behind us before the next history begins.
  await new Promise<void>((resolve) => systemClock.soon(resolve));
  return simulation.tally;
}
