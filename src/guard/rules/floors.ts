/**
 * Floors: who may import whom.
 *
 * GF1  A file is on the first floor whose pattern it matches; what is on no floor is free, and free to be imported.
 * GF2  What counts is the file that the import names, not what is behind a barrel.
 * GF3  `mayTypes` lets types through alone; `mayNot` names specifiers that the floor does without (`node:*`).
 * GF4  Folders of a floor with `siblings` don't import each other.
 */
import { configName, type FloorRule } from '../config.ts';
import type { LinkedImport, SourceFile } from '../concept.ts';
import { nameTest, pathTest } from '../globs.ts';
import { violationOf, type RuleInput, type Violation } from './rule.ts';

const rule = 'floors';

type Floor = FloorRule & {
  readonly has: (path: string) => boolean;
  readonly doesWithout: (specifier: string) => boolean;
  /** The folder whose folders are the siblings. */
  readonly folder: string;
};

export function floors({ config, tree }: RuleInput): readonly Violation[] {
  if (config.floors === undefined) return [];
  const { table, except = [], mode = 'fail' } = config.floors;
  const all = table.map((floor): Floor => ({
    ...floor,
    has: pathTest(floor.files),
    doesWithout: nameTest(floor.mayNot ?? []),
    folder: (floor.files[0] ?? '').replace(/[^/]*[*?[{].*$/, '').replace(/([^/])$/, '$1/'),
  }));
  const floorOf = (path: string): Floor | undefined => all.find(({ has }) => has(path));
  const isExcepted = pathTest(except);
  const found: Violation[] = [];
  for (const file of tree.files.values()) {
    const own = isExcepted(file.path) ? undefined : floorOf(file.path);
    if (own === undefined) continue;
    for (const linked of file.imports) {
      const other = linked.through === undefined ? undefined : floorOf(linked.through);
      const why = refusal(file, linked, own, other);
      if (why !== undefined) found.push(floorViolation(file, linked, why, mode));
    }
  }
  return found;
}

/** Why this import may not be, if it may not. */
function refusal(file: SourceFile, linked: LinkedImport, own: Floor, other: Floor | undefined): string | undefined {
  const { specifier, through, kind } = linked;
  if (through === undefined) {
    return own.doesWithout(specifier) ? `${own.name} may not import ${specifier}` : undefined;
  }
  if (other === undefined) return undefined;
  if (other.name === own.name) {
    return own.siblings === true && areSiblings(own.folder, file.path, through)
      ? `folders of ${own.name} are siblings, and one may not import another`
      : undefined;
  }
  if (own.may.includes(other.name)) return undefined;
  if (own.mayTypes?.includes(other.name) !== true) return `${own.name} may not import ${other.name}`;
  return kind === 'type' ? undefined : `${own.name} may import only types of ${other.name}`;
}

function areSiblings(folder: string, a: string, b: string): boolean {
  const [one, two] = [a, b].map((path) => path.slice(folder.length).split('/'));
  return one !== undefined && two !== undefined && one.length > 1 && two.length > 1 && one[0] !== two[0];
}

function floorViolation({ path }: SourceFile, linked: LinkedImport, why: string, mode: 'fail' | 'warn'): Violation {
  return violationOf(
    { rule, concept: rule, consumer: path, target: linked.through ?? linked.specifier },
    {
      mode,
      path,
      line: linked.span.line,
      message: `${why}: ${linked.specifier}.`,
      hint: `Move what both need down, or turn the call around. The floors are in ${configName}.`,
    },
  );
}
