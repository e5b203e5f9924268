import { EngineError } from './errors.ts';

/** A programmer's error: the state the code relies on is not there. It ends the run, and is never swallowed. */
export class BugError extends EngineError {
  constructor(message: string) {
    super('bug', `Bug in Cantus: ${message}`, {
      hint: 'Please report it with the journal of the run (`cantus show RUN`).',
    });
  }
}

/** Throws a BugError unless `condition` holds. For what must be true, never for input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BugError(message);
}

/** Ends a `switch` over a union: a new member without a case does not compile. */
export function unreachable(value: never): never {
  throw new BugError(`unexpected value ${JSON.stringify(value)}`);
}
