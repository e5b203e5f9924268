/** A server of the bench, in a process of its own: `server.ts <memory | sqlite> <bench | optimizer>`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, memory, rules, sqlite, type Engine } from '../../src/index.ts';
import { createServer, type LoginSource } from '../../src/server/index.ts';
import { answer } from '../process.ts';
import { app as benchApp, writer } from './served.ts';
import { usedMemory } from '../used-memory.ts';

/** Whoever says who they are is believed: checking tokens is not what is measured here. */
const login: LoginSource = {
  mode: 'elsewhere',
  authenticate({ headers }) {
    const user = /^Bearer ([\w-]+)$/.exec(headers.get('authorization') ?? '')?.[1];
    return user === undefined ? null : { principal: { tenant: 'main', user, roles: [] }, id: user, by: 'bearer' };
  },
};

async function write(engine: Engine, given: { readonly users: number; readonly steps: number }): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < given.users) {
      const run = await engine.as({ user: `user-${next++}` }).start(writer, { steps: given.steps });
      await run.result();
    }
  };
  await Promise.all(Array.from({ length: 20 }, one));
}

async function main(storeName: string, appName: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-bench-'));
  const app = appName === 'bench' ? benchApp : (await import('../../examples/optimizer/cantus.config.ts')).app;
  const serves = await app.serve({ folder });
  const model = rules(app.rules);
  const store = storeName === 'sqlite' ? sqlite(folder) : memory({ runsKept: 10_000 });
  const engine = await createEngine({ store, ...serves, models: { default: model } });
  const server = await createServer({
    engine,
    app,
    serves,
    folder,
    login,
    model: { id: model.id, kind: model.kind, why: 'a bench' },
    // Sockets are opened long before they say hello, so that opening them isn't measured with what follows.
    limits: { helloWithinMs: 600_000 },
  });
  const answers = {
    port: () => server.address.port,
    write: (given: { readonly users: number; readonly steps: number }) => write(engine, given),
    head: ({ user }: { readonly user: string }) => engine.as({ user }).head(),
    memory: usedMemory,
    cpu: () => process.cpuUsage(),
  };
  answer(answers, async () => {
    await server.close({ graceMs: 0 });
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

await main(process.argv[2] ?? '', process.argv[3] ?? '');
