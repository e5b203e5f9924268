/**
 * Planted faults: each is a mistake that one named test must see. `test/faults/run.ts` makes it while the file is
 * loaded, never in the file, and fails when the test does not. They stand by the floor that they are planted in.
 *
 * To add one: pick what must never break, write the line as a tired person would get it wrong, and name the test.
 */
import type { Fault } from './fault.ts';
import { agentsFaults } from './planted/agents.ts';
import { cliFaults } from './planted/cli.ts';
import { clientFaults } from './planted/client.ts';
import { coreFaults } from './planted/core.ts';
import { engineFaults } from './planted/engine.ts';
import { examplesFaults } from './planted/examples.ts';
import { guardMovingFaults } from './planted/guard-moving.ts';
import { guardReadingFaults } from './planted/guard-reading.ts';
import { guardFaults } from './planted/guard.ts';
import { journalFaults } from './planted/journal.ts';
import { modelsFaults } from './planted/models.ts';
import { orchestratorFaults } from './planted/orchestrator.ts';
import { protocolFaults } from './planted/protocol.ts';
import { scriptsFaults } from './planted/scripts.ts';
import { serverFaults } from './planted/server.ts';
import { simulationFaults } from './planted/simulation.ts';
import { storesFaults } from './planted/stores.ts';
import { webFaults } from './planted/web.ts';

export const faults: readonly Fault[] = [
  ...agentsFaults,
  ...cliFaults,
  ...clientFaults,
  ...coreFaults,
  ...engineFaults,
  ...examplesFaults,
  ...guardFaults,
  ...guardMovingFaults,
  ...guardReadingFaults,
  ...journalFaults,
  ...modelsFaults,
  ...orchestratorFaults,
  ...protocolFaults,
  ...scriptsFaults,
  ...serverFaults,
  ...simulationFaults,
  ...storesFaults,
  ...webFaults,
];
