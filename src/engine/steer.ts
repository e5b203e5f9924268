/**
 * Messages that come while their agent is at work (`onBusy: 'steer'`).
 *
 * SG1  A message is a run of its own, which waits for its thread as any does. The agent that has the thread takes it up
 *      before its next model call: in one commit that is told with its words, and the message's run ends and goes on as
 *      the agent's. So it is answered once, by the one or by the other, whatever crashes; and a key starts it once.
 * SG2  Before which model call it was taken up is journaled, so that a re-run tells the model the same.
 * SG3  Messages are taken in their order, by their own agent alone, and only from who has the same roles: what the agent
 *      may do is what its first asker may. The first that does not fit is left, with those behind it.
 * SG4  What nobody took up, because the agent asked its model no more, has its run as if it had only been queued.
 */
import { agentWorkflowPrefix } from '../agents/workflow.ts';
import type { Agent } from '../agents/agent.ts';
import type { Message } from '../agents/message.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

/** The messages that the agent at this place takes up before the model call of `turn`. */
export function takeUpMessages({ run, path }: Scope, agent: Agent, turn: number): Message[] {
  const texts = [...run.recorded.steeredAt(path, turn)];
  const isAsked = run.recorded.has(`${path}/model:${turn}`);
  const isOwnRun = run.workflow === agentWorkflowPrefix + agent.name && path === agent.name;
  if (agent.onBusy === 'steer' && isOwnRun && !isAsked && run.live) texts.push(...takeUp(run, path, turn));
  return texts.map((text) => ({ role: 'user', text }));
}

/** Nothing is waited for in here: what is told of one message is one commit (SG1). */
function takeUp(run: Run, path: string, turn: number): string[] {
  const texts: string[] = [];
  for (const waiting of waitingBehind(run)) {
    const text = waiting.asked;
    if (typeof text !== 'string' || waiting.workflow !== run.workflow || !sameRoles(run, waiting)) break;
    run.emit('agent.steered', { turn, text, run: waiting.id }, path, { bytes: text.length + 64 });
    run.stream.joinNext();
    waiting.goOnIn(run.id);
    texts.push(text);
  }
  return texts;
}

/** The runs that wait for the run's thread, in their order. */
function waitingBehind(run: Run): Run[] {
  if (run.thread === undefined) return [];
  return [...run.stream.runs.values()].filter((other) => other.thread === run.thread && other.asked !== undefined);
}

function sameRoles({ user: { roles: some } }: Run, { user: { roles: others } }: Run): boolean {
  return some.length === others.length && some.every((role) => others.includes(role));
}
