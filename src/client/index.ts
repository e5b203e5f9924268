/**
 * `cantus/client`: the user's door over a wire, in Node and in browsers.
 *
 * @example
 * const connection = connect({ url: 'http://127.0.0.1:4310' });
 * const run = await connection.door.start(undefined, 'What is 2 + 3?');
 * console.log(await run.result());
 * connection.close();
 */
export { EngineError } from '../core/errors.ts';
export type { Cursor } from '../journal/store.ts';
export type { Me } from '../protocol/frames.ts';
export { connect, type ConnectOptions } from './connect.ts';
export type { CaughtUpItem, Connection, ConnectionStatus, SnapshotItem, StreamItem } from './connection.ts';
export type { RemoteAsk, RemoteDoor, RemoteFrame, RemoteStartOptions } from './remote-door.ts';
export type { RemoteRun, StartedRun } from './remote-run.ts';
export { globalTransport, type SocketEvents, type SocketLike, type Transport } from './transport.ts';
export type { UploadOptions } from './upload.ts';
export { createUserState, reduce, type RunView, type UserState, type Working } from './user-state.ts';
export { createUserStore, type UserStore } from './user-store.ts';
export { remoteLogin, type RemoteLogin } from './login.ts';
