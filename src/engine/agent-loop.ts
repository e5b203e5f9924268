/**
 * `ctx.agent`: the loop of a model and its tools.
 *
 * L1  A turn is one model call and the tool calls it asks for, which run at once. Turns are bounded.
 * L2  What a model gets wrong (an unknown tool, broken arguments, an answer of the wrong shape) is answered to the
 *     model, so that it can do better; nothing is journaled as a tool call that did not run.
 * L3  Keys are made of the turn and the place in it, so that a re-run finds the same calls in whatever order they end.
 */
import { clip, EngineError, ModelError, toErrorInfo, ValidationError } from '../core/errors.ts';
import type { Json, JsonCopy } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { nearestName } from '../core/names.ts';
import type { Agent, AgentAnswer, AnsweredCall, AnsweringModel, FailedCall } from '../agents/agent.ts';
import type { Message, ToolCallRequest } from '../agents/message.ts';
import type { Model, ModelRequest } from '../agents/model.ts';
import { parseWith } from '../agents/schema.ts';
import { mayUse, type Tool } from '../agents/tool.ts';
import type { CallOptions } from '../agents/workflow.ts';
import { childPath } from '../journal/path.ts';
import { attemptCall, recall, rethrowFailed, type CallSpec } from './attempts.ts';
import { callModel, type ModelAnswer } from './model-call.ts';
import { turnAndPlace } from './recorded.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import { takeUpMessages } from './steer.ts';
import { threadMessages } from './thread-memory.ts';
import { callTool } from './tool-call.ts';
import { keptBytes } from './user-stream.ts';

type LoopEnd = {
  readonly output: JsonCopy;
  readonly text: string;
  readonly turns: number;
  readonly model: AnsweringModel;
  readonly calls: readonly AnsweredCall[];
  readonly failed: readonly FailedCall[];
};

/** Lets `agent` answer `input` under this place. */
export async function callAgent<Output>(
  parent: Scope,
  agent: Agent<Output>,
  input: string,
  options: CallOptions = {},
): Promise<AgentAnswer<Output>> {
  const { run } = parent;
  const path = parent.claim(agent.name, options.key, 'an agent');
  const recorded = recall(parent, path, 'agent');
  if (recorded?.status === 'completed') {
    const { text, turns, model = { id: 'unknown', kind: 'language-model' } } = recorded;
    const calls = await recordedCalls(run, recorded.path);
    const failed = unanswered(recordedFailures(run, recorded.path), calls);
    return { output: (await run.value(recorded.output ?? null)) as Output, text, turns, model, calls, failed };
  }
  rethrowFailed(recorded);
  const spec: CallSpec<LoopEnd> = {
    kind: 'agent',
    label: `Agent "${agent.name}"`,
    path,
    retry: undefined,
    timeoutMs: undefined,
    begin(livePath, attempt) {
      run.emit('agent.started', { agent: agent.name, input }, livePath, { attempt, bytes: input.length + 64 });
      return undefined;
    },
    work: (scope) => loop(scope, agent, input),
    complete({ output, text, turns, model }, livePath, attempt) {
      const bytes = keptBytes(output) + text.length;
      run.emit('agent.completed', { output: run.keep(output), text, turns, model }, livePath, { attempt, bytes });
    },
  };
  const end = await attemptCall(parent, spec, recorded);
  return { ...end, output: end.output.value as Output };
}

async function loop(scope: Scope, agent: Agent, input: string): Promise<LoopEnd> {
  const { run } = scope;
  const tools = agent.tools.filter((tool) => mayUse(tool, run.user));
  const messages: Message[] = [...(await threadMessages(run, agent.threadTokensMax)), { role: 'user', text: input }];
  const request: ModelRequest = {
    agent: agent.name,
    instructions: typeof agent.instructions === 'string' ? agent.instructions : agent.instructions(run.user),
    messages,
    tools: tools.map(({ name, description, inputJsonSchema }) => ({ name, description, inputSchema: inputJsonSchema })),
    outputTokensMax: agent.outputTokensMax,
    ...(agent.outputJsonSchema === undefined ? {} : { outputSchema: agent.outputJsonSchema }),
    ...(agent.temperature === undefined ? {} : { temperature: agent.temperature }),
  };
  const calls: AnsweredCall[] = [];
  const failures: FailedCall[] = [];
  for (let turn = 1; turn <= agent.turnsMax; turn++) {
    messages.push(...takeUpMessages(scope, agent, turn));
    if (!run.recorded.has(`${scope.path}/model:${turn}`)) {
      // In one commit with the model's beginning, which follows in this turn: by that a re-run knows that it was told.
      if (run.emit('agent.thinking', { turn }, scope.path) > 0) run.stream.joinNext();
    }
    const { answer, model } = await ask(scope, agent, { ...request, messages: [...messages] }, turn);
    messages.push({
      role: 'assistant',
      text: answer.text,
      ...(answer.toolCalls.length === 0 ? {} : { toolCalls: answer.toolCalls }),
    });
    if (answer.toolCalls.length > 0) {
      const replies = await Promise.all(
        answer.toolCalls.map((call, index) => answerCall(scope, tools, call, `${turn}-${index}`)),
      );
      messages.push(...replies.map(({ message }) => message));
      calls.push(...replies.flatMap(({ answered }) => answered ?? []));
      failures.push(...replies.flatMap(({ failed }) => failed ?? []));
      continue;
    }
    const output = await readAnswer(scope, agent, answer, messages);
    if (output !== undefined) {
      const failed = unanswered(failures, calls);
      return { output, text: answer.text, turns: turn, model: { id: model.id, kind: model.kind }, calls, failed };
    }
  }
  throw new EngineError('turns_exhausted', `Agent "${agent.name}" did not answer within ${agent.turnsMax} turns.`, {
    hint: 'Raise turnsMax, or see in the journal what it goes round in.',
  });
}

/** Asks the agent's models in order until one answers. That an earlier one failed makes the run degraded (failures.ts). */
async function ask(
  scope: Scope,
  agent: Agent,
  request: ModelRequest,
  turn: number,
): Promise<{ readonly answer: ModelAnswer; readonly model: Model }> {
  const { run } = scope;
  let failure: unknown;
  for (const [index, name] of agent.models.entries()) {
    const model = run.node.model(name);
    try {
      return { answer: await callModel(scope, model, request, index === 0 ? String(turn) : `${turn}-${name}`), model };
    } catch (thrown) {
      if (scope.cancelled !== undefined || !run.live) throw thrown;
      failure = thrown;
    }
  }
  throw failure ?? new ModelError('model_failed', `Agent "${agent.name}" has no model.`);
}

/** The agent's output, or undefined after the model was told what is wrong with its answer. */
async function readAnswer(
  scope: Scope,
  agent: Agent,
  answer: ModelAnswer,
  messages: Message[],
): Promise<JsonCopy | undefined> {
  const { run } = scope;
  try {
    const output =
      agent.output === undefined ? answer.text : await parseWith(agent.output, parseJson(answer.text), 'The answer');
    const copy = run.copy(output, `the answer of agent "${agent.name}"`);
    // Only of an answer that counts: one that is refused is asked for again.
    if (answer.finish === 'length') tellCutOff(scope, agent);
    return copy;
  } catch (thrown) {
    const { message } = toErrorInfo(thrown);
    run.note(scope.path, 'answer_refused', `The answer of agent "${agent.name}" was refused: ${message}`);
    messages.push({ role: 'user', text: `${message} Answer again, with JSON of the asked shape and nothing else.` });
    return undefined;
  }
}

function tellCutOff({ run, path }: Scope, agent: Agent): void {
  const limit = `its limit of ${agent.outputTokensMax} tokens`;
  run.note(path, 'degraded', `The answer of agent "${agent.name}" was cut off at ${limit}.`);
}

/** JSON as models write it: alone, or in a fenced block. */
function parseJson(text: string): unknown {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text);
  try {
    return JSON.parse(fenced?.[1] ?? text);
  } catch {
    throw new ValidationError('The answer is not JSON.');
  }
}

/** The calls that a completed agent got results from, as the journal has them. */
async function recordedCalls(run: Run, path: string): Promise<AnsweredCall[]> {
  const calls: AnsweredCall[] = [];
  for (const step of run.recorded.toolsIn(path, 'completed')) {
    const { name = '', input = null, output = null } = step;
    calls.push({ path: step.path, tool: name, input: await run.value(input), output: await run.value(output) });
  }
  return calls;
}

function recordedFailures(run: Run, path: string): FailedCall[] {
  return run.recorded
    .toolsIn(path, 'failed')
    .map((step) => ({ path: step.path, tool: step.name ?? '', message: step.error?.message ?? '' }));
}

/** Those whose tool gave no answer in their turn or later. */
function unanswered(failures: readonly FailedCall[], calls: readonly AnsweredCall[]): FailedCall[] {
  return failures.filter(
    ({ tool, path }) => !calls.some((call) => call.tool === tool && turnOf(call.path) >= turnOf(path)),
  );
}

function turnOf(path: string): number {
  const [turn = Number.NaN] = turnAndPlace(path);
  return turn;
}

type Reply = { readonly message: Message; readonly answered?: AnsweredCall; readonly failed?: FailedCall };

/** Runs one tool call of a model and turns its end into a message to it. */
async function answerCall(scope: Scope, tools: readonly Tool[], call: ToolCallRequest, key: string): Promise<Reply> {
  const { run } = scope;
  const tellModel = (content: string, failed: boolean): Message => {
    return { role: 'tool', callId: call.id, name: call.name, content, failed };
  };
  try {
    const tool = findTool(tools, call, key);
    const input = parseInput(call);
    const output = await callTool(scope, tool, input, { key, callId: call.id });
    const path = childPath(scope.path, tool.name, key);
    const message = tellModel(typeof output === 'string' ? output : JSON.stringify(output), false);
    return { message, answered: { path, tool: tool.name, input, output } };
  } catch (thrown) {
    if (scope.cancelled !== undefined || !run.live) throw thrown;
    const { code, message, hint } = toErrorInfo(thrown);
    const told = tellModel(`Error (${code}): ${message}${hint === undefined ? '' : ` ${hint}`}`, true);
    if (!isRefusal(thrown))
      return { message: told, failed: { path: childPath(scope.path, call.name, key), tool: call.name, message } };
    run.note(scope.path, 'tool_refused', message);
    return { message: told };
  }
}

/** Was the call refused before a tool ran? Then the journal has no tool event of it (L2). */
function isRefusal(thrown: unknown): boolean {
  return thrown instanceof ValidationError || (EngineError.is(thrown) && thrown.code === 'tool_unknown');
}

function findTool(tools: readonly Tool[], call: ToolCallRequest, key: string): Tool {
  const tool = tools.find(({ name }) => name === call.name);
  const place = Number(key.slice(key.indexOf('-') + 1));
  if (place >= limits.toolCallsPerTurnMax)
    throw new ValidationError(`More than ${limits.toolCallsPerTurnMax} tool calls in one turn are not run.`);
  if (tool !== undefined) return tool;
  const names = tools.map(({ name }) => name);
  const near = nearestName(call.name, names);
  throw new EngineError('tool_unknown', `There is no tool "${clip(call.name)}".`, {
    hint: near === undefined ? `Tools: ${names.join(', ') || 'none'}.` : `Did you mean "${near}"?`,
  });
}

function parseInput(call: ToolCallRequest): Json {
  try {
    return JSON.parse(call.input === '' ? '{}' : call.input) as Json;
  } catch {
    throw new ValidationError(`The arguments of "${clip(call.name)}" are not JSON.`);
  }
}
