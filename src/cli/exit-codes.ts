/** What the exit code of `cantus` says. Documented in docs/cli.md and in `--help`. */
import type { ErrorCode } from '../core/errors.ts';

export const exitCodes = Object.freeze({
  /** It worked. A degraded answer is an answer: what it did without is on stderr. */
  ok: 0,
  /** The run failed, or something in Cantus did. */
  failed: 1,
  /** The command, a file or the configuration is wrong: the same command will fail again. */
  usage: 2,
  /** There is no such run, or it is not this user's. */
  notFound: 3,
  /** The data folder is in use or can't be used. */
  folder: 4,
  /** The run waits for somebody: a signal or a decision, or for a time that is far off. */
  waits: 5,
  /** Left by a signal; 128 and its number. */
  hangup: 129,
  interrupted: 130,
  brokenPipe: 141,
  terminated: 143,
} as const);

/** For `--help`. */
export const exitCodesText = `Exit codes: 0 done (a degraded answer says so on stderr), 1 the run failed,
2 wrong command, file or configuration, 3 no such run of yours, 4 the data folder
is in use or can't be used, 5 the run waits for you, 129 terminal closed,
130 Ctrl-C, 141 the reader of the output went away, 143 terminated.`;

const codesOfErrors: Partial<Readonly<Record<ErrorCode, number>>> = {
  invalid_input: exitCodes.usage,
  identity_required: exitCodes.usage,
  conflict: exitCodes.usage,
  forbidden: exitCodes.usage,
  not_found: exitCodes.notFound,
  store_failed: exitCodes.folder,
  store_locked: exitCodes.folder,
  store_corrupt: exitCodes.folder,
};

/** The exit code of an error before or beside a run. */
export function exitCodeOf(code: ErrorCode): number {
  return codesOfErrors[code] ?? exitCodes.failed;
}
