import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scanTree } from './scan.fixture.ts';
import { overlaysOf, shapesOf } from './shapes.ts';
import { namesakesOf } from './concepts.ts';

describe('the shape of folders', () => {
  it('is seen from three of them on that have a file of one place (GZ1)', () => {
    const two = ['hub/a/prompt.py', 'hub/b/prompt.py'];
    assert.equal(shapesOf(two).between('hub/a/prompt.py', 'hub/b/prompt.py'), undefined);
    const three = [...two, 'hub/c/prompt.py'];
    assert.deepEqual(shapesOf(three).between('hub/a/prompt.py', 'hub/b/prompt.py'), {
      names: ['a', 'b'],
      isAbove: false,
    });
  });

  it('is seen of two that have three files in common (GZ1)', () => {
    const files = ['a/agent.py', 'a/model.py', 'a/toolset.py', 'b/agent.py', 'b/model.py'].map((path) => `run/${path}`);
    assert.equal(shapesOf(files).between('run/a/agent.py', 'run/b/agent.py'), undefined);
    assert.notEqual(shapesOf([...files, 'run/b/toolset.py']).between('run/a/agent.py', 'run/b/agent.py'), undefined);
  });

  it('is seen through a folder that its file is named after', () => {
    const files = ['hub/web/web_agent.py', 'hub/code/code_agent.py', 'hub/data/data_agent.py'];
    assert.notEqual(shapesOf(files).between('hub/web/web_agent.py', 'hub/code/code_agent.py'), undefined);
  });

  it('is none of files of odds and ends, which are written twice', () => {
    const files = ['hub/a/utils.py', 'hub/b/utils.py', 'hub/c/utils.py'];
    assert.equal(shapesOf(files).between('hub/a/utils.py', 'hub/b/utils.py'), undefined);
  });

  it('has the file above that chooses, but not the one that a folder was made of', () => {
    const files = ['rag/factory.py', 'rag/first/factory.py', 'rag/second/factory.py'];
    assert.deepEqual(shapesOf(files).between('rag/factory.py', 'rag/first/factory.py'), {
      names: ['first'],
      isAbove: true,
    });
    const moved = ['home/card.tsx', 'home/card/card.tsx', 'home/list/list.tsx'];
    assert.equal(shapesOf(moved).between('home/card.tsx', 'home/card/card.tsx'), undefined);
  });
});

describe('overlays', () => {
  const files = (use: string): Record<string, string> => ({
    'package.json': '{ "name": "app" }',
    ...Object.fromEntries(
      ['context', 'element', 'render'].flatMap((name) => [
        [`src/jsx/${name}.ts`, `export function ${name}Of(one) { return [one]; }`],
        [`src/jsx/dom/${name}.ts`, `${use}\nexport function ${name}Of(one) { return { one }; }`],
      ]),
    ),
  });

  it('are counted of a folder within another that imports from it', async () => {
    const { tree } = await scanTree(files(`import { nodeOf } from '../context.ts';`));
    const counts = overlaysOf(tree, namesakesOf(tree.units.values()));
    assert.equal(counts.get('src/jsx\0src/jsx/dom'), 3);
  });

  it('are none where it imports nothing from there', async () => {
    const { tree } = await scanTree(files(''));
    assert.equal(overlaysOf(tree, namesakesOf(tree.units.values())).get('src/jsx\0src/jsx/dom'), undefined);
  });
});
