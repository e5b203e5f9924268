/** A server with a small app and users by bearer token, for the tests of this folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defineAgent } from '../agents/agent.ts';
import { defineApp } from '../agents/app.ts';
import { defineWorkflow } from '../agents/workflow.ts';
import type { Log, LogFacts } from '../core/log.ts';
import { parsePrincipal } from '../core/principal.ts';
import type { Engine } from '../engine/create-engine.ts';
import { createServer, type CantusServer, type ServerOptions } from './create-server.ts';
import type { LoginSource } from './login.ts';

export const clerk = defineAgent({ name: 'clerk', instructions: 'Answer.' });

/** Reads a file if there is one, waits if it is told to, and answers. */
export const report = defineWorkflow({
  name: 'report',
  version: 1,
  input: z.object({
    question: z.string(),
    data: z.string().optional(),
    before: z.string().optional(),
    wait: z.boolean().optional(),
    large: z.number().optional(),
  }),
  async run(ctx, input) {
    if (input.wait === true) await ctx.wait('go', { signal: 'go' });
    const said = await ctx.step('say', () => `${input.question}|${input.data ?? ''}|${input.before ?? ''}`);
    return { said, large: 'x'.repeat(input.large ?? 0) };
  },
});

/** Renders what it is asked to, or fails to. */
export const app = defineApp({
  name: 'desk',
  description: 'Answers.',
  default: 'report',
  workflows: [report],
  agents: [clerk],
  samples: ['How is it?'],
  options: [
    { flag: '--data <file>', help: 'a file' },
    { flag: '--word <word>', help: 'a word', many: true },
    { flag: '--wait', help: 'waits' },
  ],
  async prepare(ask) {
    const { question, options, previous } = ask;
    if (question === 'throw') throw new Error('secret of the app at /etc/passwd');
    const name = options['data'];
    const data = typeof name === 'string' ? `${name}=${new TextDecoder().decode(await ask.readFile(name))}` : undefined;
    const before = (previous as { readonly question?: string } | undefined)?.question;
    return {
      input: {
        question,
        ...(data === undefined ? {} : { data }),
        ...(before === undefined ? {} : { before }),
        ...(options['wait'] === true ? { wait: true } : {}),
        ...(question.startsWith('large') ? { large: 100_000 } : {}),
      },
      notes: ['noted'],
    };
  },
  render(output) {
    const { said } = output as { readonly said: string };
    if (said.startsWith('unrenderable')) throw new Error('no words');
    return `# ${said}`;
  },
});

/** Users `Bearer <tenant>.<user>`; a cookie of the same make, and whose logins can be ended. */
export function testLogin(): LoginSource {
  return {
    mode: 'elsewhere',
    authenticate({ headers }) {
      const bearer = /^Bearer (\w+)\.(\w+)$/.exec(headers.get('authorization') ?? '');
      const cookie = /(?:^|; )login=(\w+)\.(\w+)/.exec(headers.get('cookie') ?? '');
      const [, tenant, user] = bearer ?? cookie ?? [];
      if (tenant === undefined || user === undefined) return null;
      const principal = parsePrincipal({ tenant, user });
      return { principal, id: `${tenant}.${user}`, by: bearer === null ? 'cookie' : 'bearer' };
    },
  };
}

export type TestServer = {
  readonly server: CantusServer;
  readonly engine: Engine;
  readonly folder: string;
  /** Lines of the log, as text. */
  readonly lines: string[];
  /** Asks as a user; `who` is `tenant.user`, or null for a stranger. */
  ask(who: string | null, method: string, path: string, init?: RequestInit & { json?: unknown }): Promise<Response>;
  close(): Promise<void>;
};

/** What the engine of a test is made of. */
export const served = { agents: [clerk], workflows: [report], script: () => 'Hello.' };

/** Starts a server on a free port; closing it closes the engine too. */
export async function openServer(engine: Engine, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const lines: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'cantus-server-'));
  const server = await createServer({
    engine,
    app,
    serves: { agents: served.agents, workflows: served.workflows },
    model: { id: 'scripted', kind: 'scripted', why: 'a test' },
    folder,
    login: testLogin(),
    log: logInto(lines),
    ...options,
  });
  return {
    server,
    engine,
    folder,
    lines,
    ask(who, method, path, { json, ...init } = {}) {
      const headers = new Headers(init.headers);
      if (who !== null) headers.set('authorization', `Bearer ${who}`);
      if (json !== undefined) headers.set('content-type', 'application/json');
      const body = json === undefined ? {} : { body: JSON.stringify(json) };
      return fetch(new URL(path, server.url), { redirect: 'manual', ...init, ...body, method, headers });
    },
    async close() {
      await server.close({ graceMs: 0 });
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function logInto(lines: string[]): Log {
  const tell =
    (level: string) =>
    (message: string, facts: LogFacts = {}): void =>
      void lines.push(`${level} ${message} ${JSON.stringify(facts)}`);
  return { info: tell('info'), warn: tell('warn'), error: tell('error') };
}
