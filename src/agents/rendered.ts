/** An output for people, as its app renders it: the same words at every door. */
import type { Json } from '../core/json.ts';
import type { Answer } from './answer.ts';
import { answerMarkdown } from './answer-text.ts';
import type { App } from './app.ts';
import { agentWorkflowPrefix } from './workflow.ts';

/** `answer` is null where the app renders text. */
export type Rendered = { readonly answer: Answer | null; readonly markdown: string };

/**
 * Renders the output of a run of the app's own workflows. Undefined where the app has no words for it, as for the
 * answers of agents. Throws what `render` throws.
 */
export function renderedBy(app: App, workflow: string, output: Json): Rendered | undefined {
  if (app.render === undefined || workflow.startsWith(agentWorkflowPrefix)) return undefined;
  const rendered: unknown = app.render(output, workflow);
  if (typeof rendered === 'string') return { answer: null, markdown: rendered };
  if (!isAnswer(rendered)) return undefined;
  return { answer: rendered, markdown: answerMarkdown(rendered) };
}

/** An app may be plain JavaScript. */
function isAnswer(value: unknown): value is Answer {
  if (typeof value !== 'object' || value === null) return false;
  const { title, notices, sections } = value as Partial<Answer>;
  return typeof title === 'string' && Array.isArray(notices) && Array.isArray(sections);
}
