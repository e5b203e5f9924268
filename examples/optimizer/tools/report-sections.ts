/** Turns the output of each tool into blocks of a report. Chooses and labels figures; computes none. */
import type { z } from 'zod';
import type { Basis, Finding } from '../analysis/finding.ts';
import type { Block, ChartBlock, Figure, Missing, Section, TableBlock } from '../report.ts';
import type { Cell, Unit } from '../report-format.ts';

/** Gathers the blocks, gaps and assumptions of one tool call. */
export class SectionDraft {
  readonly blocks: Block[] = [];
  readonly missing: Missing[] = [];
  readonly assumptions: string[] = [];
  readonly #told: string;
  readonly #mark: number;
  readonly #prefix: string;

  /** `told` is what the report says before. */
  constructor(mark: number, prefix: string, told = '') {
    this.#told = told;
    this.#mark = mark;
    this.#prefix = prefix;
  }

  text(text: string): void {
    this.blocks.push({ kind: 'text', text });
  }

  /** What speaks against a figure: once beside one, and always among the assumptions. */
  caveat(caveat: string): void {
    this.assumptions.push(caveat);
    const drawn = this.blocks.some((block) => block.kind === 'text' && block.text.includes(caveat));
    if (!drawn && !this.#told.includes(caveat)) this.text(caveat);
  }

  /** Figures of one finding, or the gap it leaves. */
  figures<Value>(what: string, finding: Finding<Value>, pick: (value: Value) => readonly FigureFacts[]): void {
    if (!finding.computable) this.gap(what, finding);
    else this.#push(pick(finding.value), finding.basis);
  }

  /** Figures that rest on the dataset as a whole. */
  facts(facts: readonly FigureFacts[]): void {
    this.#push(facts, undefined);
  }

  table<Value>(what: string, finding: Finding<Value>, pick: (value: Value) => TableFacts): void {
    if (!finding.computable) {
      this.gap(what, finding);
      return;
    }
    const { id, caption, columns, rows } = pick(finding.value);
    if (rows.length === 0) return;
    this.#note(finding.basis);
    const heads = columns.map(([label, unit]) => ({ label, unit }));
    const table: TableBlock = {
      kind: 'table',
      id: `${this.#prefix}.${id}`,
      caption,
      columns: heads,
      rows: rows.map((row) => [...row]),
      mark: this.#mark,
      assumptions: finding.basis.assumptions,
    };
    this.blocks.push(table);
  }

  /** A chart of one finding. A gap is left by the figures or the table of the same finding. */
  chart<Value>(finding: Finding<Value>, pick: (value: Value) => ChartFacts): void {
    if (!finding.computable) return;
    const { id, points, ...look } = pick(finding.value);
    // One point has nothing to be compared with.
    if (points.length < 2) return;
    this.#note(finding.basis);
    this.blocks.push({
      kind: 'chart',
      id: `${this.#prefix}.${id}`,
      ...look,
      points: points.map(([label, value]) => ({ label, value })),
      mark: this.#mark,
      assumptions: finding.basis.assumptions,
    });
  }

  gap(what: string, { why, needs }: { readonly why: string; readonly needs: readonly string[] }): void {
    this.missing.push({ what, why, needs: [...needs] });
  }

  #push(facts: readonly FigureFacts[], basis: Basis | undefined): void {
    if (basis !== undefined) this.#note(basis);
    const all = basis === undefined || basis.rows === basis.of;
    const figures: Figure[] = facts.map(([id, label, value, unit]) => ({
      id: `${this.#prefix}.${id}`,
      label,
      value,
      unit,
      mark: this.#mark,
      assumptions: basis?.assumptions ?? [],
      rows: all ? null : { used: basis.rows, of: basis.of },
    }));
    if (figures.length > 0) this.blocks.push({ kind: 'figures', figures });
  }

  #note(basis: Basis): void {
    this.assumptions.push(...basis.assumptions);
  }
}

export type FigureFacts = readonly [id: string, label: string, value: Cell, unit: Unit];
export type TableFacts = {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly (readonly [label: string, unit: Unit])[];
  readonly rows: readonly (readonly Cell[])[];
};

export type ChartFacts = Pick<ChartBlock, 'id' | 'caption' | 'form' | 'unit'> & {
  readonly points: readonly (readonly [label: string, value: number])[];
};

/** How the outputs of one tool are shown. */
export type Showing = {
  readonly section: Pick<Section, 'id' | 'title'>;
  /** Parses the output with the tool's own schema, then drafts. */
  show(output: unknown, draft: SectionDraft): void;
};

/** Pairs a tool's schema with what shows its output. */
export function showing<Schema extends z.ZodType>(
  section: Pick<Section, 'id' | 'title'>,
  schema: Schema,
  draw: (output: z.infer<Schema>, draft: SectionDraft) => void,
): Showing {
  return { section, show: (output, draft) => draw(schema.parse(output), draft) };
}
