/** A watch that answers one changed file again and again: `watch.ts <root> <folder of the cache> <path> <rounds>`. */
import { appendFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { keepHeapLean } from '../../src/guard/lean-heap.ts';
import { openWatch, type WatchAnswer } from '../../src/guard/watch.ts';

/** Of each answer: how long from what was written, without the pause that a watch makes before, and processor time. */
export type Answered = { readonly wallMs: readonly number[]; readonly cpuMs: readonly number[] };

keepHeapLean();
const [, , root = '.', cache = '', path = '', rounds = '1'] = process.argv;
let told: PromiseWithResolvers<WatchAnswer> = Promise.withResolvers();
const watch = await openWatch({
  root,
  cache,
  clock: systemClock,
  today: () => '2026-11-22',
  tell: (answer) => told.resolve(answer),
});
const answered: { wallMs: number[]; cpuMs: number[] } = { wallMs: [], cpuMs: [] };
for (let round = 0; round < Number(rounds); round++) {
  told = Promise.withResolvers();
  const name = `bench_watched_${round}`;
  appendFileSync(join(root, path), extname(path) === '.py' ? `\n${name} = 1\n` : `\nexport const ${name} = 1;\n`);
  const before = process.cpuUsage();
  watch.touched([path]);
  const { ms } = await told.promise;
  const { user, system } = process.cpuUsage(before);
  answered.wallMs.push(ms);
  answered.cpuMs.push((user + system) / 1_000);
}
watch.close();
console.log(JSON.stringify(answered));
