import { manyLines } from '../core/plain-text.ts';

const linesMax = 12;

/** How the output of a command ends, indented: that says most of why it failed (TX1). */
export function lastLines(output: string): string {
  const lines = manyLines(output).trimEnd().split('\n').slice(-linesMax);
  return lines.map((line) => `    ${line}`).join('\n');
}
