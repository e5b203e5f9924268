/**
 * The guard for agents, over MCP.
 *
 * VM1  Every tool only reads: what is canonical, allowed or dismissed is a person's decision, on the command line, and a
 *      planned fix is a diff that somebody else applies.
 * VM2  Each call looks at the tree as it is now; what did not change comes from the cache.
 * VM4  What an agent takes back is not worked on: a history that nobody waits for is not read on.
 */
import { McpServer, type CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { toErrorInfo } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { openAudit, type Audit } from './audit.ts';
import { readConfig } from './config.ts';
import { addedRivals } from './hook.ts';
import {
  askAnswer,
  askShape,
  checkAnswer,
  checkShape,
  diffAnswer,
  diffShape,
  explainAnswer,
  explainShape,
  planAnswer,
  planShape,
  progressAnswer,
  progressShape,
  scanAnswer,
  scanShape,
  todoAnswer,
  todoShape,
} from './mcp-answers.ts';

export type GuardServerOptions = {
  readonly root: string;
  /** Of this program. */
  readonly version: string;
  /** Ms since 1970. */
  readonly now: () => number;
};

const instructions = `Keeps one implementation of each concept in this code base.
Before you write a class, factory, function or type: guard_ask. When a change is written and before it is committed: guard_diff.
To bring together what exists twice: guard_scan, then guard_explain, then ask the person which one stays; they decide with \
"cantus guard decide CONCEPT UNIT". Then guard_todo for what still uses the others, guard_fix_plan for the diff that moves \
them, and guard_check for what breaks guard.json. guard_progress tells how far it has come.
Every tool only reads. Never decide, dismiss or accept for the person.`;

const concept = z.string().describe('The id of a concept: of guard_scan, or declared in guard.json');
const from = z.number().int().min(0).default(0).describe('Where to begin in the list: `next` of the last answer');

/** A server with the guard's reading tools on one code base. */
export function guardServer({ root, version, now }: GuardServerOptions): McpServer {
  const server = new McpServer({ name: 'cantus-guard', version }, { capabilities: { tools: {} }, instructions });
  const tools: Tools = {
    add: ({ name, title, description, input, output }, work) => {
      const annotations = { title, readOnlyHint: true, openWorldHint: false };
      const schemas: { inputSchema: z.ZodObject; outputSchema: z.ZodObject } = {
        inputSchema: input,
        outputSchema: output,
      };
      // The server has parsed it by the schema that the work is typed by.
      server.registerTool(name, { title, description, ...schemas, annotations }, (asked, { mcpReq }) =>
        told(() => work(asked as z.output<typeof input>, mcpReq.signal)),
      );
    },
    audit: () => openAudit(root),
    today: () => new Date(now()).toISOString().slice(0, 10),
  };
  addBefore(tools, root);
  addFinding(tools);
  addMoving(tools);
  addProgress(tools, now);
  return server;
}

type Tool<Input extends z.ZodObject, Output extends z.ZodObject> = {
  readonly name: string;
  readonly title: string;
  /** When to call it, and what it tells. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
};

type Tools = {
  readonly add: <Input extends z.ZodObject, Output extends z.ZodObject>(
    tool: Tool<Input, Output>,
    work: (asked: z.output<Input>, signal: AbortSignal) => Promise<z.input<Output>>,
  ) => void;
  readonly audit: () => Promise<Audit>;
  /** As 2026-11-22. */
  readonly today: () => string;
};

function addBefore({ add, audit, today }: Tools, root: string): void {
  add(
    {
      name: 'guard_ask',
      title: 'Does it exist already?',
      description:
        'Call before writing a class, factory, function or type: units in production whose names mean about the same, with their methods, the canonical one first.',
      input: z.strictObject({ words: z.string().min(1).describe('Its name or what it is, as "rate limiter"') }),
      output: askShape,
    },
    async ({ words }) => askAnswer(await audit(), words, today()),
  );
  add(
    {
      name: 'guard_diff',
      title: 'Does this change add a second one?',
      description:
        'Call when a change is written and before it is committed: what this unified diff (of `git diff`) adds that exists already. What has `blocks` should use the existing one instead; the rest is advice.',
      input: z.strictObject({ diff: z.string().describe('A unified diff, applied already or not'), from }),
      output: diffShape,
    },
    async ({ diff, from: start }) =>
      diffAnswer(await addedRivals({ root, config: await readConfig(root) }, diff, today()), start),
  );
}

function addFinding({ add, audit, today }: Tools): void {
  add(
    {
      name: 'guard_scan',
      title: 'What exists more than once',
      description:
        'Call to find concepts that have more than one implementation and that nobody decided on, certain ones first. It is advice: explain one with guard_explain before you act on it.',
      input: z.strictObject({
        all: z.boolean().default(false).describe('Also what is only possible, declared or dismissed'),
        under: z.string().default('').describe('Only concepts with a unit in this folder'),
        from,
      }),
      output: scanShape,
    },
    async (asked) => scanAnswer(await audit(), asked),
  );
  add(
    {
      name: 'guard_explain',
      title: 'Why these are rivals',
      description:
        'Call for one concept, before anybody decides: each implementation with its methods, importers and score, why they belong together, and what was left out and why. It proposes; a person picks.',
      input: z.strictObject({ concept, from }),
      output: explainShape,
    },
    async (asked) => explainAnswer(await audit(), asked.concept, asked.from),
  );
  add(
    {
      name: 'guard_check',
      title: 'What breaks the declared rules',
      description:
        'Call after a change, as CI does: what breaks guard.json (second implementations, deprecated imports, construction past the factory, state in modules, floors), each with a hint.',
      input: z.strictObject({ from }),
      output: checkShape,
    },
    async (asked) => checkAnswer(await audit(), today(), asked.from),
  );
}

function addMoving({ add, audit, today }: Tools): void {
  add(
    {
      name: 'guard_todo',
      title: 'What still uses another one',
      description:
        'Call for a concept that guard.json declares: each place that still uses another implementation, and which methods it calls there that the canonical one has not.',
      input: z.strictObject({ concept, from }),
      output: todoShape,
    },
    async (asked) => todoAnswer(await audit(), { ...asked, today: today() }),
  );
  add(
    {
      name: 'guard_fix_plan',
      title: 'The diff that would move them',
      description:
        'Call after guard_todo: unified diffs that move users of the others to the canonical one, and the places that have to be moved by hand, with why. Nothing is written: apply the diffs with `git apply`, or let the person run "cantus guard fix CONCEPT --write".',
      input: z.strictObject({
        concept,
        oldFiles: z
          .enum(['stubs', 'remove'])
          .optional()
          .describe('Leave deprecated pointers where the others were, or take out what nothing uses any more'),
        from,
      }),
      output: planShape,
    },
    async ({ oldFiles, ...asked }) =>
      planAnswer(await audit(), { ...asked, today: today(), ...(oldFiles === undefined ? {} : { oldFiles }) }),
  );
}

function addProgress({ add, audit, today }: Tools, now: () => number): void {
  add(
    {
      name: 'guard_progress',
      title: 'How far it has come',
      description:
        'Call to report on a migration: the others and the files that use them, at some times of the git history and now. Reads old commits, so it takes longer than the other tools.',
      input: z.strictObject({
        since: z.string().optional().describe('A commit, branch or tag, or a time: 30d, 2026-10-01'),
        points: z.number().int().min(2).max(limits.guardAgentPointsMax).default(6),
      }),
      output: progressShape,
    },
    async ({ since, points }, signal) =>
      progressAnswer(await audit(), {
        points,
        today: today(),
        now: now(),
        signal,
        ...(since === undefined ? {} : { since }),
      }),
  );
}

/** The text is the structured content, for clients that know of none. */
async function told(work: () => Promise<Readonly<Record<string, unknown>>>): Promise<CallToolResult> {
  try {
    const structuredContent = await work();
    return { structuredContent, content: [{ type: 'text', text: JSON.stringify(structuredContent) }] };
  } catch (error) {
    const { message, hint = '' } = toErrorInfo(error);
    return { isError: true, content: [{ type: 'text', text: `${message} ${hint}`.trim() }] };
  }
}
