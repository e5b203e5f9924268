/** Whatever a file looks like: twice is once, and what is not an edit stays as it was. */
import assert from 'node:assert/strict';
import { after as afterAll, before as beforeAll, describe, it } from 'node:test';
import fc from 'fast-check';
import { moveTree } from './fix.fixture.ts';
import { type Extractor, openExtractor } from './parse.ts';

const python = (name: string): string => `class ${name}:\n    def run(self, job):\n        return job\n`;
const script = (name: string): string =>
  `export class ${name} {\n  run(job: string): string {\n    return job;\n  }\n}\n`;

const base = {
  'src/engine.ts': script('Engine'),
  'src/old.ts': `${script('OldEngine')}export const limit = 1;\nexport const other = 2;\n`,
  'app/__init__.py': '',
  'app/engine.py': python('Engine'),
  'app/old.py': `${python('OldEngine')}\nLIMIT = 1\n`,
};

const scriptImports = [
  "import { OldEngine } from './old.ts';",
  'import { limit, OldEngine as E } from "./old.ts"',
  "import {\n  other, // two\n  type OldEngine,\n} from './old.ts';",
  "import * as old from './old.ts';",
  "export { OldEngine, limit } from './old.ts';",
  "const { OldEngine: E, limit } = await import('./old.ts');",
  "export * from './old.ts';",
  "import { type OldEngine, limit } from './old.ts' with { kind: 'x' };",
  "export type { OldEngine, other } from './old.ts';",
  "import type { OldEngine as E } from './old.ts'; import { limit } from './old.ts'",
  "const old = require('./old.ts');",
  "const { OldEngine, other: o } = require('./old.ts')",
  "const E = require('./old.ts').OldEngine;",
  "if (a) var { OldEngine, limit } = require('./old.ts');",
  "#!/usr/bin/env node\nimport { OldEngine, limit, } from './old.ts';",
  "import { Engine } from './engine.ts';\nimport { OldEngine } from './old.ts';",
  "import { Engine } from './engine.ts';\nexport { OldEngine as Engine } from './old.ts';",
];
const scriptBodies = [
  'new OldEngine().run("x");',
  'new E().run( `é${1}` )',
  'new old.OldEngine().run("x") // why',
  'old.limit;',
  'const e: OldEngine | null = null;\ne?.run("y");',
  "const text = 'OldEngine of ./old.ts';",
  '/* import { OldEngine } from "./old.ts" */',
  '\tlet x = 1',
  '[1].map(OldEngine);',
  'export const mix = () => class extends OldEngine {};',
  'function f(OldEngine: unknown, old: unknown) { return [OldEngine, old]; }',
  'const s = `${old.limit} ${OldEngine.name}`;',
  "vi.mock('./old.ts');",
  '@OldEngine.mark()\nclass D {}',
  '',
];
const pythonImports = [
  'from app.old import OldEngine',
  'from .old import (\n    LIMIT,\n    OldEngine as E,  # e\n)',
  'import app.old',
  'from . import old',
  'from app.old import LIMIT, OldEngine',
  '#!/usr/bin/env python\n# coding: utf-8\nfrom app.old import LIMIT, \\\n    OldEngine',
  'try:\n    from app.engine import Engine\nexcept ImportError:\n    from app.old import OldEngine as Engine',
  'from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from app.old import OldEngine',
  'if True: from app.old import LIMIT, OldEngine',
  'def f():\n\tfrom app.old import LIMIT, OldEngine\n\treturn OldEngine()',
  'from app.old import OldEngine as OldEngine\n\n__all__ = ["OldEngine"]',
  'from app import old\n\n__all__ = ["old"]',
  'from app.engine import Engine\n\nif True:\n    import app.old',
  'from app.old import *',
];
const pythonBodies = [
  'OldEngine().run(1)',
  'E().run("é")',
  'app.old.OldEngine().run(1)',
  'old.OldEngine().run(2)',
  '# OldEngine of app.old',
  '"""from app.old import OldEngine"""',
  'if True:\n\tx = 1',
  'print(f"{old.LIMIT} {OldEngine}")',
  'class Mine(OldEngine):\n    pass',
  '@OldEngine\ndef g(old, OldEngine):\n    return old',
  'patch("app.old.OldEngine")',
  '',
];

const source = (imports: readonly string[], bodies: readonly string[]) =>
  fc.record({
    head: fc.constantFrom(...imports),
    body: fc.array(fc.constantFrom(...bodies), { maxLength: 6 }),
    mark: fc.boolean(),
    eol: fc.constantFrom('\n', '\r\n'),
    end: fc.boolean(),
  });

const written = ({
  head,
  body,
  mark,
  eol,
  end,
}: {
  head: string;
  body: readonly string[];
  mark: boolean;
  eol: string;
  end: boolean;
}): string => (mark ? '\uFEFF' : '') + [head, ...body].join('\n').replaceAll('\n', eol) + (end ? eol : '');

/** Lines behind the import that say nothing of the rival, and comments wherever they are. */
function kept({ head, body }: { head: string; body: readonly string[] }): readonly string[] {
  const lines = body.flatMap((part) => part.split('\n')).filter((line) => !/ngine|\bE\b|\bold\b|import/.test(line));
  return [...(head.match(/(?:\/\/|#) \w+/g) ?? []), ...lines];
}

describe('a move', () => {
  let extractor: Extractor;
  beforeAll(async () => {
    extractor = await openExtractor({ whole: true });
  });
  afterAll(() => extractor.close());
  const errorsIn = (path: string, text: string): number => extractor.extract(path, text).errors;

  it('done twice is done once, and leaves every other line and the line ends as they are (VX1, VX3)', async () => {
    await fc.assert(
      fc.asyncProperty(source(scriptImports, scriptBodies), source(pythonImports, pythonBodies), async (one, two) => {
        const files = { ...base, 'src/use.ts': written(one), 'app/use.py': written(two) };
        for (const canonical of ['src/engine.ts#Engine', 'app/engine.py#Engine']) {
          const { after, again, plan } = await moveTree({
            files,
            concept: { canonical, match: ['*Engine'], in: [canonical.slice(0, 3)] },
          });
          assert.deepEqual(again.files, []);
          const path = canonical.startsWith('src') ? 'src/use.ts' : 'app/use.py';
          const [before, now] = [files[path], after[path] ?? ''];
          let from = 0;
          for (const line of kept(canonical.startsWith('src') ? one : two)) {
            const found = now.indexOf(line, from);
            assert.ok(found >= 0, `${JSON.stringify(line)} is lost in ${JSON.stringify(now)}`);
            from = found + line.length;
          }
          assert.ok(errorsIn(path, now) <= errorsIn(path, before), `it can still be read: ${now}`);
          assert.equal(now.startsWith('\uFEFF'), before.startsWith('\uFEFF'));
          if (before.includes('\n')) assert.equal(/(?<!\r)\n/.test(now), /(?<!\r)\n/.test(before));
          for (const other of Object.keys(files))
            if (other !== path) assert.equal(after[other], files[other as keyof typeof files]);
          if (plan.files.length === 0) assert.equal(now, before);
        }
      }),
      { numRuns: 60 },
    );
  });
});
