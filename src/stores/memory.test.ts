import { durableTests, testStore } from '../testing/store.contract.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { memory } from './memory.ts';

testStore(
  'memory',
  async () => {
    const clock = new SimClock();
    return { store: memory({ clock }), advance: (ms) => clock.advance(ms) };
  },
  { skip: [{ tests: durableTests, reason: 'what memory() keeps ends with its process, and it has nothing to close' }] },
);
