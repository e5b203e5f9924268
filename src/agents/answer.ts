/**
 * An answer for people, as data: what a page draws and a terminal prints, with the source of each figure.
 *
 * AN1  Values are text, written as people read them: an answer computes nothing, so no two places can round differently.
 * AN2  What was computed says by which call: `source` is the path of a step of the run.
 */

/** A number with a name, as it is shown. */
export type AnswerFigure = {
  readonly label: string;
  readonly value: string;
  /** The path of the tool call that computed it, and the mark it has in print: `[1]`. */
  readonly source?: string;
  readonly mark?: number;
  /** What it assumes, or which part of the data it is of. */
  readonly notes?: readonly string[];
};

/** How a column is headed, and on which side its cells stand: numbers at the end. */
export type AnswerColumn = { readonly label: string; readonly align: 'start' | 'end' };

/** One piece of an answer. */
export type AnswerBlock =
  | { readonly kind: 'text'; readonly markdown: string }
  | { readonly kind: 'figures'; readonly figures: readonly AnswerFigure[] }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly columns: readonly AnswerColumn[];
      readonly rows: readonly (readonly string[])[];
      readonly source?: string;
      readonly mark?: number;
      readonly notes?: readonly string[];
    }
  | {
      readonly kind: 'chart';
      readonly caption: string;
      /** `bars` compares names, `line` follows an order, mostly time. */
      readonly form: 'bars' | 'line';
      /** `value` draws, `shown` is what is read. */
      readonly points: readonly { readonly label: string; readonly value: number; readonly shown: string }[];
      readonly source?: string;
      readonly mark?: number;
      readonly notes?: readonly string[];
    };

/** A part of an answer under a title of its own. */
export type AnswerSection = { readonly title: string; readonly blocks: readonly AnswerBlock[] };

/** An answer in sections. `notices` are said first: why it rests on less than was asked for. */
export type Answer = {
  readonly title: string;
  readonly notices: readonly string[];
  readonly sections: readonly AnswerSection[];
};
