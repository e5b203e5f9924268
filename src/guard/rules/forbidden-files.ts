/** File names that a code base does not want: copies, backups, second versions beside the first. */
import { configName, holds } from '../config.ts';
import { pathTest } from '../globs.ts';
import { violationOf, type RuleInput, type Violation } from './rule.ts';

const rule = 'forbidden-files';

export function forbiddenFiles({ config, paths, today }: RuleInput): readonly Violation[] {
  if (config.files === undefined) return [];
  const { forbid, mode = 'fail', allow = [] } = config.files;
  const tests = forbid.map((pattern) => ({ pattern, isForbidden: pathTest([pattern]) }));
  const isAllowed = pathTest(allow.filter((waiver) => holds(waiver, today)).map(({ unit }) => unit));
  return paths.flatMap((path) => {
    const hit = tests.find(({ isForbidden }) => isForbidden(path));
    if (hit === undefined || isAllowed(path)) return [];
    return [
      violationOf(
        { rule, concept: rule, consumer: path, target: '' },
        {
          mode,
          path,
          line: 1,
          message: `A file of this name is not wanted (${hit.pattern}).`,
          hint: `Change the file it is a version of, or give it the name of what it is. The rule is under "files" in ${configName}.`,
        },
      ),
    ];
  });
}
