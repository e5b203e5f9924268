/** What SQLite and the file system say, as a StoreError that says what to do; and errors across the worker's border. */
import { BugError } from '../core/assert.ts';
import {
  ConflictError,
  EngineError,
  fromErrorInfo,
  StoreError,
  toErrorInfo,
  type ErrorCode,
  type ErrorInfo,
} from '../core/errors.ts';

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html. */
const busy = 5;
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const full = 13;
const cantOpen = 14;
const notADatabase = 26;

function resultOf(thrown: unknown): number | undefined {
  const code = (thrown as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

export function isBusy(thrown: unknown): boolean {
  return resultOf(thrown) === busy;
}

/** After a failed write or sync nobody knows what the disk holds, so no more may be promised on it. */
export function isDiskFailure(thrown: unknown): boolean {
  return resultOf(thrown) === ioError;
}

/** Is there no room: on the disk, in a quota, or under the limit of a file's size? */
export function isFull(thrown: unknown): boolean {
  const code = (thrown as NodeJS.ErrnoException | null)?.code;
  return resultOf(thrown) === full || (code !== undefined && fullCodes.has(code));
}

const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The error to tell for whatever was thrown while working in `folder`. */
export function storeErrorOf(thrown: unknown, folder: string): EngineError {
  if (EngineError.is(thrown)) return thrown;
  if (isFull(thrown)) return fullError(folder, thrown);
  return sqliteErrorOf(thrown, folder) ?? fileErrorOf(thrown, folder) ?? new BugError(String(thrown));
}

/** The disk is full, or the file as big as it may grow. Nothing of the commit was written. */
function fullError(folder: string, cause: unknown): StoreError {
  return new StoreError('store_failed', `The journal in ${folder} could not grow: the disk or its quota is full.`, {
    hint: 'Free space on that disk, or raise bytesMax; what was written before is whole, and the same call may then succeed.',
    retryable: true,
    cause,
  });
}

function sqliteErrorOf(thrown: unknown, folder: string): StoreError | undefined {
  const said = (thrown as Error | null)?.message;
  switch (resultOf(thrown)) {
    case busy:
      return new StoreError('store_locked', `The journal in ${folder} is locked by another program (${said}).`, {
        hint: 'Close the program that has journal.db open, such as a SQLite shell or a backup.',
        retryable: true,
        cause: thrown,
      });
    case readOnly:
    case cantOpen:
      return unusable(folder, `SQLite can't open or write its files there (${said})`, thrown);
    case ioError:
      return new StoreError('store_failed', `The disk under ${folder} failed while the journal was used (${said}).`, {
        hint: 'Check the disk, then start again: what was acknowledged is read back, what failed may or may not be there.',
        cause: thrown,
      });
    case corrupt:
    case notADatabase:
      return new StoreError('store_corrupt', `A file in ${folder} is not a readable SQLite database (${said}).`, {
        hint: 'If the folder belongs to something else, name another; if it was damaged, restore it from a backup.',
        cause: thrown,
      });
    default:
      return undefined;
  }
}

function fileErrorOf(thrown: unknown, folder: string): StoreError | undefined {
  const code = (thrown as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return unusable(folder, 'a file is in its place or on its way', thrown);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT':
    case 'EISDIR':
      return unusable(folder, `the system refuses it (${code})`, thrown);
    default:
      return undefined;
  }
}

function unusable(folder: string, why: string, cause: unknown): StoreError {
  return new StoreError('store_failed', `${folder} can't be used as a data folder: ${why}.`, {
    hint: 'Name a folder that this user may create and write files in.',
    cause,
  });
}

/** For the way out of the worker: structured clone would drop the code and the hint. */
export const packError: (thrown: unknown) => ErrorInfo = toErrorInfo;

/** The way back in, as the class that callers look for. */
export function unpackError(info: ErrorInfo): EngineError {
  const { code, message, ...facts } = info;
  if (isStoreCode(code)) return new StoreError(code, message, facts);
  return code === 'conflict' ? new ConflictError(message, facts) : fromErrorInfo(info);
}

function isStoreCode(code: ErrorCode): code is ErrorCode & `store_${string}` {
  return code.startsWith('store_');
}
