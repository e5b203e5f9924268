/** A thread that reads files: asked with paths, answers with packed facts. */
import { parentPort, workerData } from 'node:worker_threads';
import { openExtractor } from './parse.ts';
import { type ReadFile, readSource } from './worker-read.ts';

const { root } = workerData as { readonly root: string };
const extractor = await openExtractor();

parentPort?.on('message', (paths: readonly string[]) => {
  const read: ReadFile[] = paths.map((path) => readSource(extractor, root, path));
  parentPort?.postMessage(
    read,
    read.flatMap(({ facts }) => (facts === undefined ? [] : [facts.buffer])),
  );
});
parentPort?.postMessage([]);
