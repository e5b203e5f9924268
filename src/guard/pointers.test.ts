import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { followPointers, pointerLoops } from './pointers.ts';

const chain = {
  deprecated: [
    { from: 'src/a.ts#A', to: 'src/b.ts#B' },
    { from: 'src/b.ts#B', to: 'src/c.ts#C' },
    { from: 'app.old', to: 'app.newer' },
    { from: 'app/newer.py', to: 'app.core#Engine' },
  ],
};

describe('pointers of what is deprecated', () => {
  it('are followed to their end, by path or dotted module, and a whole module keeps the name (VL1)', () => {
    assert.deepEqual(followPointers(chain, 'src/a.ts#A'), { end: 'src/c.ts#C' });
    assert.deepEqual(followPointers(chain, 'src/c.ts#C'), { end: 'src/c.ts#C' });
    assert.deepEqual(followPointers(chain, 'src/b.ts#Other'), { end: 'src/b.ts#Other' });
    assert.deepEqual(followPointers(chain, 'app/old.py#OldEngine'), { end: 'app.core#Engine' });
    assert.deepEqual(followPointers({ deprecated: chain.deprecated.slice(2, 3) }, 'app.old#X'), { end: 'app.newer#X' });
  });

  it('have no end where they go in a circle, and the whole circle is told once (VL2)', () => {
    const config = {
      deprecated: [
        { from: 'x.ts#X', to: 'a.ts#A' },
        { from: 'a.ts#A', to: 'b.ts#B' },
        { from: 'b.ts#B', to: 'c.ts#C' },
        { from: 'c.ts#C', to: 'a.ts#A' },
      ],
    };
    assert.deepEqual(followPointers(config, 'x.ts#X'), { loop: ['a.ts#A', 'b.ts#B', 'c.ts#C', 'a.ts#A'] });
    assert.deepEqual(pointerLoops(config), [['a.ts#A', 'b.ts#B', 'c.ts#C', 'a.ts#A']]);
    assert.deepEqual(pointerLoops(chain), []);
  });
});
