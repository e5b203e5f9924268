import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pythonModule, rewritePython, rewriteScript, scriptSpecifier } from './fix-statement.ts';

const move = { from: new Set(['Old']), to: 'Engine' };

describe('one import', () => {
  it('comes from elsewhere with all else as it was', () => {
    const cases = [
      ["import { Old } from './old.ts';", "import { Engine as Old } from './e.ts';"],
      ["import type {Old as E} from './old.ts'", "import type {Engine as E} from './e.ts'"],
      ['import { Old as Engine } from "./old.ts";', 'import { Engine } from "./e.ts";'],
      ["export { Old } from './old.ts';", "export { Engine as Old } from './e.ts';"],
      [
        "import {\n  a,\n  type Old,\n} from './old.ts';",
        "import {\n  a,\n} from './old.ts';\nimport { type Engine as Old } from './e.ts';",
      ],
    ] as const;
    for (const [before, after] of cases) assert.equal(rewriteScript(before, move, './e.ts'), after);
  });

  it('comes from elsewhere in Python, in brackets and indented too', () => {
    const cases = [
      ['from app.old import Old', 'from app.e import Engine as Old'],
      ['from .old import (\n    Old as Engine,\n)', 'from app.e import (\n    Engine,\n)'],
      ['from app.old import a, Old', 'from app.old import a\n    from app.e import Engine as Old'],
    ] as const;
    for (const [before, after] of cases) assert.equal(rewritePython(before, move, 'app.e', '    '), after);
  });

  it('is left alone where it is written in another way (VF1)', () => {
    for (const statement of [
      "import Old from './old.ts';",
      "import * as old from './old.ts';",
      "import { a, /* b */ Old } from './old.ts';",
      "import Default, { Old } from './old.ts';",
      "import { other } from './old.ts';",
    ]) {
      assert.equal(rewriteScript(statement, move, './e.ts'), undefined, statement);
    }
    for (const statement of ['import app.old', 'from app.old import (Old,  # why\n)', 'from app.old import *']) {
      assert.equal(rewritePython(statement, move, 'app.e', ''), undefined, statement);
    }
  });

  it('is written as its file writes imports', () => {
    assert.equal(scriptSpecifier('src/a/x.ts', 'src/b/e.ts', '../old.ts'), '../b/e.ts');
    assert.equal(scriptSpecifier('src/a/x.ts', 'src/a/e.tsx', './old.js'), './e.jsx');
    assert.equal(scriptSpecifier('src/x.ts', 'src/e/index.ts', './old'), './e');
    assert.equal(scriptSpecifier('src/x.ts', 'src/e.ts', '@app/old'), undefined);
    assert.equal(pythonModule('app/a/x.py', 'app/e.py', '..old', 'app/old.py'), '..e');
    assert.equal(pythonModule('app/x.py', 'app/b/__init__.py', '.old', 'app/old.py'), '.b');
    assert.equal(pythonModule('main.py', 'svc/app/e.py', 'app.old', 'svc/app/old.py'), 'app.e');
    assert.equal(pythonModule('main.py', 'lib/e.py', 'app.old', 'svc/app/old.py'), undefined);
  });
});
