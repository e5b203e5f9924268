/** Where a file stands: what ships, and what only surrounds it. The built-in patterns; a configuration's come first. */
import type { Zone } from './concept.ts';
import { pathTest } from './globs.ts';

/** By folder, and by the name of the file. In the order they are asked: a test of generated code is generated. */
const builtIn: readonly { readonly zone: Zone; readonly folder: RegExp; readonly file: RegExp }[] = [
  {
    zone: 'backup',
    folder: /^(?:backups?|_?archived?|old_backups?|\.backups?|attic)$/i,
    file: /\.(?:bak|backup|orig|old)(?:[.\d_-]|$)|\.backup[_-]|(?:^|[._-])(?:backup|bak)\.\w+$|~$/i,
  },
  {
    zone: 'generated',
    folder: /^(?:generated|__generated__|_generated|gen|\.gen|vendor|vendored|_vendor|third_party|alembic|proto_gen)$/i,
    file: /\.(?:generated|gen|pb|min)\.\w+$|_pb2(?:_grpc)?\.py$|^\d{3,}[_-].*\.(?:py|[jt]s)$|\.d\.[cm]?ts$|[-.]bundle\.js$/i,
  },
  {
    zone: 'test',
    folder:
      /^(?:tests?|tests?[-_].+|__\w*(?:tests?|mocks?|fixtures?)__|spec|specs|fixtures|e2e|cypress|.+[-_]tests?|testdata|test_.*)$/i,
    file: /\.(?:test|spec|test-d|cy|e2e|fixture|mock)\.\w+$|^test_.*\.py$|_test\.py$|^conftest\.py$|^(?:vitest|jest|playwright)\.\w*/i,
  },
  {
    zone: 'example',
    folder:
      /^(?:examples?|samples?|demos?|cookbooks?|docs?|docs_src|templates?|_template|playgrounds?|tutorials?|bench|benchmarks?|stories|snippets|scaffolds?|boilerplates?)$/i,
    file: /\.(?:stories|demo)\.\w+$|^example[_-].*|\.bench\.\w+$/i,
  },
];

/** A function from paths (from the root, with `/`) to zones. */
export function zoneTest(own: Readonly<Partial<Record<Zone, readonly string[]>>> = {}): (path: string) => Zone {
  const given = (['backup', 'generated', 'test', 'example', 'prod'] as const).flatMap((zone) => {
    const patterns = own[zone] ?? [];
    return patterns.length === 0 ? [] : [{ zone, isIn: pathTest(patterns) }];
  });
  return (path) => given.find(({ isIn }) => isIn(path))?.zone ?? builtInZone(path);
}

function builtInZone(path: string): Zone {
  const parts = path.split('/');
  const file = parts.pop() ?? '';
  if (parts.some((part) => part.startsWith('.') && part !== '.')) return 'example';
  const found = builtIn.find((one) => one.file.test(file) || parts.some((part) => one.folder.test(part)));
  return found?.zone ?? 'prod';
}
