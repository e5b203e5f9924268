/**
 * The one thread that works with the database, so that a commit never holds up the event loop of the engine.
 * Questions are answered in their order; writes that wait at the same time share a commit (SJ1).
 */
import { parentPort, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { assert } from '../core/assert.ts';
import { systemClock } from '../core/clock.ts';
import { EngineError, StoreError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Answer, CallName, CommitPiece, Question } from './sqlite-calls.ts';
import { isDiskFailure, packError, storeErrorOf } from './sqlite-errors.ts';
import { SqliteJournal } from './sqlite-journal.ts';

const writes: ReadonlySet<CallName> = new Set(['append', 'own', 'release', 'takeover', 'putInbox']);

class Thread {
  readonly #port: MessagePort;
  #journal: SqliteJournal | undefined;
  #folder = '';
  /** Pieces of the commits that are being written, by their question. */
  readonly #kept = new Map<number, CommitPiece[]>();
  /** Set when the disk failed under a write: from then on nothing more is promised on it. */
  #broken: EngineError | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  listen(): void {
    this.#port.on('message', (first: Question) => {
      for (let next: Question | undefined = first; next !== undefined; next = this.#nextSoon()) {
        this.#answerAll([next, ...this.#waiting(next)]);
      }
    });
  }

  /**
   * The next question if it comes at once. A run that does one step after the other asks again as soon as it is
   * answered, and waking a thread that has gone to sleep takes longer than that.
   */
  #nextSoon(): Question | undefined {
    const until = systemClock.monotonic() + limits.sqliteSpinMs;
    do {
      const next = receiveMessageOnPort(this.#port);
      if (next !== undefined) return next.message as Question;
    } while (systemClock.monotonic() < until);
    return undefined;
  }

  /** What else has come. Behind a commit whose pieces are still coming, nothing else has. */
  #waiting(first: Question): Question[] {
    const waiting: Question[] = [];
    let last = first;
    while (!isIncomplete(last)) {
      const next = receiveMessageOnPort(this.#port);
      if (next === undefined) break;
      waiting.push((last = next.message as Question));
    }
    return waiting;
  }

  /**
   * The pieces of a commit, received as they come and kept for a second try.
   * It may spin for the next one: the other side is encoding it and does nothing else before it has sent it.
   */
  *#pieces(id: number, first: CommitPiece): Generator<CommitPiece> {
    const kept = this.#kept.get(id) ?? [first];
    this.#kept.set(id, kept);
    for (let index = 0; ; index++) {
      const piece = (kept[index] ??= this.#receivePiece());
      if (piece.follows === 'abandoned')
        throw new StoreError('store_failed', 'The commit was given up by who asked for it.');
      yield piece;
      if (piece.follows === 'end') return;
    }
  }

  /** Takes the pieces of a failed commit from the port, where they would pass for questions. */
  #receiveRest(question: Question): void {
    if (question.name !== 'append') return;
    const kept = this.#kept.get(question.id) ?? [question.asked];
    this.#kept.set(question.id, kept);
    while (kept.at(-1)?.follows === 'more') kept.push(this.#receivePiece());
  }

  #receivePiece(): CommitPiece {
    let next: { message: unknown } | undefined;
    while (next === undefined) next = receiveMessageOnPort(this.#port);
    return next.message as CommitPiece;
  }

  #answerAll(questions: readonly Question[]): void {
    let shared: Question[] = [];
    for (const question of questions) {
      const isWrite = writes.has(question.name);
      if (isWrite) shared.push(question);
      if (shared.length > 0 && (!isWrite || shared.length >= limits.sqliteCallsPerCommitMax)) {
        this.#commit(shared);
        shared = [];
      }
      if (!isWrite) this.#send(this.#try(question, () => this.#run(question)));
    }
    if (shared.length > 0) this.#commit(shared);
    this.#tidy();
  }

  /** SJ1. */
  #commit(questions: readonly Question[]): void {
    let answers: readonly Answer[];
    try {
      answers = this.#transaction(questions);
    } catch (thrown) {
      this.#receiveRest(questions.at(-1) as Question);
      if (questions.length === 1) answers = [this.#failed(questions[0] as Question, thrown)];
      else return questions.forEach((question) => this.#commit([question]));
    }
    for (const answer of answers) this.#send(answer);
    this.#kept.clear();
  }

  #transaction(questions: readonly Question[]): readonly Answer[] {
    const journal = this.#open();
    if (this.#broken !== undefined) throw this.#broken;
    try {
      journal.begin();
      const answers = questions.map((question) => ({ id: question.id, given: this.#run(question) }));
      journal.commit();
      return answers;
    } catch (thrown) {
      if (isDiskFailure(thrown)) this.#broken = storeErrorOf(thrown, this.#folder);
      journal.rollback();
      throw thrown;
    }
  }

  #run(question: Question): unknown {
    const { id, name, now, asked } = question;
    switch (name) {
      case 'append':
        return this.#open().append(this.#pieces(id, asked));
      case 'heartbeat':
        this.#checkInPlace();
        return this.#open().heartbeat(asked, now);
      case 'open':
        this.#folder = asked.folder;
        this.#journal = new SqliteJournal(asked, now);
        return undefined;
      case 'close':
        this.#journal?.close();
        this.#journal = undefined;
        this.#port.unref();
        return undefined;
      default: {
        const journal = this.#open();
        // Each name has a method of its type; TypeScript can't follow that through a union.
        const call = journal[name].bind(journal) as (given: unknown, now: number) => unknown;
        return call(asked, now);
      }
    }
  }

  /** Each node says now and then that it is there: time to look whether the file is. */
  #checkInPlace(): void {
    try {
      this.#open().checkInPlace();
    } catch (thrown) {
      this.#broken = storeErrorOf(thrown, this.#folder);
      throw thrown;
    }
  }

  #open(): SqliteJournal {
    assert(this.#journal !== undefined, 'the journal is not open');
    return this.#journal;
  }

  #try(question: Question, work: () => unknown): Answer {
    try {
      return { id: question.id, given: work() };
    } catch (thrown) {
      if (question.name === 'erase') this.#journal?.rollback();
      return this.#failed(question, thrown);
    }
  }

  #failed(question: Question, thrown: unknown): Answer {
    return { id: question.id, error: packError(storeErrorOf(thrown, this.#folder)) };
  }

  /** After the answers, so that nobody waits for it. What fails here (a full disk) is tried again after the next commit. */
  #tidy(): void {
    try {
      this.#journal?.tidy();
    } catch (thrown) {
      if (isDiskFailure(thrown)) this.#broken = storeErrorOf(thrown, this.#folder);
      this.#journal?.rollback();
    }
  }

  #send(answer: Answer): void {
    this.#port.postMessage(answer);
  }
}

function isIncomplete(question: Question): boolean {
  return question.name === 'append' && question.asked.follows === 'more';
}

assert(parentPort !== null, 'sqlite-worker.ts is started as a worker by sqlite-link.ts, and by nothing else');
new Thread(parentPort).listen();
