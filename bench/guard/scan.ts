/** One scan of the guard, as its command makes it, in a process of its own: `scan.ts <root> <folder of the cache>`. */
import { scan } from '../../src/guard/index.ts';
import { keepHeapLean } from '../../src/guard/lean-heap.ts';

/** What was scanned; `cached` are files whose facts came from the cache. */
export type Scanned = {
  readonly files: number;
  readonly lines: number;
  readonly cached: number;
  readonly skipped: number;
  readonly concepts: number;
};

keepHeapLean();
const [, , root = '.', cache = ''] = process.argv;
const { files, lines, cached, skipped, concepts } = await scan({ root, cache });
const scanned: Scanned = { files, lines, cached, skipped: skipped.length, concepts: concepts.length };
console.log(JSON.stringify(scanned));
