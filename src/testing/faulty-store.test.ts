import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../core/random.ts';
import { memory } from '../stores/memory.ts';
import { faultsByChance, faultsByPlan, faultyStore, type AppendFault } from './faulty-store.ts';
import { SimClock } from './sim-clock.ts';
import { note, StoreAuthor } from './store-author.ts';

const ada = { tenant: 'main', user: 'ada' };

describe('the faulty store', () => {
  it('fails before the commit or after it, as planned, and goes on (FT1)', async () => {
    const store = faultyStore(memory(), faultsByPlan(new SimClock(), ['fail-before', 'fail-after']));
    const author = await StoreAuthor.own(store, 'a', ada);
    const part = author.part([note('one')]);
    await assert.rejects(store.append([part]), { code: 'store_failed', retryable: true });
    assert.equal((await store.head('main', 'ada')).userSeq, 0);
    await assert.rejects(store.append([part]), { code: 'store_failed' });
    assert.equal((await store.head('main', 'ada')).userSeq, 1);
    assert.deepEqual(await author.write([note('two')]), { fenced: [] });
  });

  it('holds an append back until it is thawed, before its commit or after it (FT2)', async () => {
    const store = faultyStore(memory(), faultsByPlan(new SimClock(), ['freeze', 'freeze-after']));
    const author = await StoreAuthor.own(store, 'a', ada);
    const first = author.write([note('one')]);
    assert.equal(store.frozen, 1);
    assert.equal((await store.head('main', 'ada')).userSeq, 0);
    store.thaw();
    await first;
    const second = author.write([note('two')]);
    assert.equal((await store.head('main', 'ada')).userSeq, 2);
    let answered = false;
    void second.then(() => (answered = true));
    await new Promise<void>((resolve) => setImmediate(resolve));
    assert.deepEqual([answered, store.frozen], [false, 1]);
    store.thaw();
    assert.deepEqual(await second, { fenced: [] });
  });

  it('takes its time by the clock it is given', async () => {
    const clock = new SimClock({ passMs: 0 });
    const store = faultyStore(memory(), faultsByPlan(clock, ['slow']));
    const author = await StoreAuthor.own(store, 'a', ada);
    const slow = author.write([note('one')]);
    await clock.advance(99);
    assert.equal((await store.head('main', 'ada')).userSeq, 0);
    await clock.advance(1);
    await slow;
  });

  it('draws the same faults for the same seed, about as often as it is told', () => {
    const draw = (seed: number): AppendFault[] => {
      const chances = { failBefore: 0.1, failAfter: 0.1, slow: 0.1 };
      const faults = faultsByChance(new SimClock(), seededRandom(seed), chances);
      return Array.from({ length: 1_000 }, (_, append) => faults.befall(append, []));
    };
    assert.deepEqual(draw(1), draw(1));
    assert.notDeepEqual(draw(1), draw(2));
    for (const kind of ['fail-before', 'fail-after', 'slow']) {
      const share = draw(1).filter((fault) => fault.kind === kind).length;
      assert.ok(share > 60 && share < 140, `${kind}: ${share}`);
    }
  });
});
