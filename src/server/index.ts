/** `cantus/server`: HTTP and sockets for the users of one engine, and login. */
export { createServer, type CantusServer, type ServerOptions } from './create-server.ts';
export type { Authenticate, AuthRequest, Login, LoginParts, LoginSource } from './login.ts';
export type { Counts, Origins, ServerLimits } from './parts.ts';
export { developer } from './developer.ts';
export {
  accounts,
  type AccountInfo,
  type Accounts,
  type AccountsOptions,
  type Invitation,
  type NewToken,
} from './accounts/accounts.ts';
export { localHeaders } from './local-login.ts';
