/**
 * What agents are asked with: words for a model, and the same facts as JSON lines that rules read back.
 */
import type { ModelRequest } from 'cantus';
import { lastUserText } from 'cantus';
import { topics, type Topic } from '../analysis/sufficiency.ts';
import { oneLine } from '../report-format.ts';
import { datasetRefSchema, type DatasetRef } from '../data/source.ts';

export type Ask = {
  readonly question: string;
  readonly data: DatasetRef | null;
  readonly topics: readonly Topic[];
  /** What earlier steps found, by name; left out where there is nothing. */
  readonly findings?: Readonly<Record<string, unknown>>;
  /** What didn't work before. */
  readonly problems?: readonly string[];
};

/** The text of an ask. */
export function tellAsk({ question, data, topics: about, findings = {}, problems = [] }: Ask): string {
  const lines = [
    `Question: ${oneLine(question)}`,
    `Data reference (pass it on unchanged as "data"): ${JSON.stringify(data)}`,
    `Topics: ${JSON.stringify(about)}`,
  ];
  for (const [name, finding] of Object.entries(findings)) lines.push(`Finding ${name}: ${JSON.stringify(finding)}`);
  for (const problem of problems) lines.push(`Problem: ${oneLine(problem)}`);
  return lines.join('\n');
}

function valueOf(request: ModelRequest, label: string): unknown {
  const line = lastUserText(request)
    .split('\n')
    .find((text) => text.startsWith(`${label}: `));
  return line === undefined ? undefined : JSON.parse(line.slice(label.length + 2));
}

/** The question of an ask. */
export function questionOf(request: ModelRequest): string {
  return /^Question: (.*)$/mu.exec(lastUserText(request))?.[1] ?? '';
}

/** The data reference of an ask; null if there is no data. */
export function dataOf(request: ModelRequest): DatasetRef | null {
  const value = valueOf(request, 'Data reference (pass it on unchanged as "data")');
  return value === null || value === undefined ? null : datasetRefSchema.parse(value);
}

export function topicsOf(request: ModelRequest): Topic[] {
  const value = valueOf(request, 'Topics');
  return Array.isArray(value) ? topics.filter((topic) => value.includes(topic)) : [];
}

/** A finding that an earlier step put into the ask. */
export function findingOf(request: ModelRequest, name: string): unknown {
  return valueOf(request, `Finding ${name}`);
}
