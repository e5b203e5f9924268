import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeResolver } from './resolve.ts';
import { folderOf } from './resolve-paths.ts';

/** Resolves in a tree of these files; those with a text are manifests. */
function resolverOf(
  files: readonly string[],
  texts: Readonly<Record<string, unknown>> = {},
): (from: string, specifier: string) => string | undefined {
  const manifests = Object.keys(texts).map((path) => ({
    folder: folderOf(path),
    file: path.slice(path.lastIndexOf('/') + 1),
  }));
  const read = (path: string): string | undefined => {
    const text = texts[path];
    return text === undefined || typeof text === 'string' ? text : JSON.stringify(text);
  };
  const resolver = makeResolver(files, manifests, read);
  return (from, specifier) => resolver.resolve(from, specifier);
}

describe('a specifier of a script', () => {
  it('means the file as it is written, the source behind it, one with any ending, or the index of a folder', () => {
    const resolve = resolverOf([
      'root.ts',
      'src/a.ts',
      'src/b.tsx',
      'src/c.mts',
      'src/d/index.ts',
      'src/e.js',
      'src/e.ts',
    ]);
    for (const [specifier, file] of [
      ['./a.ts', 'src/a.ts'],
      ['./a.js', 'src/a.ts'],
      ['./a', 'src/a.ts'],
      ['./b', 'src/b.tsx'],
      ['./b.jsx', 'src/b.tsx'],
      ['./c.mjs', 'src/c.mts'],
      ['./d', 'src/d/index.ts'],
      ['./e.js', 'src/e.js'],
      ['./a.ts?raw', 'src/a.ts'],
      ['../src/a', 'src/a.ts'],
      ['./nothing', undefined],
      ['../root', 'root.ts'],
      ['../../root', undefined],
      ['node:fs', undefined],
      ['/src/a', undefined],
    ] as const) {
      assert.equal(resolve('src/main.ts', specifier), file, specifier);
    }
  });

  it('means what the nearest tsconfig maps it to, the longest prefix first, and what that extends', () => {
    const files = ['src/a.ts', 'src/deep/b.ts', 'lib/b.ts', 'other/src/a.ts', 'plain.ts'];
    const resolve = resolverOf(files, {
      'tsconfig.base.json':
        '{ // paths for all\n "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["src/*"], "@/deep/*": ["lib/*", "src/deep/*"], "the-a": ["src/a.ts"], }, } }',
      'tsconfig.json': { extends: './tsconfig.base' },
      'other/tsconfig.json': { compilerOptions: { paths: { '@/*': ['./src/*'] } } },
    });
    assert.equal(resolve('src/main.ts', '@/a'), 'src/a.ts');
    assert.equal(resolve('src/main.ts', '@/deep/b'), 'lib/b.ts');
    assert.equal(resolve('src/main.ts', 'the-a'), 'src/a.ts');
    assert.equal(resolve('src/main.ts', 'the-a/b'), undefined);
    assert.equal(resolve('other/main.ts', '@/a'), 'other/src/a.ts');
    assert.equal(resolve('src/main.ts', 'plain'), 'plain.ts', 'by the base');
  });

  it('means what the last of several bases maps it to, or a configuration that the nearest one only refers to', () => {
    const resolve = resolverOf(['src/a.ts', 'web/src/b.ts', 'web/lib/c.ts'], {
      'tsconfig.json': { extends: ['./one.json', './two.json', './three.json'] },
      'one.json': { compilerOptions: { paths: { '@/*': ['./nowhere/*'] } } },
      'two.json': { compilerOptions: { paths: { '@/*': ['./src/*'] } } },
      'three.json': { compilerOptions: { strict: true } },
      'web/tsconfig.json': {
        files: [],
        references: [{ path: './tsconfig.node.json' }, { path: './tsconfig.app.json' }],
      },
      'web/tsconfig.node.json': {},
      'web/tsconfig.app.json': { compilerOptions: { paths: { '@/*': ['./src/*'] } } },
    });
    assert.equal(resolve('src/x.ts', '@/a'), 'src/a.ts');
    assert.equal(resolve('web/src/x.ts', '@/b'), 'web/src/b.ts');
    assert.equal(resolve('web/src/x.ts', '@/$&'), undefined);
  });

  it('means the source of what is built, and the most exact of the patterns that a package exports', () => {
    const resolve = resolverOf(['p/src/index.ts', 'p/src/inner/a.ts', 'p/src/special/b.ts', 'p/other/a.ts'], {
      'p/package.json': {
        name: 'p',
        exports: { './*': './src/*.ts', './inner/*': './other/*.ts' },
      },
    });
    assert.equal(resolve('p/test/x.ts', '../dist/index.js'), 'p/src/index.ts');
    assert.equal(resolve('q/x.ts', 'p/inner/a'), 'p/other/a.ts');
    assert.equal(resolve('q/x.ts', 'p/special/b'), 'p/src/special/b.ts');
  });

  it('does not hang on a tsconfig that extends itself, and reads past one that is broken', () => {
    const resolve = resolverOf(['src/a.ts'], {
      'tsconfig.json': { extends: './tsconfig.json' },
      'src/tsconfig.json': '{{',
    });
    assert.equal(resolve('src/main.ts', '@/a'), undefined);
    assert.equal(resolve('src/main.ts', './a'), 'src/a.ts');
  });

  it('means the source of a package of the tree, by its name, its exports and its own imports (GK1)', () => {
    const resolve = resolverOf(
      ['packages/core/src/index.ts', 'packages/core/src/extra.ts', 'packages/core/src/own.ts'],
      {
        'packages/core/package.json': {
          name: '@acme/core',
          exports: { '.': { types: './dist/index.d.ts', import: './dist/index.js' }, './*': './dist/*.js' },
          imports: { '#own': './src/own.ts' },
        },
      },
    );
    assert.equal(resolve('app/main.ts', '@acme/core'), 'packages/core/src/index.ts');
    assert.equal(resolve('app/main.ts', '@acme/core/extra'), 'packages/core/src/extra.ts');
    assert.equal(resolve('app/main.ts', '@acme/other'), undefined);
    assert.equal(resolve('packages/core/src/extra.ts', '#own'), 'packages/core/src/own.ts');
    assert.equal(resolve('app/main.ts', '#own'), undefined);
  });
});

describe('a dotted name of Python', () => {
  it('means a module or a package, from its own root before another, and never the file itself', () => {
    const resolve = resolverOf(
      [
        'app/__init__.py',
        'app/engine.py',
        'app/jobs/__init__.py',
        'app/json.py',
        'svc/src/tools/run.py',
        'svc/src/main.py',
      ],
      { 'svc/pyproject.toml': '' },
    );
    for (const [from, specifier, file] of [
      ['app/main.py', 'app.engine', 'app/engine.py'],
      ['app/main.py', 'app.jobs', 'app/jobs/__init__.py'],
      ['app/main.py', '.engine', 'app/engine.py'],
      ['app/jobs/one.py', '..engine', 'app/engine.py'],
      ['app/jobs/one.py', '.', 'app/jobs/__init__.py'],
      ['app/jobs/one.py', '....engine', undefined],
      ['svc/src/main.py', 'tools.run', 'svc/src/tools/run.py'],
      ['app/json.py', 'json', undefined],
      ['app/main.py', 'requests', undefined],
    ] as const) {
      assert.equal(resolve(from, specifier), file, `${specifier} in ${from}`);
    }
  });

  it('is found beside a script, and not beside a module of a package; a package goes before a module', () => {
    const resolve = resolverOf([
      'app/__init__.py',
      'app/models/__init__.py',
      'app/models/openai.py',
      'app/models/agent.py',
      'scripts/shared.py',
      'scripts/run.py',
      'both.py',
      'both/__init__.py',
    ]);
    assert.equal(resolve('app/models/agent.py', 'openai'), undefined);
    assert.equal(resolve('app/models/agent.py', '.openai'), 'app/models/openai.py');
    assert.equal(resolve('scripts/run.py', 'shared'), 'scripts/shared.py');
    assert.equal(resolve('scripts/run.py', 'both'), 'both/__init__.py');
  });
});
