/** The names of what failed, as test runners and compilers print them. */

/** One a line, in the words of each; the name is the first group. */
const patterns: readonly RegExp[] = [
  // node:test, as TAP and as its own reporter.
  /^\s*not ok \d+ - (.+?)(?: # .*)?$/,
  /^\s*✖ (.+?) \([\d.]+m?s\)$/,
  // pytest.
  /^(?:FAILED|ERROR) (\S+\.py(?:::.+?)?)(?: - .*)?$/,
  // This project's runner.
  /^FAILED (?!as a whole)(.+)$/,
  // vitest and jest.
  /^\s*(?:×|✕) (.+?)(?: \(?\d+ ?ms\)?)?$/,
  /^\s*FAIL\s+(\S+ > .+)$/,
  // mocha and tape-like lists: `1) suite name`.
  /^\s+\d+\) (.+?):?$/,
  // tsc, by file and code: lines move.
  /^(\S+?)\(\d+,\d+\): (error TS\d+: .+)$/,
  // eslint and oxlint in unix format.
  /^(\S+?):\d+:\d+: (.+)$/,
  // python -m compileall.
  /^\*\*\* Error compiling '(.+?)'/,
];

/** Each name once, in order; undefined where none can be told. */
export function failingTests(output: string): readonly string[] | undefined {
  // oxlint-disable-next-line no-control-regex
  const plain = output.replaceAll(/\u001B\[[\d;]*m/g, '');
  const names = new Set<string>();
  for (const line of plain.split(/\r?\n/)) {
    const found = patterns.map((pattern) => pattern.exec(line)).find((match) => match !== null);
    if (found !== undefined) names.add(found.slice(1).join(' '));
  }
  return names.size === 0 ? undefined : [...names];
}
