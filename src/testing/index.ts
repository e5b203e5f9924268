/** Public test doubles and contract suites. */
export { createTestEngine, type TestEngine, type TestEngineOptions } from './test-engine.ts';
export { SimClock, type SimClockOptions } from './sim-clock.ts';
export { scripted, type Script, type ScriptedModel, type ScriptedTurn } from './scripted.ts';
export { checkIsolation, strangers, type IsolationSubject } from './isolation-kit.ts';
export { faultsByChance, faultsByPlan, faultyStore, type Faults, type FaultyStore } from './faulty-store.ts';
