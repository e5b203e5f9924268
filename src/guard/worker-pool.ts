/** Reads many files with several threads. Which thread reads what has no say in the result. */
import { Worker } from 'node:worker_threads';
import { limits } from '../core/limits.ts';
import { openExtractor } from './parse.ts';
import { type ReadFile, readSource } from './worker-read.ts';

/** Below this many files, starting a thread costs more than it saves. */
const filesForThreads = 60;

/** Reads all of them, in no order. With no threads, in this one. */
export async function readFiles(root: string, paths: readonly string[], threads: number): Promise<ReadFile[]> {
  if (paths.length === 0) return [];
  if (threads === 0 || paths.length < filesForThreads) return readHere(root, paths);
  const queue = batches(paths);
  const found = await Promise.all(Array.from({ length: threads }, () => readWithThread(root, queue)));
  return found.flat();
}

async function readHere(root: string, paths: readonly string[]): Promise<ReadFile[]> {
  const extractor = await openExtractor();
  try {
    return paths.map((path) => readSource(extractor, root, path));
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
function readWithThread(root: string, queue: string[][]): Promise<ReadFile[]> {
  // The same file from source and built; tsc rewrites imports, but not this text.
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  return new Promise((resolve) => {
    const worker = new Worker(new URL(file, import.meta.url), { workerData: { root }, name: 'cantus-guard' });
    const found: ReadFile[] = [];
    let batch: string[] | undefined;
    worker.on('message', (read: ReadFile[]) => {
      found.push(...read);
      batch = queue.pop();
      if (batch === undefined) void worker.terminate();
      else worker.postMessage(batch);
    });
    worker.on('error', () => {
      for (const path of batch ?? []) found.push({ path, why: 'crash' });
      batch = undefined;
    });
    worker.on('exit', () => resolve(found));
  });
}
