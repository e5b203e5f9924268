/** `login.read`: how people log in here and who asks, told to strangers too. */
import { Hono, type Context } from 'hono';
import type { Principal } from '../core/principal.ts';
import type { Me } from '../protocol/frames.ts';
import { loginRoutes, type LoginState } from '../protocol/login.ts';
import type { LoginParts, LoginSource } from './login.ts';

/** The one route of a source that has no others: `developer(...)`, and an application's own `authenticate`. */
export function loginState(source: LoginSource, parts: Pick<LoginParts, 'requestOf'>): Hono {
  return new Hono().get(loginRoutes['login.read'].path, async (context) => {
    const login = await source.authenticate(parts.requestOf(context));
    if (login?.setCookie !== undefined) context.header('Set-Cookie', login.setCookie, { append: true });
    const me = login === null ? null : meOf(login.principal);
    return tellState(context, { mode: source.mode, me, needsSetUp: false });
  });
}

/** Answers with the state, which no cache may keep. */
export function tellState(context: Context, state: LoginState): Response {
  context.header('Cache-Control', 'no-store');
  return context.json(state);
}

/** Who somebody is, as they may know it themselves. */
export function meOf({ tenant, user, name, roles }: Principal): Me {
  return { tenant, user, roles, ...(name === undefined ? {} : { name }) };
}
