import type { OperationName } from '../protocol/operations.ts';
import { checkValueCount } from './json-body.ts';
import type { Login } from './login.ts';
import { parseInput } from './operation-inputs.ts';
import type { ServerParts } from './parts.ts';
import { perform } from './perform.ts';

/**
 * Checks the input of an operation and does it through the user's door. Throws EngineErrors alone of what was asked
 * wrongly. HTTP routes and the calls of sockets both end here.
 */
export async function callOperation(
  parts: ServerParts,
  login: Login,
  name: OperationName,
  input: unknown,
): Promise<unknown> {
  checkValueCount(input);
  return perform({ parts, login, door: parts.engine.as(login.principal) }, name, parseInput(name, input));
}
