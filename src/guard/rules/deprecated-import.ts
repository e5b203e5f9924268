/**
 * Imports of what is not to be used any more.
 *
 * VD1  What is deprecated is named as people write it: a specifier (`@app/legacy/*`), a path (`src/old.ts`) or a dotted
 *      module (`backend.old`), and with `#Name` one thing of it. An import through a barrel counts as one of its source.
 * VD2  The deprecated file itself may import what it likes.
 */
import { configName, holds, type Deprecation } from '../config.ts';
import type { LinkedImport, SourceFile } from '../concept.ts';
import { joinPlace, nameTest, pathTest, placeTest, splitPlace } from '../globs.ts';
import { violationOf, type RuleInput, type Violation } from './rule.ts';

const rule = 'deprecated-import';

export function deprecatedImport({ config, tree, today }: RuleInput): readonly Violation[] {
  const all = (config.deprecated ?? []).map((deprecation) => ({
    deprecation,
    isMeant: importTest(deprecation.from),
    isAllowed: placeTest((deprecation.allow ?? []).filter((waiver) => holds(waiver, today)).map(({ unit }) => unit)),
  }));
  if (all.length === 0) return [];
  const found: Violation[] = [];
  for (const file of tree.files.values()) {
    if (file.zone === 'generated' || file.zone === 'backup') continue;
    for (const { deprecation, isMeant, isAllowed } of all) {
      for (const linked of file.imports) {
        if (!isMeant(linked, file) || isAllowed({ path: file.path, name: linked.within })) continue;
        found.push(importViolation(deprecation, file, linked));
      }
    }
  }
  return found;
}

type ImportTest = (linked: LinkedImport, file: SourceFile) => boolean;

/** Is this an import of what `from` names (VD1)? */
export function importTest(from: string): ImportTest {
  const { path, name } = splitPlace(from);
  const isName = name === '' ? () => true : nameTest([name]);
  const isPath = pathTest(modulePaths(path));
  const isSpecifier = pathTest([path]);
  return (linked, file) => {
    if (!isName(linked.imported)) return false;
    const targets = [linked.file, linked.through].filter((target) => target !== undefined);
    if (targets.some((target) => target === file.path || isPath(file.path))) return false;
    return targets.some(isPath) || isSpecifier(linked.specifier);
  };
}

/** The files that a path or a dotted module may mean. */
function modulePaths(module: string): readonly string[] {
  if (module.includes('/') || /\.[mc]?[jt]sx?$|\.pyi?$/.test(module)) return [module];
  const path = module.replaceAll('.', '/');
  return [`${path}.py`, `${path}/__init__.py`, `**/${path}.py`, `**/${path}/__init__.py`];
}

function importViolation(
  deprecation: Deprecation,
  { path }: SourceFile,
  { imported, within, span }: LinkedImport,
): Violation {
  const { from, to, mode = 'fail', say } = deprecation;
  const target = imported === '*' || imported === '' ? from : imported;
  const instead = to === undefined ? undefined : splitPlace(to);
  const use =
    instead === undefined
      ? 'Take it out'
      : `Import ${instead.name === '' ? target : instead.name} from ${instead.path}`;
  const consumer = joinPlace({ path, name: within });
  const what = target === from ? from : `${from} ${target}`;
  return violationOf(
    { rule, concept: rule, consumer, target: what },
    {
      mode,
      path,
      line: span.line,
      message: `${target} of ${splitPlace(from).path} is deprecated.`,
      hint: `${use}${say === undefined ? '' : ` (${say})`}. The rule is under "deprecated" in ${configName}.`,
    },
  );
}
