/** A real server of the AG-UI route alone, for real clients. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { defineApp, type App, type AppServes } from '../agents/app.ts';
import { systemClock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import { silentLog } from '../core/log.ts';
import { systemRandom } from '../core/random.ts';
import type { Engine } from '../engine/create-engine.ts';
import { aguiRoutes } from './agui.ts';
import { createConnections } from './connections.ts';
import { createCounts } from './counts.ts';
import type { ServerEnv } from './env.ts';
import { jsonBodies } from './json-body.ts';
import type { ServerLimits, ServerParts } from './parts.ts';
import { problemResponse } from './problems.ts';

type Facts = {
  readonly engine: Engine;
  readonly serves: AppServes;
  readonly app?: App;
  readonly limits?: Partial<ServerLimits>;
};

/** Whoever asks says who they are, as `authorization: bearer <user>`. */
export async function openAgui({ engine, serves, app = defineApp(serves), limits: bounds = {} }: Facts) {
  const draining = new AbortController();
  const watchers = new Set<(login: string) => void>();
  const parts: ServerParts = {
    engine,
    served: {
      app,
      serves,
      model: { id: 'scripted', kind: 'scripted', why: 'a test' },
      folder: '/nowhere',
      version: '0',
    },
    login: {
      mode: 'elsewhere',
      authenticate: () => null,
      watchEnded: (listener) => (watchers.add(listener), () => watchers.delete(listener)),
    },
    connections: createConnections({ ...limits, ...bounds }),
    counts: createCounts(),
    limits: { ...limits, ...bounds },
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    draining: draining.signal,
  } as Partial<ServerParts> as ServerParts;
  const routes = new Hono<ServerEnv>();
  routes.onError((thrown) => problemResponse(thrown, 'r1'));
  routes.use(async (context, next) => {
    const user = /^bearer (\w+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? 'alice';
    context.set('requestId', 'r1');
    context.set('login', { id: user, by: 'bearer', principal: engine.as({ user }).principal });
    await next();
  });
  routes.use(jsonBodies(parts.limits));
  routes.route('/', aguiRoutes(parts));
  const server = createServer(getRequestListener(routes.fetch));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    parts,
    url: (agent: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/agui/${agent}`,
    endLogin: (login: string) => watchers.forEach((watcher) => watcher(login)),
    drain: () => draining.abort(),
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
