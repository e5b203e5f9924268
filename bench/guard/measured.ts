/** A command, and what it and all processes that it started took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

export type Command = {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
};

export type Taken = {
  readonly wallMs: number;
  /** Of all its processes; NaN where there is no /proc. */
  readonly cpuMs: number;
  /** The most that all its processes held at once, by looks 20 ms apart; NaN where there is no /proc. */
  readonly peakBytes: number;
  /** Undefined when a signal ended it. */
  readonly status: number | undefined;
  /** It was ended because it took longer than it may. */
  readonly isLate: boolean;
  readonly stdout: string;
  readonly stderr: string;
};

const lookEveryMs = 20;
/** What /proc counts time in: 100 a second wherever Linux runs today. */
const tickMs = 10;

/** The fields of /proc/PID/stat behind the name, which may have spaces; undefined when the process has gone. */
function statOf(pid: string): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Fields of proc(5), counted from the third. */
const field = { parent: 1, childrenUser: 13, childrenSystem: 14, pages: 21 };

/** Bytes that a process and its descendants hold. What they share counts for each of them. */
function heldBytes(root: number): number {
  const stats = new Map<number, { readonly parent: number; readonly bytes: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat === undefined) continue;
    stats.set(Number(name), { parent: Number(stat[field.parent]), bytes: Number(stat[field.pages]) * 4_096 });
  }
  const isOf = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = stats.get(at)?.parent)
      if (at === root) return true;
    return false;
  };
  let bytes = 0;
  for (const [pid, stat] of stats) if (isOf(pid)) bytes += stat.bytes;
  return bytes;
}

/** Time of all children of this process that have ended, and of theirs. */
function endedChildrenMs(): number {
  const stat = statOf('self');
  if (stat === undefined) return Number.NaN;
  return (Number(stat[field.childrenUser]) + Number(stat[field.childrenSystem])) * tickMs;
}

/** Runs one command at a time. After `timeoutMs` it is ended, with all that it started. */
export async function measured({ program, args, cwd }: Command, timeoutMs: number): Promise<Taken> {
  const before = endedChildrenMs();
  const begun = performance.now();
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let peakBytes = Number.isNaN(before) ? Number.NaN : 0;
  let isLate = false;
  const looks = setInterval(() => {
    if (child.pid === undefined || isLate) return;
    if (!Number.isNaN(peakBytes)) peakBytes = Math.max(peakBytes, heldBytes(child.pid));
    isLate = performance.now() - begun > timeoutMs;
    // A process of its own group, so that what it started goes too and lets go of its output.
    if (isLate) process.kill(-child.pid, 'SIGKILL');
  }, lookEveryMs);
  try {
    const ended = once(child, 'close') as Promise<[number | null]>;
    const [[status], stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    const wallMs = performance.now() - begun;
    const cpuMs = endedChildrenMs() - before;
    return { wallMs, cpuMs, peakBytes, status: status ?? undefined, isLate, stdout, stderr };
  } finally {
    clearInterval(looks);
  }
}
