/** The steps of a run from its folded state: as a tree, and the models among them. */
import type { RunState, StepState } from './run-state.ts';
import { basePath, parentPath } from './path.ts';

export type StepNode = {
  readonly step: StepState;
  readonly children: StepNode[];
  /** It belongs to an attempt of the step around it that was given up and begun anew. */
  readonly discarded: boolean;
};

/** The steps at the top, in the order they began, with what is in them. */
export function stepTree(run: RunState): readonly StepNode[] {
  const top: StepNode[] = [];
  const nodes = new Map<string, StepNode>();
  for (const [base, step] of run.steps) {
    const around = nearest(nodes, parentPath(step.path));
    const discarded = around !== undefined && (around.discarded || around.step.path !== parentPath(step.path));
    const node = { step, children: [], discarded };
    nodes.set(base, node);
    (around?.children ?? top).push(node);
  }
  return top;
}

function nearest(nodes: ReadonlyMap<string, StepNode>, path: string): StepNode | undefined {
  for (let at = path; at !== ''; at = parentPath(at)) {
    const node = nodes.get(basePath(at));
    if (node !== undefined) return node;
  }
  return undefined;
}

/** Steps that a plan's orchestrator keeps its own books with: nothing that a person follows. */
export function isBookkeeping({ kind, path, status }: StepState): boolean {
  return kind === 'step' && status === 'completed' && /^(revise|settled):/.test(path);
}

/** What a step is called in a tree: its kind, its name, and its key where a person chose it. */
export function stepLabel({ kind, path, name }: StepState, inAgent: boolean): string {
  const segment = basePath(path).slice(parentPath(path).length).replace(/^\//, '');
  const colon = segment.indexOf(':');
  const called = colon < 0 ? segment : segment.slice(0, colon);
  // Inside an agent keys are the engine's own: turn and place.
  const key = colon < 0 || inAgent ? '' : ` ${safeDecode(segment.slice(colon + 1))}`;
  if (kind === 'step') return called + key;
  return kind === 'model' ? `model ${name ?? called}` : `${kind} ${called}${key}`;
}

function safeDecode(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** The ids of the models that were asked, each once. */
export function modelsOf({ steps }: Pick<RunState, 'steps'>): readonly string[] {
  const names = [...steps.values()].flatMap(({ kind, name }) => (kind === 'model' && name !== undefined ? [name] : []));
  return [...new Set(names)];
}
