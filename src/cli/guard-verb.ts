/** What the commands of the guard do. Data on stdout, remarks on stderr, as everywhere (SN1). */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EngineError, ValidationError } from '../core/errors.ts';
import { nearestName } from '../core/names.ts';
import { oneLine } from '../core/plain-text.ts';
import { tellMany } from '../core/units.ts';
import { assertFolder, checkAudit, openAudit, rootOf, type Audit } from '../guard/audit.ts';
import { accept, prune, readBaseline, writeBaseline } from '../guard/baseline.ts';
import { adviceOf, guardExitCodes } from '../guard/check.ts';
import { baselineFolder, configName, readConfig } from '../guard/config.ts';
import { decide } from '../guard/decide.ts';
import { dismiss } from '../guard/dismiss.ts';
import { explainOfAudit } from '../guard/explain.ts';
import { init, saveConfig } from '../guard/init.ts';
import { adviceFindings, findingsOf } from '../guard/report/finding.ts';
import { githubAnnotations } from '../guard/report/github.ts';
import { checkJson, explainJson, scanJson } from '../guard/report/json.ts';
import { checkMarkdown, scanMarkdown } from '../guard/report/markdown.ts';
import { sarif } from '../guard/report/sarif.ts';
import { checkText } from '../guard/report/check-text.ts';
import { explainText } from '../guard/report/explain-text.ts';
import { scanText } from '../guard/report/scan-text.ts';
import type { TextScreen } from '../guard/report/text.ts';
import type { Host } from './host.ts';
import { openScreen, type Screen } from './screen.ts';

export type GuardFlags = {
  readonly root?: string;
  readonly cache?: boolean;
  readonly all?: true;
  readonly format?: 'text' | 'json' | 'sarif' | 'github' | 'markdown';
  readonly json?: true;
  readonly sarif?: string;
  readonly markdown?: string;
  readonly why?: string;
  readonly quiet?: boolean;
  readonly color?: boolean;
};

// --- finding ---------------------------------------------------------------------------------------------------------

/** `guard scan`. What is declared or dismissed is nobody's news, and is told with `--all` alone. */
export async function scanVerb(host: Host, flags: GuardFlags): Promise<number> {
  const { scan, config } = await auditOf(host, flags);
  const concepts = flags.all === true ? scan.concepts : adviceOf(scan, config);
  const screen = openScreen(host, flags);
  switch (formatOf(flags)) {
    case 'json':
      screen.give(JSON.stringify(scanJson(scan, concepts), null, 2));
      break;
    case 'sarif':
      screen.give(JSON.stringify(sarif(adviceFindings(concepts, scan.tree), host.version), null, 2));
      break;
    case 'markdown':
      screen.give(scanMarkdown(concepts));
      break;
    default:
      screen.give(scanText(scan, concepts, textScreen(host, screen)));
  }
  return guardExitCodes.clean;
}

/** `guard explain`. */
export async function explainVerb(host: Host, flags: GuardFlags, id: string): Promise<number> {
  const audit = await auditOf(host, flags);
  const screen = openScreen(host, flags);
  const explanation = explainOfAudit(audit, id);
  if (flags.json === true) screen.give(JSON.stringify(explainJson(explanation, audit.scan.tree), null, 2));
  else screen.give(explainText(explanation, textScreen(host, screen)));
  return guardExitCodes.clean;
}

// --- deciding --------------------------------------------------------------------------------------------------------

/** `guard init`. */
export async function initVerb(host: Host, flags: GuardFlags): Promise<number> {
  const root = resolve(host.folder, flags.root ?? '.');
  assertFolder(root);
  await written(configName, () => init(root));
  const screen = openScreen(host, flags);
  screen.remark(`Wrote ${join(root, configName)}. Nothing in it fails a check yet.`);
  screen.remark(`next: ${host.program} guard scan`);
  return guardExitCodes.clean;
}

/** `guard decide`. */
export async function decideConcept(
  host: Host,
  flags: GuardFlags,
  { concept, unit }: { readonly concept: string; readonly unit: string },
): Promise<number> {
  const { root, scan, config } = await auditOf(host, flags);
  const { config: decided, id, canonical, others } = decide(scan, config, concept, unit);
  await written(configName, () => saveConfig(root, decided));
  const screen = openScreen(host, flags);
  if (flags.json === true) screen.give(JSON.stringify({ concept: id, canonical: canonical.id, others }, null, 2));
  screen.remark(`${id}: the one implementation is ${canonical.id}.`);
  for (const other of others) screen.remark(`  to go: ${other}`);
  if (others.length > 0) {
    screen.remark(
      `next: ${host.program} guard baseline accept ${id} --why "..."   so that only new ones fail the check`,
    );
  }
  return guardExitCodes.clean;
}

/** `guard dismiss`. */
export async function dismissConcept(host: Host, flags: GuardFlags, concept: string): Promise<number> {
  const { root, scan, config } = await auditOf(host, flags);
  const dismissed = dismiss(scan, config, concept, flags.why ?? '');
  await written(configName, () => saveConfig(root, dismissed));
  openScreen(host, flags).remark(`${concept} is dismissed in ${configName}, until another unit joins it.`);
  return guardExitCodes.clean;
}

// --- checking --------------------------------------------------------------------------------------------------------

/** `guard check`. */
export async function checkVerb(host: Host, flags: GuardFlags): Promise<number> {
  const audit = await auditOf(host, flags);
  const report = checkAudit(audit, todayOf(host));
  const findings = findingsOf(report, audit.scan.tree, audit.baselineFolder);
  const screen = openScreen(host, flags);
  const sarifText = (): string => `${JSON.stringify(sarif(findings, host.version), null, 2)}\n`;
  if (flags.sarif !== undefined) await writeReport(host, flags.sarif, sarifText());
  if (flags.markdown !== undefined) await writeReport(host, flags.markdown, checkMarkdown(report, findings));
  switch (formatOf(flags)) {
    case 'json':
      screen.give(JSON.stringify(checkJson(report, findings), null, 2));
      break;
    case 'sarif':
      screen.give(sarifText());
      break;
    case 'github':
      screen.give(
        githubAnnotations(findings) + checkText(report, [], { ...textScreen(host, screen), columns: undefined }),
      );
      break;
    case 'markdown':
      screen.give(checkMarkdown(report, findings));
      break;
    default:
      screen.give(checkText(report, findings, textScreen(host, screen)));
  }
  return report.exitCode;
}

/** Writes what an option asked for. */
export async function writeReport(host: Host, file: string, text: string): Promise<void> {
  await written(file, () => writeFile(resolve(host.folder, file), text));
}

/** A place that can't be written to is a wrong command (GX3). */
async function written(place: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (EngineError.is(error)) throw error;
    throw new ValidationError(`${place} can't be written: ${(error as Error).message}.`, {
      hint: 'It takes a folder that is there, and that you may write to.',
      cause: error,
    });
  }
}

/** `guard baseline`. */
export async function listBaseline(host: Host, flags: GuardFlags): Promise<number> {
  const root = rootFor(host, flags);
  const config = await readConfig(root);
  const baseline = await readBaseline(join(root, config.baseline ?? baselineFolder));
  const screen = openScreen(host, flags);
  if (flags.json === true) {
    screen.give(JSON.stringify(Object.fromEntries(baseline), null, 2));
    return guardExitCodes.clean;
  }
  for (const [concept, known] of baseline) {
    screen.give(`${screen.paintOut('bold', concept)}  ${known.length}`);
    for (const { key, why } of known) screen.give(`  ${oneLine(key)}\n    ${screen.paintOut('dim', oneLine(why))}`);
  }
  if (baseline.size === 0) screen.remark('The baseline is empty.');
  return guardExitCodes.clean;
}

/** `guard baseline accept`. */
export async function acceptBaseline(host: Host, flags: GuardFlags, concept: string | undefined): Promise<number> {
  const audit = await auditOf(host, flags);
  const { failures } = checkAudit(audit, todayOf(host));
  const meant = failures.filter((violation) => concept === undefined || violation.concept === concept);
  const screen = openScreen(host, flags);
  if (meant.length === 0) refuseUnknown(audit, concept);
  const accepted = accept(audit.baseline, meant, flags.why ?? '');
  await written(audit.baselineFolder, () => writeBaseline(join(audit.root, audit.baselineFolder), accepted));
  screen.remark(
    `${tellMany(meant.length, 'violation')} taken into ${audit.baselineFolder}: commit it. The check fails when another one comes, and when one goes.`,
  );
  return guardExitCodes.clean;
}

function refuseUnknown({ config }: Audit, concept: string | undefined): void {
  const ids = Object.keys(config.concepts ?? {});
  if (concept === undefined || ids.includes(concept)) return;
  const near = nearestName(concept, ids);
  throw new ValidationError(`Nothing of "${concept}" fails, and ${configName} has no such concept.`, {
    hint: near === undefined ? `See what fails: cantus guard check.` : `Did you mean "${near}"?`,
  });
}

/** `guard baseline prune`. */
export async function pruneBaseline(host: Host, flags: GuardFlags): Promise<number> {
  const audit = await auditOf(host, flags);
  const { stale } = checkAudit(audit, todayOf(host));
  const pruned = prune(audit.baseline, stale);
  await written(audit.baselineFolder, () => writeBaseline(join(audit.root, audit.baselineFolder), pruned));
  openScreen(host, flags).remark(`${tellMany(stale.length, 'key')} taken out of ${audit.baselineFolder}.`);
  return guardExitCodes.clean;
}

// --- what they share -------------------------------------------------------------------------------------------------

/** The code base that is meant. */
export function rootFor({ folder }: Host, { root }: GuardFlags): string {
  if (root === undefined) return rootOf(folder);
  const given = resolve(folder, root);
  assertFolder(given);
  return given;
}

/** Reads it. */
export async function auditOf(host: Host, flags: GuardFlags): Promise<Audit> {
  return await openAudit(rootFor(host, flags), cacheOf(flags));
}

/** What `--no-cache` asks for. */
export function cacheOf({ cache }: GuardFlags): { readonly cache?: false } {
  return cache === false ? { cache } : {};
}

function formatOf({ json, format = 'text' }: GuardFlags): NonNullable<GuardFlags['format']> {
  return json === true ? 'json' : format;
}

/** As 2026-11-22. */
export function todayOf({ clock }: Host): string {
  return new Date(clock.now()).toISOString().slice(0, 10);
}

/** The terminal, as a report wants it. */
export function textScreen({ out, program }: Host, { paintOut }: Screen): TextScreen {
  return { columns: out.tty ? out.columns : undefined, paint: paintOut, program };
}
