/**
 * Another process that uses a data folder, for tests that kill it, count its syncs or run into its lock.
 *
 *     node sqlite-child.fixture.ts MODE FOLDER [COUNT]
 */
import { writeSync } from 'node:fs';
import { note, StoreAuthor } from '../testing/store-author.ts';
import { toErrorInfo } from '../core/errors.ts';
import { sqlite } from './sqlite.ts';

const [, , mode = '', folder = '', count = '0'] = process.argv;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function author(user: string): Promise<StoreAuthor> {
  return StoreAuthor.own(store, 'child', { tenant: 'main', user });
}

const store = sqlite(folder);

const modes: Record<string, () => Promise<void>> = {
  /** Opens and waits to be killed. */
  async hold() {
    say('open');
    setInterval(() => undefined, 1_000);
  },

  /** One commit after another, each waited for. */
  async append() {
    const ada = await author('ada');
    say('begin');
    for (let commit = 0; commit < Number(count); commit++) await ada.write([note(`${commit}`)]);
    say('end');
    await store.close();
  },

  /** Three users at once, for ever; says what was acknowledged. */
  async load() {
    const users = await Promise.all(['ada', 'bob', 'cleo'].map(author));
    await Promise.all(
      users.map(async (user) => {
        for (let commit = 0; ; commit++) {
          await user.write([note(`${commit}`), note(`${commit}`)]);
          say(`${user.user} ${user.head}`);
        }
      }),
    );
  },

  /** Appends until it fails, then says how, and what else still works. */
  async fill() {
    const ada = await author('ada');
    let acknowledged = 0;
    try {
      for (;;) {
        await ada.write([note('x'.repeat(10_000))]);
        acknowledged = ada.head;
      }
    } catch (thrown) {
      const again = await store.append([ada.part([])]).catch(toErrorInfo);
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
    void ada.write([note('pending')]).then(() => say('acknowledged'));
  },
};

await store.open();
await modes[mode]?.();
