/** What the routes of protocol/login.ts take, for checking it and for describing it. */
import { z } from 'zod';
import { limits } from '../../core/limits.ts';
import type { LoginOperationName } from '../../protocol/login.ts';

const text = z.string().min(1).max(limits.idCharsMax);
const password = z.string().max(limits.passwordCharsMax);
const none = z.strictObject({});
const joining = z.strictObject({ code: text, user: text, name: text.optional(), password });

/** By operation: JSON objects with the members that are known and no others. */
export const loginInputs = {
  'login.read': none,
  'login.setUp': joining,
  'login.join': joining,
  'login.enter': z.strictObject({ user: text, password }),
  'login.leave': z.strictObject({ everywhere: z.boolean().optional() }),
  'login.password': z.strictObject({ password, newPassword: password }),
  'login.invite': none,
  'logins.list': none,
  'logins.end': z.strictObject({ login: text }),
  'tokens.list': none,
  'tokens.create': z.strictObject({
    name: z.string().min(1).max(limits.nameCharsMax),
    expiresInDays: z.int().min(1).max(limits.tokenDaysMax).optional(),
  }),
  'tokens.revoke': z.strictObject({ token: text }),
} as const satisfies Readonly<Record<LoginOperationName, z.ZodType>>;
