/**
 * `guard.json`: what was decided for a code base, and what the guard holds it to.
 *
 * GJ1  Without the file everything works on its defaults; what it says is checked strictly, and an error names the line.
 * GJ2  Whatever is let pass says why: `allow` and `dismissed` don't load without a reason.
 * GJ3  A waiver may end (`until`); from the day after it no longer holds.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { clip, ValidationError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { nearestName } from '../core/names.ts';
import { lineOf, lineOfName, printJson } from './json-text.ts';

/** The name of the file, in the root of the code base. */
export const configName = 'guard.json';

const text = z.string().min(1);
const list = z.array(text);
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day, as 2027-01-31');
const mode = z.enum(['fail', 'warn']);

/** Why a rival may stay. */
const allowed = z.strictObject({
  unit: text,
  as: z.enum(['adapter', 'strategy', 'variant', 'platform', 'test', 'other']).optional(),
  why: text,
  until: day.optional(),
});

const waived = z.strictObject({ unit: text, why: text, until: day.optional() });

const conceptId = z
  .string()
  .regex(/^[\p{Ll}\p{Lo}\d]+([-@._]+[\p{Ll}\p{Lo}\d]+)*$/u, 'words in lower case with "-" between them');

const concept = z.strictObject({
  match: list.optional(),
  in: list.optional(),
  canonical: z.string().regex(/^[^#]+#[^#]+$/, 'PATH#NAME, as "src/engine.ts#Engine"'),
  /** The canonical unit is a type: whatever implements it needs a reason too. */
  contract: z.boolean().optional(),
  constructOnlyIn: list.optional(),
  /** How the factory is called: `PATH#function` or `PATH#Class.method`, with the arguments of the constructor. */
  construct: z
    .string()
    .regex(/^[^#]+#[^#]+$/, 'PATH#NAME, as "src/create-engine.ts#createEngine"')
    .optional(),
  mode: mode.optional(),
  allow: z.array(allowed).optional(),
});

const deprecated = z.strictObject({
  from: text,
  to: text.optional(),
  rename: z.boolean().optional(),
  mode: mode.optional(),
  say: text.optional(),
  allow: z.array(waived).optional(),
});

const floor = z.strictObject({
  name: text,
  files: list,
  may: list,
  mayTypes: list.optional(),
  mayNot: list.optional(),
  siblings: z.boolean().optional(),
});

const schema = z.strictObject({
  $schema: text.optional(),
  include: list.optional(),
  zones: z.partialRecord(z.enum(['test', 'example', 'generated', 'backup', 'ignore']), list).optional(),
  deployables: z
    .record(text, z.union([text, z.strictObject({ path: text, library: z.boolean().optional() })]))
    .optional(),
  vocabulary: z
    .strictObject({ vacuous: list.optional(), scope: list.optional(), roles: z.array(list).optional() })
    .optional(),
  concepts: z.record(conceptId, concept).optional(),
  deprecated: z.array(deprecated).optional(),
  moduleState: z.strictObject({ in: list, mode: mode.optional(), allow: z.array(waived).optional() }).optional(),
  files: z.strictObject({ forbid: list, mode: mode.optional(), allow: z.array(waived).optional() }).optional(),
  floors: z.strictObject({ except: list.optional(), mode: mode.optional(), table: z.array(floor) }).optional(),
  dismissed: z.array(z.strictObject({ concept: text, units: list.optional(), why: text })).optional(),
  /** Commands that tell whether the code base still works, for `verify`. */
  verify: list.optional(),
  baseline: text.optional(),
});

/** What `guard.json` says. Everything may be left out. */
export type GuardConfig = z.infer<typeof schema>;
export type DeclaredConcept = z.infer<typeof concept>;
export type Deprecation = z.infer<typeof deprecated>;
export type FloorRule = z.infer<typeof floor>;
export type Waiver = z.infer<typeof waived>;

/** Whether a rule fails the check or only warns. */
export type Mode = z.infer<typeof mode>;

/** Where the baseline is if `guard.json` does not say. */
export const baselineFolder = '.guard/baseline';

/** Names that the baseline uses for what belongs to no concept. */
export const ruleConcepts = ['deprecated-import', 'module-state', 'forbidden-files', 'floors'] as const;

/**
 * Reads `guard.json` of a code base; one without the file has an empty configuration.
 * Throws a ValidationError that names the line of what is wrong, and what was probably meant.
 */
export async function readConfig(root: string): Promise<GuardConfig> {
  const content = await readConfigText(root);
  return content === undefined ? {} : parseConfig(content);
}

/** The file's text; undefined where there is none. */
export async function readConfigText(root: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, configName), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') {
      throw new ValidationError(`${root} is no folder.`, { hint: 'Give the root of a code base.', cause: error });
    }
    throw new ValidationError(`${configName} can't be read: ${(error as Error).message}.`, {
      hint: `Make ${configName} a file that you may read, or remove it.`,
      cause: error,
    });
  }
}

/** The configuration in `content`. */
export function parseConfig(content: string): GuardConfig {
  const { success, data, error } = schema.safeParse(parseText(content));
  const issue = error?.issues[0];
  if (!success || issue !== undefined) throw refusal(content, issue);
  const taken = Object.keys(data.concepts ?? {}).find((id) => ruleConcepts.some((rule) => rule === id));
  if (taken !== undefined) {
    throw wrong(
      lineOf(content, ['concepts', taken]),
      `"${taken}" is the name of a rule`,
      'Name the concept differently.',
    );
  }
  return data;
}

/** The file's text for a configuration. It is checked first, so that what is written can be read. */
export function printConfig(config: GuardConfig): string {
  const printed = printJson(config as Json);
  parseConfig(printed);
  return printed;
}

function parseText(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    const { message } = error as Error;
    const at = /position (\d+)/.exec(message)?.[1];
    const line = content.slice(0, at === undefined ? content.length : Number(at)).split('\n').length;
    throw wrong(line, `it is no JSON (${clip(message, 120)})`, 'JSON has no comments and no comma before a bracket.');
  }
}

function wrong(line: number, what: string, hint?: string): ValidationError {
  return new ValidationError(`${configName}, line ${line}: ${what}.`, hint === undefined ? {} : { hint });
}

type Issue = z.core.$ZodIssue;

function refusal(content: string, issue: Issue | undefined): ValidationError {
  if (issue === undefined) return wrong(1, 'it is not as it should be');
  const place = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = namesAt(issue.path);
    const near = nearestName(key, known);
    const where = place === '' ? '' : ` of \`${place}\``;
    const hint = near === undefined ? `There is: ${known.join(', ')}.` : `Did you mean "${near}"?`;
    return wrong(lineOfName(content, issue.path, key), `there is no member "${clip(key)}"${where}`, hint);
  }
  const line = lineOf(content, issue.path);
  const last = issue.path.at(-1);
  if (last === 'why') {
    return wrong(line, `\`${place}\` is missing`, 'What is let pass says why, for whoever reads it in a year.');
  }
  if (issue.code === 'invalid_key') {
    return wrong(
      line,
      `"${clip(String(last))}" can't be the name of a concept`,
      `Write ${issue.issues[0]?.message ?? 'another'}.`,
    );
  }
  const [what, hint] = wordsOf(issue);
  return wrong(line, `\`${place === '' ? configName : place}\` ${what}`, hint);
}

function wordsOf(issue: Issue): readonly [string, string | undefined] {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('undefined')
        ? ['is missing', undefined]
        : [`must be of type ${issue.expected}`, undefined];
    case 'invalid_value':
      return [`must be one of ${issue.values.map(String).join(', ')}`, undefined];
    case 'invalid_format':
      return [`must be ${issue.message}`, undefined];
    case 'too_small':
      return ['must not be empty', undefined];
    default:
      return [`is not as it should be: ${issue.message}`, undefined];
  }
}

/** The names that an object at `place` may have, for "did you mean". */
function namesAt(place: readonly PropertyKey[]): readonly string[] {
  let at: unknown = schema;
  for (const part of place) {
    at = unwrapped(at);
    if (at instanceof z.ZodObject) at = (at.shape as Record<PropertyKey, unknown>)[part];
    else if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodRecord) at = at.valueType;
    else return [];
  }
  const found = unwrapped(at);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrapped(type: unknown): unknown {
  return type instanceof z.ZodOptional ? type.unwrap() : type;
}

/** Does a waiver hold on this day (GJ3)? `today` as 2026-11-22. */
export function holds(waiver: { readonly until?: string | undefined }, today: string): boolean {
  return waiver.until === undefined || today <= waiver.until;
}
