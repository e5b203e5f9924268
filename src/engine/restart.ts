/** `ctx.restart`: the run ends here and goes on as another one, with a journal of its own (begin-run.ts BR1). */
import { CancelledError } from '../core/errors.ts';
import type { Scope } from './scope.ts';

/** Ends everything that is open in the run. Throws a ValidationError for an input that the workflow does not take. */
export async function restart({ run }: Scope, input: unknown): Promise<never> {
  const copy = run.copy(input, 'the input of a restart');
  await run.node.registry.newest(run.workflow).parse(copy.value);
  const cause = new CancelledError('the run goes on as another one');
  run.goOnWith(copy, cause);
  throw cause;
}
