import type { HttpBindings } from '@hono/node-server';
import type { RateState } from './parts.ts';
import type { Login } from './login.ts';

/** What every route behind the gate finds in its context: who asks, and the id that the log has of the request. */
export type ServerEnv = {
  Bindings: HttpBindings;
  Variables: { login: Login; rate: RateState; requestId: string };
};
