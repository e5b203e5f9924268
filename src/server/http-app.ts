/**
 * Everything over HTTP that is no upgrade: one table-driven application.
 *
 * HA1  Routes are those of the tables in `protocol`; what is in none of them does not exist, and a stranger gets 401
 *      before hearing of it.
 * HA2  The order for each request: its id, its address, the gate, its body, the operation. Nothing of a body is read
 *      for someone who is not let in (LG1).
 * HA3  One line of the log a request: ids, the route's pattern, codes and times, never a path, a query or a name (P2).
 */
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { NotFoundError, EngineError, ValidationError, toErrorInfo } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { loginRoutes } from '../protocol/login.ts';
import { otherRoutes, routes, type OperationName } from '../protocol/operations.ts';
import { callOperation } from './call.ts';
import type { ServerEnv } from './env.ts';
import { admitCounted, authRequestOf, checkHost } from './gate.ts';
import { checkEncoding, jsonBodies, piecesOf, readObject, unsupported } from './json-body.ts';
import type { LoginSource } from './login.ts';
import { loginState } from './login-state.ts';
import { openApi } from './openapi.ts';
import { queryKinds } from './operation-inputs.ts';
import { ownerHash } from './owner-hash.ts';
import type { PageAssets } from './page-assets.ts';
import type { ServerParts } from './parts.ts';
import { problemResponse, tellProblem } from './problems.ts';
import { responseHeaders } from './response-headers.ts';
import { tooLarge, uploadsOf } from './uploads.ts';

export type HttpAppParts = {
  readonly parts: ServerParts;
  readonly foreignOrigins: ReadonlySet<string>;
  readonly assets: PageAssets;
  /** Routes of `otherRoutes` that other files bring; they are behind the gate. */
  readonly more: readonly Hono<ServerEnv>[];
};

export function httpApp({ parts, foreignOrigins, assets, more }: HttpAppParts): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const login = loginApp(parts);
  const allowed = allowedMethods(login);
  app.use(named(parts), responseHeaders(foreignOrigins));
  app.onError((thrown, context) => failed(parts, thrown, context));
  app.notFound((context) => failed(parts, new NotFoundError('page', context.req.path), context));
  addProbes(app, parts);
  app.use(checkAddress(parts));
  app.use(preflight(allowed));
  addOpenRoutes(app, parts, login);
  app.use('/v1/*', gate(parts));
  app.on(['POST'], otherRoutes['files.put'].path, takeFile(parts));
  // An upload is no JSON; every other body is.
  app.use('/v1/*', jsonBodies(parts.limits));
  addOperations(app, parts);
  for (const routesOfOthers of more) app.route('/', routesOfOthers);
  for (const [path, methods] of allowed) app.all(path, () => refuseMethod(methods));
  app.get('*', async (context, next) => {
    if (isApi(context.req.path)) return next();
    return assets.answer(context.req.raw) ?? next();
  });
  return app;
}

function isApi(path: string): boolean {
  return path === '/v1' || path.startsWith('/v1/');
}

/** The request's id, and its line in the log (HA3). An id that it brings along is not trusted. */
function named({ random, clock, log }: ServerParts): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const requestId = random.id();
    context.set('requestId', requestId);
    const startedAt = clock.monotonic();
    await next();
    const login = context.get('login') as ServerEnv['Variables']['login'] | undefined;
    log.info('request', {
      request: requestId,
      method: context.req.method,
      route: patternOf(context),
      status: context.res.status,
      ms: Math.round(clock.monotonic() - startedAt),
      user: login === undefined ? undefined : ownerHash(login.principal),
    });
  };
}

function patternOf(context: Context): string {
  return matchedRoutes(context).findLast(({ path }) => !path.endsWith('*'))?.path ?? '(none)';
}

function failed(parts: ServerParts, thrown: unknown, context: Context<ServerEnv>): Response {
  const requestId = context.get('requestId');
  const { code } = toErrorInfo(thrown);
  parts.counts.add(`request.failed.${code}`);
  tellProblem(parts.log, thrown, requestId);
  const response = problemResponse(thrown, requestId);
  const methods = thrown instanceof MethodRefused ? thrown.methods : undefined;
  if (methods !== undefined) response.headers.set('allow', methods);
  return response;
}

/** For whoever watches the process; they say nothing of anybody. */
function addProbes(app: Hono<ServerEnv>, parts: ServerParts): void {
  app.get('/healthz', (context) => context.json({ status: 'up' }));
  app.get('/readyz', async (context) => {
    const isReady = !parts.draining.aborted && (await journalAnswers(parts));
    return context.json({ status: isReady ? 'ready' : 'not ready' }, isReady ? 200 : 503);
  });
}

/** Asks of a user who can have nothing, so that the answer costs and says nothing. */
async function journalAnswers({ engine }: ServerParts): Promise<boolean> {
  try {
    await engine.as({ tenant: 'cantus.probe', user: 'readyz' }).head();
    return true;
  } catch {
    return false;
  }
}

/** The name it is reached by is known, and its address can be read. */
function checkAddress(parts: ServerParts): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    checkHost(parts, authRequestOf(context.env.incoming));
    try {
      decodeURIComponent(new URL(context.req.url).pathname);
    } catch {
      throw new ValidationError('The address is not percent-encoded as it must be.');
    }
    await next();
  };
}

function preflight(allowed: ReadonlyMap<string, string>): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    if (context.req.method !== 'OPTIONS') return next();
    const methods = [...allowed].find(([path]) => matches(path, context.req.path))?.[1] ?? 'GET, HEAD, OPTIONS';
    return context.body(null, 204, { allow: methods });
  };
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at]);
}

/** The routes of the login source, which strangers use; a source without any gets the one that says how to log in. */
function loginApp(parts: ServerParts): Hono {
  const { login, origins, counts, limits, log } = parts;
  const given = {
    origins,
    counts,
    limits,
    log,
    requestOf: (context: Context) => authRequestOf((context.env as ServerEnv['Bindings']).incoming),
  };
  return login.routes?.(given) ?? loginState(login satisfies LoginSource, given);
}

function addOpenRoutes(app: Hono<ServerEnv>, parts: ServerParts, login: Hono): void {
  const bodies = jsonBodies(parts.limits);
  for (const path of new Set(Object.values(loginRoutes).map((route) => route.path))) app.use(path, bodies);
  app.route('/', login as unknown as Hono<ServerEnv>);
  const document = openApi(parts.served, login);
  app.get('/v1/openapi.json', (context) => context.json(document as object));
}

function gate(parts: ServerParts): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const { login, rate } = await admitCounted(parts, authRequestOf(context.env.incoming));
    context.set('login', login);
    context.set('rate', rate);
    await next();
    if (login.setCookie !== undefined) context.header('set-cookie', login.setCookie, { append: true });
  };
}

function addOperations(app: Hono<ServerEnv>, parts: ServerParts): void {
  for (const name of Object.keys(routes) as OperationName[]) {
    const { method, path } = routes[name];
    app.on([method], path, async (context) =>
      context.json((await callOperation(parts, context.get('login'), name, await inputOf(context, name))) as object),
    );
  }
}

/** An operation's input: members of the path, and of the query or the body, each said once. */
async function inputOf(context: Context<ServerEnv>, name: OperationName): Promise<Record<string, Json>> {
  const inBody = routes[name].method === 'POST' || routes[name].method === 'PATCH';
  if (inBody && Object.keys(context.req.query()).length > 0)
    throw new ValidationError(`${name} takes its input in the body, and nothing in the address.`);
  const input: Record<string, Json> = { ...(inBody ? await readObject(context) : queryOf(context, name)) };
  for (const [member, value] of Object.entries(context.req.param() as Record<string, string>)) {
    if (Object.hasOwn(input, member))
      throw new ValidationError(`"${member}" is said by the path, and once more beside it.`);
    input[member] = value;
  }
  return input;
}

function queryOf(context: Context, name: OperationName): Record<string, Json> {
  const kinds = queryKinds(name);
  const input: Record<string, Json> = {};
  for (const [member, values] of Object.entries(context.req.queries())) {
    const kind = Object.hasOwn(kinds, member) ? kinds[member] : 'text';
    if (kind === 'list') input[member] = values.flatMap((value) => value.split(','));
    else if (values.length > 1) throw new ValidationError(`${name}: "${member}" is given ${values.length} times.`);
    else input[member] = kind === 'number' ? numberOf(name, member, values[0] ?? '') : (values[0] ?? '');
  }
  return input;
}

function numberOf(name: string, member: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ValidationError(`${name}: ${member} is wrong: it is a whole number from 0 up.`);
}

/** `files.put`: the body is the file itself. */
function takeFile(parts: ServerParts): (context: Context<ServerEnv>) => Promise<Response> {
  const uploads = uploadsOf(parts);
  const { uploadBytesMax } = parts.limits;
  return async (context) => {
    checkEncoding(context);
    if (/^multipart\//i.test(context.req.header('content-type') ?? ''))
      throw unsupported('A form is not taken.', 'Send the file itself as the body, and its name as ?name=.');
    if (Number(context.req.header('content-length') ?? 0) > uploadBytesMax) throw tooLarge(uploadBytesMax);
    const name = context.req.query('name') ?? 'file';
    // The raw stream: it is read as fast as the disk takes it, and an end half-way is an error of it.
    return context.json(await uploads.put(context.get('login').principal, name, piecesOf(context.env.incoming)));
  };
}

/** Methods by path, from all tables. */
function allowedMethods(login: Hono): Map<string, string> {
  const byPath = new Map<string, Set<string>>();
  const all = [...Object.values(routes), ...Object.values(otherRoutes), ...login.routes];
  for (const { path, method } of [...all, { path: '/v1/openapi.json', method: 'GET' }]) {
    const methods = byPath.get(path) ?? new Set(['OPTIONS']);
    methods.add(method);
    if (method === 'GET') methods.add('HEAD');
    byPath.set(path, methods);
  }
  return new Map([...byPath].map(([path, methods]) => [path, [...methods].toSorted().join(', ')]));
}

class MethodRefused extends EngineError {
  readonly methods: string;

  constructor(methods: string) {
    super('method_unsupported', 'This address has no such method.', { hint: `It has: ${methods}.` });
    this.methods = methods;
  }
}

function refuseMethod(methods: string): never {
  throw new MethodRefused(methods);
}
