/**
 * The guard for agents, over MCP.
 *
 * VM1  Every tool only reads: what is canonical, allowed or dismissed is a person's decision, on the command line.
 * VM2  Each call looks at the tree as it is now; what did not change comes from the cache.
 */
import { McpServer, type CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { toErrorInfo } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { addedJson } from './added.ts';
import { ask } from './ask.ts';
import { checkAudit, openAudit, type Audit } from './audit.ts';
import { adviceOf } from './check.ts';
import type { Unit } from './concept.ts';
import { explain } from './explain.ts';
import { readConfig } from './config.ts';
import { addedRivals } from './hook.ts';
import { findingsOf } from './report/finding.ts';
import { checkJson, explainJson, scanJson } from './report/json.ts';
import { todoOf } from './todo.ts';

export type GuardServerOptions = {
  readonly root: string;
  /** Of this program. */
  readonly version: string;
  /** As 2026-11-22. */
  readonly today: () => string;
};

const concept = { concept: z.string().describe('The id of a concept, as guard_scan gives it') };

/** A server with the guard's reading tools on one code base. */
export function guardServer({ root, version, today }: GuardServerOptions): McpServer {
  const server = new McpServer({ name: 'cantus-guard', version }, { capabilities: { tools: {} } });
  const annotations = { readOnlyHint: true, openWorldHint: false };
  const answer = (work: (audit: Audit) => unknown): Promise<CallToolResult> =>
    told(async () => work(await openAudit(root)));
  server.registerTool(
    'guard_ask',
    {
      description: 'Call before writing a class, function or type: does something like it exist already?',
      inputSchema: z.object({ words: z.string().describe('Its name or what it is, as "rate limiter"') }),
      annotations,
    },
    ({ words }) => answer(({ scan, config }) => ask(scan, config, words).slice(0, limits.guardAnswersMax).map(askedOf)),
  );
  server.registerTool(
    'guard_diff',
    {
      description: 'Call before a change lands: what does this unified diff add that exists already?',
      inputSchema: z.object({ diff: z.string() }),
      annotations,
    },
    ({ diff }) =>
      told(async () => {
        const added = await addedRivals({ root, config: await readConfig(root) }, diff, today());
        return added.map(addedJson);
      }),
  );
  server.registerTool(
    'guard_scan',
    {
      description: 'Concepts of this code base that have more than one implementation, and are not decided on.',
      inputSchema: z.object({}),
      annotations,
    },
    () => answer(({ scan, config }) => scanJson(scan, adviceOf(scan, config))),
  );
  server.registerTool(
    'guard_explain',
    { description: 'Why these are rivals, and which to keep.', inputSchema: z.object(concept), annotations },
    ({ concept: id }) => answer(({ scan }) => explainJson(explain(scan, id), scan.tree)),
  );
  server.registerTool(
    'guard_todo',
    { description: 'What still uses another implementation.', inputSchema: z.object(concept), annotations },
    ({ concept: id }) => answer((audit) => todoFor(audit, id, today())),
  );
  server.registerTool(
    'guard_check',
    { description: 'What breaks the declared rules of guard.json.', inputSchema: z.object({}), annotations },
    () =>
      answer((audit) => {
        const report = checkAudit(audit, today());
        return checkJson(report, findingsOf(report, audit.scan.tree, audit.baselineFolder));
      }),
  );
  return server;
}

async function told(work: () => Promise<unknown>): Promise<CallToolResult> {
  try {
    return { content: [{ type: 'text', text: JSON.stringify(await work()) }] };
  } catch (error) {
    const { message, hint = '' } = toErrorInfo(error);
    return { isError: true, content: [{ type: 'text', text: `${message} ${hint}`.trim() }] };
  }
}

function askedOf({ unit, ...rest }: ReturnType<typeof ask>[number]): object {
  return { unit: unit.id, line: unit.span.line, doc: unit.doc, methods: offered(unit), ...rest };
}

function offered({ methods }: Unit): readonly string[] {
  return methods.filter(({ isPrivate }) => !isPrivate).map(({ name }) => name);
}

function todoFor({ scan, config }: Audit, id: string, today: string): object {
  const todo = todoOf({ config, tree: scan.tree, edges: scan.edges, paths: [], today }, id);
  if (todo === undefined) return { message: `guard.json declares no concept "${id}".` };
  return { canonical: todo.canonical.id, rivals: todo.rivals.map(({ unit }) => unit.id), items: todo.items };
}
