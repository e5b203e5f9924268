/**
 * generate_report: assembles the report from evidence. It computes nothing, so every figure is one that a tool
 * returned, and carries the path of that call.
 */
import { defineTool, ValidationError } from 'cantus';
import { z } from 'zod';
import { missingSchema, reportSchema, sectionSchema, type Missing, type Report, type Section } from '../report.ts';
import { unsupportedNumbers } from './report-numbers.ts';
import { SectionDraft } from './report-sections.ts';
import { showings } from './report-showings.ts';

export const evidenceSchema = z.object({
  /** The path of the tool call in its run. */
  path: z.string().min(1),
  tool: z.string().min(1),
  output: z.unknown(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const noteSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** What an agent says. A number in it that no evidence has makes the report degraded, and is named there. */
  text: z.string(),
});

export const reportInputSchema = z.object({
  question: z.string(),
  kind: reportSchema.shape.kind,
  evidence: z.array(evidenceSchema),
  notes: z.array(noteSchema),
  /** What didn't go as planned: failed steps, fallbacks. */
  degraded: z.array(z.string()),
  missing: z.array(missingSchema),
  /** Ids of sections that follow the summary: what was asked comes first. */
  first: z.array(z.string()).optional(),
});
export type ReportInput = z.infer<typeof reportInputSchema>;

const titles: { readonly [K in Report['kind']]: string } = {
  full_report: 'AI cost and usage report',
  partial_report: 'AI cost and usage report (partial)',
  guidance_report: 'What is needed to analyze your AI costs',
  fallback_report: 'What can be said without an analysis',
};

export const generateReport = defineTool({
  name: 'generate_report',
  description: 'Assembles the final report from the outputs of other tools. Computes no figures of its own.',
  effect: 'read',
  input: reportInputSchema,
  output: reportSchema,
  run: (call) => assembleReport(call.input),
});

/** Throws a ValidationError for evidence that is not an output of the tool it names. */
export function assembleReport(input: ReportInput): Report {
  const sections = new Map<string, Section>();
  const missing = new Map<string, Missing>();
  const assumptions = new Set<string>();
  // The agents' words come first: the figures behind them follow.
  const degraded = [...input.degraded];
  const outputs = input.evidence.map((entry) => entry.output);
  for (const note of input.notes) {
    const invented = unsupportedNumbers(note.text, outputs);
    if (invented.length > 0)
      degraded.push(`"${note.title}" has numbers that no tool computed: ${invented.join(', ')}.`);
    sections.set(`note.${note.id}`, {
      id: `note.${note.id}`,
      title: note.title,
      blocks: [note.text, ...inventedWarning(invented)].map((text) => ({ kind: 'text', text })),
    });
  }
  const evidence: Report['evidence'] = [];
  input.evidence.forEach(({ path, tool, output }, index) => {
    const mark = index + 1;
    evidence.push({ mark, tool, path });
    const draft = drawEvidence({ path, tool, output }, mark, textOf(sections));
    if (draft === undefined) return;
    const { section, drawn } = draft;
    const into = sections.get(section.id) ?? { ...section, blocks: [] };
    into.blocks.push(...drawn.blocks);
    sections.set(section.id, into);
    for (const gap of drawn.missing) if (!missing.has(gap.what)) missing.set(gap.what, gap);
    for (const text of drawn.assumptions) assumptions.add(text);
  });
  for (const gap of input.missing) if (!missing.has(gap.what)) missing.set(gap.what, gap);
  return {
    title: titles[input.kind],
    question: input.question,
    kind: input.kind,
    sections: ordered([...sections.values()], input.first ?? []),
    missing: [...missing.values()],
    assumptions: [...assumptions],
    degraded,
    evidence,
  };
}

/** The summary, what is asked for, then the others as they came. Empty sections are left out. */
function ordered(sections: readonly Section[], first: readonly string[]): Section[] {
  const order = ['note.summary', ...first];
  const place = ({ id }: Section): number => (order.includes(id) ? order.indexOf(id) : order.length);
  return sections.filter(({ blocks }) => blocks.length > 0).toSorted((a, b) => place(a) - place(b));
}

/** Beside the words too: above the report it is read too early, and the marks of tools stand under the words. */
function inventedWarning(invented: readonly string[]): string[] {
  return invented.length === 0 ? [] : [`No tool computed: ${invented.join(', ')}.`];
}

function textOf(sections: ReadonlyMap<string, Section>): string {
  const blocks = [...sections.values()].flatMap((section) => section.blocks);
  return blocks.flatMap((block) => (block.kind === 'text' ? [block.text] : [])).join('\n');
}

function drawEvidence(
  { path, tool, output }: Evidence,
  mark: number,
  told: string,
): { section: Pick<z.infer<typeof sectionSchema>, 'id' | 'title'>; drawn: SectionDraft } | undefined {
  const showing = showings.get(tool);
  if (showing === undefined) return undefined;
  const drawn = new SectionDraft(mark, `${showing.section.id}.${mark}`, told);
  try {
    showing.show(output, drawn);
  } catch (thrown) {
    if (!(thrown instanceof z.ZodError)) throw thrown;
    throw new ValidationError(`The evidence at ${path} is not an output of the tool ${tool}.`, {
      hint: 'Pass on what the tool returned, unchanged.',
      cause: thrown,
    });
  }
  return { section: showing.section, drawn };
}
