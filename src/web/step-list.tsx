/** The agents and tools of a run as a list that opens: who did what, how it went and how long it took. */
import { useEffect, useRef, useState } from 'react';
import { tellCount, tellMs } from '../core/units.ts';
import { waitsForPerson } from '../journal/asked.ts';
import type { JournalEvent } from '../journal/event.ts';
import { basePath } from '../journal/path.ts';
import type { RunState, StepState } from '../journal/run-state.ts';
import { isBookkeeping, stepLabel, stepTree, type StepNode } from '../journal/step-tree.ts';
import { Icon } from './icon.tsx';
import { formatPlace } from './place.ts';
import { cutSteps } from './step-cut.ts';
import { StepDetail } from './step-detail.tsx';
import { StatusMark } from './status-mark.tsx';
import { plainName, waitEndWords } from './work.ts';

/** A step to open and to bring into view, because somebody asked where a figure comes from. */
export type Focus = { readonly path: string; readonly count: number };

type ListProps = {
  readonly run: RunState;
  readonly events: readonly JournalEvent[];
  readonly now: number;
  readonly focus: Focus | undefined;
};

export function StepList({ run, events, now, focus }: ListProps) {
  const top = shownOf(stepTree(run));
  return <Cards nodes={top} inAgent={false} look={{ run: run.run, events, now, focus }} />;
}

type CardsProps = { readonly nodes: readonly StepNode[]; readonly inAgent: boolean; readonly look: Look };

function Cards({ nodes, inAgent, look }: CardsProps) {
  const wanted = look.focus === undefined ? undefined : basePath(look.focus.path);
  const isAround = ({ step }: StepNode): boolean => {
    const base = basePath(step.path);
    return wanted === base || wanted?.startsWith(`${base}/`) === true;
  };
  const { first, left, last } = cutSteps(nodes, isAround);
  const cards = (some: readonly StepNode[]) =>
    some.map((node) => <StepCard key={node.step.path} node={node} inAgent={inAgent} look={look} />);
  return (
    <ol className="steps">
      {cards(first)}
      {left > 0 && (
        <li className="step-left">
          <a href={formatPlace({ kind: 'run', run: look.run })}>{tellCount(left)} more</a>
        </li>
      )}
      {cards(last)}
    </ol>
  );
}

/** Without what a person need not follow: a model call that went well belongs to its agent, as do a plan's own books. */
function shownOf(nodes: readonly StepNode[]): readonly StepNode[] {
  return nodes.flatMap((node) => {
    const { step, children } = node;
    if (isBookkeeping(step) || (step.kind === 'model' && step.status !== 'failed')) return [];
    // A step that is nothing but the frame of one agent says the same twice.
    const [only, ...others] = children.filter((child) => child.step.kind !== 'model');
    if (
      step.kind === 'step' &&
      only !== undefined &&
      others.length === 0 &&
      only.step.kind === 'agent' &&
      !node.discarded
    )
      return shownOf([only]);
    return [node];
  });
}

type Look = Omit<ListProps, 'run'> & { readonly run: string };
type CardProps = { readonly node: StepNode; readonly inAgent: boolean; readonly look: Look };

function StepCard({ node, inAgent, look }: CardProps) {
  const { step, discarded } = node;
  const base = basePath(step.path);
  const [isOpen, setOpen] = useState(false);
  const card = useRef<HTMLLIElement>(null);
  const wanted = look.focus !== undefined && basePath(look.focus.path) === base ? look.focus.count : 0;
  useEffect(() => {
    if (wanted === 0) return;
    setOpen(true);
    card.current?.scrollIntoView({ block: 'center' });
    card.current?.querySelector<HTMLElement>('button')?.focus({ preventScroll: true });
  }, [wanted]);
  const children = shownOf(node.children);
  return (
    <li ref={card} className={`step${discarded ? ' discarded' : ''}${wanted > 0 ? ' wanted' : ''}`}>
      <button type="button" className="step-head" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <StatusMark status={step.status} isWait={step.kind === 'wait'} />
        <span className="step-name">{nameOf(step, inAgent)}</span>
        <span className="step-kind">{step.kind === 'step' ? '' : step.kind}</span>
        <span className="step-said" title={step.waitEnded === undefined ? undefined : waitEndWords(step.waitEnded)}>
          {saidOf(node, look.now)}
        </span>
        <span className="step-time">{timeOf(step, look.now)}</span>
        <Icon name="fold" />
      </button>
      {isOpen && (
        <>
          <h3 className="unseen">{nameOf(step, inAgent)}</h3>
          <StepDetail step={step} events={look.events} />
        </>
      )}
      {children.length > 0 && <Cards nodes={children} inAgent={step.kind === 'agent'} look={look} />}
    </li>
  );
}

function nameOf(step: StepState, inAgent: boolean): string {
  const label = stepLabel(step, inAgent);
  return plainName(step.kind === 'step' ? label : label.slice(step.kind.length + 1));
}

function timeOf(step: StepState, now: number): string {
  if (step.status === 'retrying') return '';
  const isOpen = step.endedAt === undefined || step.status === 'open';
  return tellMs((isOpen ? now : (step.endedAt ?? now)) - step.startedAt);
}

function saidOf({ step, children }: StepNode, now: number): string {
  const again = step.attempt > 1 ? `attempt ${step.attempt}` : '';
  const parts = [again, standing(step, children, now)];
  return parts.filter((part) => part !== '').join(' · ');
}

function standing(step: StepState, children: readonly StepNode[], now: number): string {
  switch (step.status) {
    case 'retrying':
      return `failed, again in ${tellMs((step.retryAt ?? now) - now)}`;
    case 'failed':
      return step.error?.message ?? 'failed';
    case 'indoubt':
      return 'in doubt';
    case 'cancelled':
      return 'cancelled';
    case 'completed':
      return waitEndWords(step.waitEnded);
    default:
      return openWords(step, children);
  }
}

function openWords(step: StepState, children: readonly StepNode[]): string {
  // The form below the list says what it waits for.
  if (waitsForPerson(step)) return '';
  if (step.wait !== undefined) return 'waits for its time';
  const model = children.findLast((child) => child.step.kind === 'model')?.step;
  if (model === undefined || model.status !== 'open') return '';
  return model.text === '' ? 'thinking' : `…${model.text.slice(-70).replaceAll(/\s+/g, ' ')}`;
}
