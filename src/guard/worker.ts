/** A thread that reads files: asked with paths, answers with packed facts. */
import { parentPort, workerData } from 'node:worker_threads';
import { openExtractor } from './parse.ts';
import { type ReadFile, readSource } from './worker-read.ts';

const { root } = workerData as { readonly root: string };
const extractor = await openExtractor();

parentPort?.on('message', (paths: readonly string[]) => {
  const read: ReadFile[] = paths.map((path) => readSource(extractor, root, path));
  const moved = read.flatMap((file) => (file.facts === undefined ? [] : [file.facts.buffer as ArrayBuffer]));
  // Small buffers may share one pool: each is moved once.
  parentPort?.postMessage(read, [...new Set(moved)]);
});
parentPort?.postMessage([]);
