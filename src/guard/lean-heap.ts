/**
 * Memory of a process that only looks over a code base.
 *
 * KR4  Its young generation stays as small as it is at the start. V8 lets it grow to over a hundred megabytes while a
 *      tree is read, and puts off collecting the rest by as much; little of it saves time here, for what a tree is made of
 *      stays. It is said for a whole process, so only a command says it, never the library.
 */
import { setFlagsFromString } from 'node:v8';

/** Keeps the heap of this process and its threads lean from here on. */
export function keepHeapLean(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
