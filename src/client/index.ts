/** `cantus/client`: the user's door over a wire, in Node and in browsers. */
export type { Me } from '../protocol/frames.ts';
export type { CaughtUpItem, Connection, ConnectionStatus, SnapshotItem, StreamItem } from './connection.ts';
export type {
  RemoteAsk,
  RemoteDoor,
  RemoteFrame,
  RemoteRun,
  RemoteStartOptions,
  StartedRun,
  UploadOptions,
} from './remote-door.ts';
export type { SocketEvents, SocketLike, Transport } from './transport.ts';
export type { RunView, UserState, Working } from './user-state.ts';
export type { UserStore } from './user-store.ts';
