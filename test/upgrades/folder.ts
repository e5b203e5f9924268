/** The kept data folders of older code: where they are, what is known of them, and how they are packed. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import type { Cursor, JournalEvent, Json, RunRow, ThreadRow } from '../../src/index.ts';

export const foldersRoot = new URL('../fixtures/upgrades/', import.meta.url).pathname;

/** A run as the code that wrote it read it back. `state` is its fold as JSON can say it. */
export type ToldRun = {
  readonly label: string;
  readonly tenant: string;
  readonly user: string;
  readonly row: RunRow;
  readonly state: Json;
};

export type ToldUser = {
  readonly tenant: string;
  readonly user: string;
  readonly head: Cursor;
  readonly threads: readonly ThreadRow[];
  readonly events: readonly JournalEvent[];
  /** Commands that wait for the user's owner. */
  readonly inbox: number;
};

/** What is known of a folder, told by the code that wrote it. */
export type FolderFacts = {
  readonly commit: string;
  readonly writtenAt: number;
  /** Does it know approvals and runs that go on as others? */
  readonly knowsApprovals: boolean;
  readonly users: readonly ToldUser[];
  readonly runs: readonly ToldRun[];
  readonly deletedThread: string;
  readonly upload: { readonly file: string; readonly name: string; readonly text: string };
  readonly token: string;
};

/** As JSON has it, with maps as their entries. */
export function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value, (_, one: unknown) => (one instanceof Map ? [...one] : one))) as Json;
}

export function folderNames(): readonly string[] {
  return readdirSync(foldersRoot).filter((name) => statSync(join(foldersRoot, name)).isDirectory());
}

export function readFacts(name: string): FolderFacts {
  return JSON.parse(
    brotliDecompressSync(readFileSync(join(foldersRoot, name, 'facts.json.br'))).toString(),
  ) as FolderFacts;
}

/** Every file by itself, so that Node alone unpacks it. */
export function packFolder(folder: string, facts: FolderFacts, to: string): void {
  rmSync(to, { recursive: true, force: true });
  for (const path of filesIn(folder)) put(join(to, 'data', `${path}.br`), readFileSync(join(folder, path)));
  put(join(to, 'facts.json.br'), Buffer.from(JSON.stringify(facts)));
}

/** Makes `folder` what the old code left behind. */
export function unpackFolder(name: string, folder: string): void {
  const from = join(foldersRoot, name, 'data');
  for (const path of filesIn(from)) {
    const to = join(folder, path.slice(0, -'.br'.length));
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    writeFileSync(to, brotliDecompressSync(readFileSync(join(from, path))), { mode: 0o600 });
  }
}

/** What can be read without changing what is copied: a database that is opened is brought up to date. */
export function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
}

function put(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, brotliCompressSync(bytes));
}

/** The index of a log in shared memory: of processes that are gone. */
const passing: ReadonlySet<string> = new Set(['journal.db-shm', 'accounts.db-shm']);

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !passing.has(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}
