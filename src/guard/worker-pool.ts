/** Reads many files with several threads. Which thread reads what has no say in the result. */
import { Worker } from 'node:worker_threads';
import { limits } from '../core/limits.ts';
import { openExtractor } from './parse.ts';
import { type ReadFile, readSource } from './worker-read.ts';

/** Below this many files, starting a thread costs more than it saves. */
const filesForThreads = 60;

/** Batches that a thread has at once: it goes on with the second while the first is taken from it. */
const batchesAtOnce = 2;

/**
 * Memory of one thread, of which facts of a few files are the most that lives at once. The collector goes by it: without
 * a bound it lets a thread grow to several times that.
 */
const threadHeapMegabytesMax = 192;

/** Of those, what is young: facts are made and sent away, and little of it ever grows old. */
const threadYoungMegabytesMax = 16;

/** Reads all of them and gives each to `see`, in no order. With no threads, in this one. */
export async function readFiles(
  root: string,
  paths: readonly string[],
  threads: number,
  see: (file: ReadFile) => void,
): Promise<void> {
  if (paths.length === 0) return;
  if (threads === 0 || paths.length < filesForThreads) return readHere(root, paths, see);
  const queue = batches(paths);
  await Promise.all(Array.from({ length: threads }, () => readWithThread(root, queue, see)));
  // What is left when every thread has died.
  for (const path of queue.flat()) see({ path, why: 'crash' });
}

async function readHere(root: string, paths: readonly string[], see: (file: ReadFile) => void): Promise<void> {
  const extractor = await openExtractor();
  try {
    for (const path of paths) see(readSource(extractor, root, path));
  } finally {
    extractor.close();
  }
}

function batches(paths: readonly string[]): string[][] {
  const size = limits.guardFilesPerBatch;
  return Array.from({ length: Math.ceil(paths.length / size) }, (_, index) =>
    paths.slice(index * size, (index + 1) * size),
  );
}

/** Feeds one thread from the queue until it is empty. A thread that dies takes its batch along; the files are named. */
function readWithThread(root: string, queue: string[][], see: (file: ReadFile) => void): Promise<void> {
  // The same file from source and built; tsc rewrites imports, but not this text.
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  return new Promise((resolve) => {
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: { root },
      resourceLimits: {
        maxOldGenerationSizeMb: threadHeapMegabytesMax,
        maxYoungGenerationSizeMb: threadYoungMegabytesMax,
      },
      name: 'cantus-guard',
    });
    const given: string[][] = [];
    const feed = (): void => {
      while (given.length < batchesAtOnce) {
        const batch = queue.pop();
        if (batch === undefined) break;
        given.push(batch);
        worker.postMessage(batch);
      }
      if (given.length === 0) void worker.terminate();
    };
    // The first message says that it is ready, and brings nothing.
    worker.once('message', () => {
      worker.on('message', (read: ReadFile[]) => {
        given.shift();
        feed();
        for (const one of read) see(one);
      });
      feed();
    });
    worker.on('error', () => {
      for (const path of given.shift() ?? []) see({ path, why: 'crash' });
      queue.push(...given.splice(0));
    });
    worker.on('exit', () => resolve());
  });
}
