/**
 * `ctx.tool`, and the tool calls of an agent: one way to run a tool.
 *
 * C1  No tool event without a tool that runs: an unknown, forbidden or wrongly called tool is refused before.
 * C2  A `once` tool runs only after `tool.executing` is durable, so that a crash always leaves a trace of it.
 * C3  A result is a result only if it fits the tool's output schema.
 */
import { toErrorInfo, ToolError, ValidationError } from '../core/errors.ts';
import type { Json, JsonCopy } from '../core/json.ts';
import { parseWith } from '../agents/schema.ts';
import { mayUse, type Tool } from '../agents/tool.ts';
import { pathWithoutAttempts } from '../journal/path.ts';
import { attemptCall, recall, rethrowFailed, type CallSpec } from './attempts.ts';
import { digestOf } from './digest.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import { keptBytes } from './user-stream.ts';

export type ToolCallOptions = {
  readonly key?: string;
  /** The model's id for the call. */
  readonly callId?: string;
};

/** Checks the call, runs the tool and journals both. Returns the tool's output as the journal has it. */
export async function callTool(
  parent: Scope,
  tool: Tool,
  rawInput: unknown,
  options: ToolCallOptions = {},
): Promise<Json> {
  const { run } = parent;
  const path = parent.claim(tool.name, options.key, 'a tool call');
  const given = run.copy(rawInput, `the input of tool "${tool.name}"`);
  const digest = digestOf([tool.name, given.value]);
  const recorded = recall(parent, path, 'tool', digest);
  if (recorded !== undefined && tool.effect === 'once') parent.markOnce(tool.name);
  if (recorded?.status === 'completed') return run.value(recorded.output ?? null);
  rethrowFailed(recorded);
  checkMayUse(run, tool);
  const input = await parseWith(tool.input, given.value, `The input of tool "${tool.name}"`);
  const callId = options.callId === undefined ? {} : { callId: options.callId };
  const facts = { tool: tool.name, effect: tool.effect, digest, ...callId };
  const spec: CallSpec<JsonCopy> = {
    kind: 'tool',
    label: `Tool "${tool.name}"`,
    path,
    retry: tool.retry,
    timeoutMs: tool.timeoutMs,
    ...(tool.effect === 'once' ? { once: tool.name } : {}),
    begin(livePath, attempt) {
      run.emit('tool.executing', { ...facts, input: run.keep(given) }, livePath, { attempt, bytes: keptBytes(given) });
      return tool.effect === 'once' ? run.durable() : undefined;
    },
    work: (scope) => runTool(scope, tool, input),
    complete: (copy, livePath, attempt) => tellCompleted(run, copy, livePath, attempt),
    vouched(output, livePath, attempt) {
      const copy = run.copy(output, `the result of tool "${tool.name}"`);
      tellCompleted(run, copy, livePath, attempt);
      return copy;
    },
  };
  return (await attemptCall(parent, spec, recorded)).value;
}

function checkMayUse(run: Run, tool: Tool): void {
  if (mayUse(tool, run.user)) return;
  throw new ValidationError(`You may not use tool "${tool.name}".`, {
    code: 'forbidden',
    hint: 'Ask for a role that the tool names.',
  });
}

async function runTool(scope: Scope, tool: Tool, input: unknown): Promise<JsonCopy> {
  const { run } = scope;
  const key = `${run.id}/${pathWithoutAttempts(scope.path)}`;
  const working = (async () => tool.run({ input, user: run.user, run: run.id, signal: scope.signal, key }))();
  working.then(
    () => scope.closed && run.late(`Tool "${tool.name}" answered after its call had ended.`, scope.path),
    () => undefined,
  );
  const output = await working;
  const what = `The result of tool "${tool.name}"`;
  try {
    return run.copy(tool.output === undefined ? output : await parseWith(tool.output, output, what), what);
  } catch (thrown) {
    const { message, details } = toErrorInfo(thrown);
    throw new ToolError('tool_output_invalid', message, {
      hint: 'The tool is at fault, not its caller: mend what it returns or its output schema.',
      ...(details === undefined ? {} : { details }),
    });
  }
}

function tellCompleted(run: Run, copy: JsonCopy, path: string, attempt: number): void {
  const output = run.keep(copy);
  run.emit('tool.completed', { output }, path, { attempt, bytes: keptBytes(copy) });
}
