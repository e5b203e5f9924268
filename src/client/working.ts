import { basePath, parentPath } from '../journal/path.ts';
import type { RunState, StepKind } from '../journal/run-state.ts';
import { stepTree, type StepNode } from '../journal/step-tree.ts';

/** Who works on a run now: one for each innermost step that is not over. */
export type Working = {
  readonly path: string;
  readonly kind: StepKind;
  /** The agent's, tool's or model's name; of a plain step or a wait its name in the path. */
  readonly name: string;
  /** The agent it works for, or that it is, and where that agent is; undefined outside any agent. */
  readonly agent: string | undefined;
  readonly agentPath: string | undefined;
  readonly attempt: number;
  /** `retrying`: an attempt failed and the next begins at `retryAt`. `indoubt`: somebody has to decide. */
  readonly status: 'open' | 'retrying' | 'indoubt';
  /** Ms since 1970, by the server's clock. */
  readonly since: number;
  readonly retryAt: number | undefined;
};

type Agent = { readonly name: string | undefined; readonly path: string };

/** The innermost steps of a run that are not over, in the order they began. */
export function workingOn(run: RunState): readonly Working[] {
  return stepTree(run).flatMap((node) => workingIn(node, undefined));
}

function workingIn({ step, children, discarded }: StepNode, around: Agent | undefined): readonly Working[] {
  const { status, path, kind } = step;
  if (discarded || (status !== 'open' && status !== 'retrying' && status !== 'indoubt')) return [];
  const agent = kind === 'agent' ? { name: step.name, path } : around;
  const inside = children.flatMap((child) => workingIn(child, agent));
  if (inside.length > 0) return inside;
  return [
    {
      path,
      kind,
      name: step.name ?? basePath(path).slice(parentPath(path).length).replace(/^\//, ''),
      agent: agent?.name,
      agentPath: agent?.path,
      attempt: step.attempt,
      status,
      since: step.startedAt,
      retryAt: step.retryAt,
    },
  ];
}
