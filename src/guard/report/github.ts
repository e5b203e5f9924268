/** Annotations of GitHub Actions: a line each on stdout, which GitHub shows at the code. */
import type { Finding, Level } from './finding.ts';

const commands: Readonly<Record<Level, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** What the baseline knows is not annotated: it is nobody's change. */
export function githubAnnotations(findings: readonly Finding[]): string {
  return findings
    .filter(({ isKnown }) => !isKnown)
    .map(({ level, path, line, rule, concept, message, hint }) => {
      const title = rule === concept ? rule : `${rule}: ${concept}`;
      return `::${commands[level]} file=${property(path)},line=${line},title=${property(title)}::${data(`${message}\n${hint}`)}\n`;
    })
    .join('');
}

/** What would end the command or split it is written as GitHub reads it back. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
