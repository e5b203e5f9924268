/** What a question goes to, where an app serves several workflows and agents. */
import type { AppInfo } from '../protocol/operations.ts';

type Served = AppInfo['serves'][number];
type ServingApp = Pick<AppInfo, 'serves' | 'default'>;

/** Each once by name: several versions of a workflow are one to a person. */
export function choicesOf({ serves }: ServingApp): readonly Served[] {
  return serves.filter(({ name }, at) => serves.findIndex((other) => other.name === name) === at);
}

/**
 * What is asked: what somebody chose, else the app's default, else what was asked before in the conversation, else the
 * first. A name that is no longer served is passed over.
 */
export function askedRunnable(app: ServingApp, chosen: string | undefined, before: string | undefined) {
  const choices = choicesOf(app);
  const wanted = [chosen, app.default, before].find((name) => choices.some((one) => one.name === name));
  return choices.find(({ name }) => name === wanted) ?? choices[0];
}
