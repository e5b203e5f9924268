/** `cantus/server`: HTTP and sockets for the users of one engine, and login. */
export type { Authenticate, AuthRequest, Login, LoginSource } from './login.ts';
