/**
 * Another process that uses a data folder, for tests that kill it, count its syncs or run into its lock.
 *
 *     node sqlite-child.fixture.ts MODE FOLDER [COUNT or BACKUP]
 */
import { writeSync } from 'node:fs';
import { toErrorInfo } from '../core/errors.ts';
import { systemClock } from '../core/clock.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { AppendResult } from '../journal/store.ts';
import { makeBackup, restoreBackup } from './sqlite-backup.ts';
import { sqlite } from './sqlite.ts';

const [, , mode = '', folder = '', count = '0'] = process.argv;

/** Waits while the pipe is full: a listener that is slow must not end this process. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN')) throw thrown;
    }
  }
}

/** A user whom this process owns, and its events: notes. */
class Author {
  readonly user: string;
  head = 0;

  constructor(user: string) {
    this.user = user;
  }

  write(...texts: readonly string[]): Promise<AppendResult> {
    const { user, head: expectedUserSeq } = this;
    const events = texts.map((text): JournalEvent => {
      const event = { tenant: 'main', user, userSeq: ++this.head, at: 1, v: 1 };
      return { ...event, type: 'note', data: { code: 'note', text } };
    });
    const beside = { runs: [], blobs: [], inboxTaken: [], threads: [], threadsDeleted: [] };
    return store.append([{ tenant: 'main', user, epoch: 1, expectedUserSeq, events, ...beside }]);
  }
}

async function author(user: string): Promise<Author> {
  await store.heartbeat('child');
  await store.own('child', 'main', user);
  return new Author(user);
}

const store = sqlite(folder);

const modes: Record<string, () => Promise<void>> = {
  /** Opens and waits to be killed. */
  async hold() {
    say('open');
    await new Promise<void>((resolve) => void systemClock.after(3_600_000, resolve));
  },

  /** One commit after another, each waited for. */
  async append() {
    const ada = await author('ada');
    say('begin');
    for (let commit = 0; commit < Number(count); commit++) await ada.write(`${commit}`);
    say('end');
    await store.close();
  },

  /** Three users at once, for ever; says what was acknowledged. */
  async load() {
    const users = await Promise.all(['ada', 'bob', 'cleo'].map(author));
    await Promise.all(
      users.map(async (user) => {
        for (let commit = 0; ; commit++) {
          await user.write(`${commit}`, `${commit}`);
          say(`${user.user} ${user.head}`);
        }
      }),
    );
  },

  /** Makes a backup. */
  async backup() {
    say('begin');
    makeBackup({ folder, target: count, now: 0 });
    say('end');
  },

  /** Makes a folder of a backup, in the place of what is there. */
  async restore() {
    say('begin');
    restoreBackup({ backup: count, folder, origin: 'restored', now: 0, replace: true });
    say('end');
  },

  /** Appends until it fails, then says how, and what else still works. */
  async fill() {
    const ada = await author('ada');
    let acknowledged = 0;
    try {
      for (;;) {
        await ada.write('x'.repeat(10_000));
        acknowledged = ada.head;
      }
    } catch (thrown) {
      const again = await ada.write().catch(toErrorInfo);
      const { head } = await store.read('main', 'ada', { after: 0, limit: 1 });
      say(JSON.stringify({ acknowledged, head: head.userSeq, error: toErrorInfo(thrown), again }));
    }
  },

  /** Leaves the store open and idle: the process must end by itself. */
  async leave() {
    await author('ada');
    say('left open');
  },

  /** Doesn't wait for its last append: the process must stay for it. */
  async pending() {
    const ada = await author('ada');
    void ada.write('pending').then(() => say('acknowledged'));
  },
};

if (mode !== 'backup' && mode !== 'restore') await store.open();
await modes[mode]?.();
