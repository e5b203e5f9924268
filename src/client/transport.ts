/** How bytes go: what Node and browsers have of themselves, or what a caller brings (a unix socket, a test). */

/** The part of a WebSocket that is used. Those of browsers, of Node and of `ws` have it. */
export type SocketLike = {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener<Name extends keyof SocketEvents>(name: Name, listener: (event: SocketEvents[Name]) => void): void;
};

/** What a socket tells, as WebSockets do. */
export type SocketEvents = {
  readonly open: unknown;
  readonly message: { readonly data: unknown };
  readonly close: { readonly code: number; readonly reason: string };
  readonly error: unknown;
};

/** How requests and sockets are made. */
export type Transport = {
  fetch(url: string, init: RequestInit): Promise<Response>;
  openSocket(url: string, protocols: readonly string[]): SocketLike;
};

/** Global `fetch` and `WebSocket`; cookies go with requests to the page's own origin, as browsers do it. */
export const globalTransport: Transport = {
  fetch: (url, init) => fetch(url, init),
  openSocket: (url, protocols) => new WebSocket(url, [...protocols]),
};
