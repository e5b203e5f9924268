/**
 * What is being written, by the place it is written in: a conversation, or the start page.
 *
 * DF1  What was refused comes back to where it was written: the words, the files and the options, with the reason.
 * DF2  Nothing is written over: what stands there by now stays, behind what comes back.
 * DF3  Words and what is asked are kept in the browser; options last as long as the page.
 */
import type { ErrorInfo } from '../core/errors.ts';
import type { OptionValue, OptionValues } from './option-values.ts';

export type Draft = {
  readonly text: string;
  readonly options: OptionValues;
  /** The workflow or agent that somebody chose to ask. */
  readonly workflow: string | undefined;
  /** Why it came back. */
  readonly refused: ErrorInfo | undefined;
};

/** Where words are kept between visits, as `kept.ts` does it. */
export type Keep = {
  readonly read: (name: string) => string | undefined;
  readonly write: (name: string, value: string | undefined) => void;
};

export class Drafts {
  readonly #keep: Keep;
  readonly #owner: { readonly tenant: string; readonly user: string };
  readonly #drafts = new Map<string, Draft>();
  readonly #listeners = new Set<() => void>();

  constructor(keep: Keep, owner: { readonly tenant: string; readonly user: string }) {
    this.#keep = keep;
    this.#owner = owner;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same object until it changes. */
  read(place: string): Draft {
    const known = this.#drafts.get(place);
    if (known !== undefined) return known;
    const text = this.#keep.read(this.#textName(place)) ?? '';
    const workflow = this.#keep.read(this.#workflowName(place));
    const draft: Draft = { text, options: {}, workflow, refused: undefined };
    this.#drafts.set(place, draft);
    return draft;
  }

  change(place: string, change: Partial<Draft>): void {
    const draft = { ...this.read(place), ...change };
    this.#drafts.set(place, draft);
    this.#keep.write(this.#textName(place), draft.text === '' ? undefined : draft.text);
    this.#keep.write(this.#workflowName(place), draft.workflow);
    for (const listener of this.#listeners) listener();
  }

  /** Gives an option a value, or with `undefined` takes it away. What was said of the values before is no longer so. */
  setOption(place: string, name: string, value: OptionValue | undefined): void {
    const rest = Object.entries(this.read(place).options).filter(([other]) => other !== name);
    const options = Object.fromEntries(value === undefined ? rest : [...rest, [name, value]]);
    this.change(place, { options, refused: undefined });
  }

  /** DF1, DF2. */
  giveBack(place: string, back: Omit<Draft, 'workflow'> & Partial<Pick<Draft, 'workflow'>>): void {
    const now = this.read(place);
    const text = [back.text, now.text].filter((part) => part !== '').join('\n\n');
    const workflow = now.workflow ?? back.workflow;
    this.change(place, { text, options: { ...back.options, ...now.options }, workflow, refused: back.refused });
  }

  /** As its conversation is gone. */
  forget(place: string): void {
    this.#drafts.delete(place);
    this.#keep.write(this.#textName(place), undefined);
    this.#keep.write(this.#workflowName(place), undefined);
  }

  #textName(place: string): string {
    return `${draftsName(this.#owner)}${place}`;
  }

  #workflowName(place: string): string {
    return `${this.#textName(place)}/asks`;
  }
}

/** How the names of all of a user's drafts begin. */
export function draftsName({ tenant, user }: { readonly tenant: string; readonly user: string }): string {
  return `draft.${tenant}/${user}/`;
}
