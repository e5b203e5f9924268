/** A host in memory. */
import { systemClock } from '../core/clock.ts';
import type { Host, Sink } from './host.ts';

export type TestHost = { readonly host: Host; readonly out: () => string; readonly err: () => string };

/** `input`: what is on stdin, and that it is no terminal. */
export function testHost({ tty = false, columns = 80, rows = 24, input = '' } = {}): TestHost {
  const text = { out: '', err: '' };
  const sink = (name: 'out' | 'err'): Sink => ({
    tty,
    columns,
    rows,
    write: (part) => {
      text[name] += part;
    },
  });
  const host: Host = {
    folder: '/nowhere',
    env: {},
    out: sink('out'),
    err: sink('err'),
    input: { tty, read: () => Promise.resolve(input) },
    clock: systemClock,
    version: '0.0.0',
    program: 'cantus',
    builtinConfig: '/nowhere/cantus.config.ts',
    pageFolder: '/nowhere/web',
    loginName: () => 'alice',
    onStop: () => () => undefined,
    leave: (code) => {
      throw new Error(`left with ${code}`);
    },
  };
  return { host, out: () => text.out, err: () => text.err };
}
