/** Local accounts with passwords that are cheap to hash, their routes, and browsers that keep cookies. */
import { Hono } from 'hono';
import { type Clock } from '../../core/clock.ts';
import { limits } from '../../core/limits.ts';
import { silentLog } from '../../core/log.ts';
import { loginRoutes, type LoginOperationName, type LoginOperations } from '../../protocol/login.ts';
import type { ServerEnv } from '../env.ts';
import type { AuthRequest } from '../login.ts';
import { originsOf } from '../origins.ts';
import type { ServerLimits } from '../parts.ts';
import { problemResponse } from '../problems.ts';
import { accounts, type Accounts } from './accounts.ts';

export const goodPassword = 'correct horse battery';

/** What came back, whatever it was. */
export type Answer<Name extends LoginOperationName> = {
  readonly status: number;
  readonly output: LoginOperations[Name]['output'];
  /** Of a problem. */
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly headers: Headers;
};

export type House = {
  readonly accounts: Accounts;
  /** Passwords hashed so far. */
  readonly hashes: () => number;
  /** Calls `fn` when the next password begins to be hashed. */
  readonly atNextHash: (fn: () => void) => void;
  readonly browser: (options?: BrowserOptions) => Browser;
  /** A browser in which the first account was made. */
  readonly settled: (user?: string) => Promise<Browser>;
};

type BrowserOptions = { readonly base?: string; readonly origin?: string; readonly address?: string };
type HouseOptions = { readonly clock: Clock; readonly limits?: Partial<ServerLimits>; readonly folder?: string };

export function openHouse({ clock, limits: some = {}, folder }: HouseOptions): House {
  let hashes = 0;
  let atNext: (() => void) | undefined;
  const onHash = (): void => {
    hashes += 1;
    atNext?.();
    atNext = undefined;
  };
  const bounds = { ...limits, loginsPerMinute: 1_000, strangerRequestsPerMinute: 1_000, ...some };
  const own = accounts({ folder, clock, limits: bounds, hashing: { costLog2: 2, onHash } });
  const app = new Hono<ServerEnv>();
  app.route(
    '/',
    (own.routes?.({
      origins: originsOf(['https://chat.example']),
      counts: { add: () => undefined, all: () => ({}) },
      limits: bounds,
      log: silentLog,
      requestOf: ({ req }): AuthRequest => ({
        method: req.method,
        url: new URL(req.url),
        headers: req.raw.headers,
        address: req.header('x-test-address') ?? '192.0.2.1',
      }),
    }) ?? new Hono()) as unknown as Hono<ServerEnv>,
  );
  app.onError((thrown) => problemResponse(thrown, 'r1'));
  const browser = (options?: BrowserOptions): Browser => new Browser(app, options);
  return {
    accounts: own,
    hashes: () => hashes,
    atNextHash: (fn) => void (atNext = fn),
    browser,
    async settled(user = 'ada') {
      const first = browser();
      const code = own.setUpCode() ?? 'none';
      const answer = await first.call('login.setUp', { code, user, password: goodPassword });
      if (answer.status !== 200) throw new Error(`the first account was refused: ${answer.detail}`);
      return first;
    },
  };
}

export class Browser {
  readonly jar = new Map<string, string>();
  /** Of the last answer, as it came. */
  setCookie: string | null = null;
  readonly #app: Hono<ServerEnv>;
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    app: Hono<ServerEnv>,
    { base = 'http://127.0.0.1:4000', origin, address = '192.0.2.1' }: BrowserOptions = {},
  ) {
    this.#app = app;
    this.#base = base;
    this.#headers = {
      host: new URL(base).host,
      origin: origin ?? base,
      'user-agent': 'Test/1',
      'x-test-address': address,
    };
  }

  /** Calls a route as the page does. `headers`: more, or others; an empty text takes one away. */
  async call<Name extends LoginOperationName>(
    name: Name,
    input: LoginOperations[Name]['input'] | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Name>> {
    const { method, path } = loginRoutes[name];
    const all = new Headers({ ...this.#headers, ...headers });
    if (this.jar.size > 0) all.append('cookie', [...this.jar].map(([key, value]) => `${key}=${value}`).join('; '));
    if (method === 'POST' && !all.has('content-type')) all.set('content-type', 'application/json');
    for (const [key, value] of Object.entries(headers)) if (value === '') all.delete(key);
    const members = typeof input === 'string' ? {} : (input as Readonly<Record<string, string>>);
    const place = this.#base + path.replace(/:(\w+)/, (_, member: string) => members[member] ?? '');
    const body = typeof input === 'string' ? input : JSON.stringify(input);
    const response = await this.#app.request(place, { method, headers: all, ...(method === 'POST' ? { body } : {}) });
    this.#keep(response.headers.get('set-cookie'));
    const said = (await response.json()) as LoginOperations[Name]['output'] & { code?: string; detail?: string };
    return { status: response.status, output: said, code: said.code, detail: said.detail, headers: response.headers };
  }

  /** The request of this browser, as `authenticate` gets it. */
  request(): AuthRequest {
    const cookie = [...this.jar].map(([key, value]) => `${key}=${value}`).join('; ');
    return requestWith({ cookie }, this.#base);
  }

  #keep(setCookie: string | null): void {
    this.setCookie = setCookie;
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(setCookie ?? '') ?? [];
    if (name === undefined || value === undefined) return;
    if (setCookie?.includes('Max-Age=0') === true) this.jar.delete(name);
    else this.jar.set(name, value);
  }
}

/** The statuses of answers that came in any order. */
export function statusesOf(answers: readonly { readonly status: number }[]): readonly number[] {
  return answers.map(({ status }) => status).toSorted((one, other) => one - other);
}

export function requestWith(headers: Readonly<Record<string, string>>, base = 'http://127.0.0.1:4000'): AuthRequest {
  return { method: 'GET', url: new URL('/v1/me', base), headers: new Headers(headers), address: '192.0.2.1' };
}
