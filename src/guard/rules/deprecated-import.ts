/**
 * Imports of what is not to be used any more.
 *
 * VD1  What is deprecated is named as people write it: a specifier (`@app/legacy/*`), a path (`src/old.ts`) or a dotted
 *      module (`backend.old`), and with `#Name` one thing of it. An import through a barrel counts as one of its source,
 *      and so does taking that one thing of a module that is imported whole (`m.Name`), where it is taken.
 * VD2  The deprecated file itself may import what it likes.
 * VD3  What is told to use instead is the end of the pointers; pointers that go in a circle are a violation of their own.
 */
import { configName, type GuardConfig, holds, type Deprecation } from '../config.ts';
import type { LinkedImport, SourceFile, SourceTree } from '../concept.ts';
import { exportedUnit } from '../exported.ts';
import { joinPlace, modulePaths, nameTest, pathTest, placeTest, splitPlace } from '../globs.ts';
import { followPointers, loopText, pointerLoops } from '../pointers.ts';
import { violationOf, type RuleInput, type Violation } from './rule.ts';

const rule = 'deprecated-import';

export function deprecatedImport({ config, tree, today }: RuleInput): readonly Violation[] {
  const all = (config.deprecated ?? []).map((deprecation) => ({
    deprecation,
    isMeant: importTest(deprecation.from),
    isAllowed: placeTest((deprecation.allow ?? []).filter((waiver) => holds(waiver, today)).map(({ unit }) => unit)),
  }));
  if (all.length === 0) return [];
  const found: Violation[] = pointerLoops(config).map(loopViolation);
  for (const file of tree.files.values()) {
    if (file.zone === 'generated' || file.zone === 'backup') continue;
    const taken = membersOf(tree, file);
    for (const { deprecation, isMeant, isAllowed } of all) {
      const isWhole = splitPlace(deprecation.from).name === '';
      for (const linked of isWhole ? file.imports : [...file.imports, ...taken]) {
        if (!isMeant(linked, file) || isAllowed({ path: file.path, name: linked.within })) continue;
        found.push(importViolation(config, deprecation, file, linked));
      }
    }
  }
  return found;
}

/** What is taken of modules that are imported whole, each as if it were imported by its name where it is taken. */
function membersOf(tree: SourceTree, { imports, facts }: SourceFile): readonly LinkedImport[] {
  return facts.members.flatMap(({ module, name, line, within }) => {
    const linked = imports.find(
      ({ local, unit, imported }) => local === module && (imported === '*' || unit === undefined),
    );
    if (linked === undefined) return [];
    const unit = exportedUnit(tree, linked.file ?? '', name);
    return {
      ...linked,
      specifier: moduleSpecifier(linked),
      imported: name,
      local: `${module}.${name}`,
      span: { ...linked.span, line, endLine: line },
      within,
      ...(unit === undefined ? {} : { unit, file: unit.slice(0, unit.indexOf('#')) }),
    };
  });
}

/** In Python the module of `from app import old` is `app.old`. */
function moduleSpecifier({ specifier, imported }: LinkedImport): string {
  if (imported === '*') return specifier;
  return specifier.endsWith('.') ? `${specifier}${imported}` : `${specifier}.${imported}`;
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

function importViolation(
  config: GuardConfig,
  deprecation: Deprecation,
  ...[{ path }, { imported, within, span }]: readonly [SourceFile, LinkedImport]
): Violation {
  const { from, mode = 'fail', say } = deprecation;
  const target = imported === '*' || imported === '' ? from : imported;
  const consumer = joinPlace({ path, name: within });
  const what = target === from ? from : `${from} ${target}`;
  const use = useInstead(config, deprecation, target);
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

/** The end of the pointers, in words (VD3). */
function useInstead(config: GuardConfig, { to }: Deprecation, target: string): string {
  if (to === undefined) return 'Take it out';
  const { path, name } = splitPlace(to);
  const followed = followPointers(
    config,
    joinPlace({ path, name: name === '' && !/[*/]/.test(target) ? target : name }),
  );
  if ('loop' in followed) return loopText(followed.loop);
  const { path: module, name: instead } = splitPlace(followed.end);
  return `Import ${instead === '' ? target : instead} from ${module}`;
}

function loopViolation(loop: readonly string[]): Violation {
  const [first = ''] = loop;
  return violationOf(
    { rule, concept: rule, consumer: configName, target: first },
    {
      mode: 'fail',
      path: configName,
      line: 1,
      message: `What is deprecated points in a circle: ${loop.join(' → ')}.`,
      hint: `Take one of them out of "deprecated" in ${configName}: nobody can tell what to use instead.`,
    },
  );
}
