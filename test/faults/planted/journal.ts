/** Mistakes planted in `src/journal/`. */
import type { Fault } from '../fault.ts';

export const journalFaults: readonly Fault[] = [
  {
    name: 'a degraded run stays open',
    promise: 'P4',
    file: 'src/journal/run-row.ts',
    find: "    case 'run.degraded':\n",
    replace: '',
    test: {
      file: 'src/journal/run-row.test.ts',
      name: 'ends with each of the terminal events, and with no other (P4)',
    },
  },
  {
    name: 'an event of a newer Cantus is guessed at',
    file: 'src/journal/codec.ts',
    find: ' || event.v > newest',
    replace: '',
    test: {
      file: 'src/journal/codec.test.ts',
      name: 'refuses what a newer Cantus wrote, by name and with what to do (V5)',
    },
  },
  {
    name: 'a key makes another place',
    promise: 'P3',
    file: 'src/journal/path.ts',
    find: '/^[\\w.,=+-]*$/',
    replace: '/^[\\w.,=+@-]*$/',
    test: {
      file: 'src/journal/path.test.ts',
      name: 'escape what a key may not say, so that a key never makes another place',
    },
  },
  {
    name: 'downtime counts towards the deadline',
    file: 'src/journal/run-state.ts',
    find: "if (state.status !== 'running' || fromOutside.has(event.type)) return;",
    replace: "if (state.status !== 'running') return;",
    test: { file: 'src/journal/run-state.test.ts', name: 'counts active time between the doings of the run alone' },
  },
  {
    name: "another call of a tool answers for a body's own that failed",
    file: 'src/journal/failures.ts',
    find: '  if (!agentCall.test(path)) return failures;\n',
    replace: '',
    test: {
      file: 'src/journal/failures.test.ts',
      name: "has a body's own call of a tool, whatever another call of the tool gave (D3)",
    },
  },
  {
    name: 'a fallback model passes for the first',
    file: 'src/journal/failures.ts',
    find: "    case 'model.failed':\n",
    replace: '',
    test: {
      file: 'src/engine/model-call.test.ts',
      name: 'are asked in their order, and one that stands in makes the run degraded with the reasons',
    },
  },
  {
    name: 'a run that only waited has made no progress',
    promise: 'P4',
    file: 'src/journal/run-state.ts',
    find: " && state.status !== 'suspended'",
    replace: '',
    test: {
      file: 'src/journal/run-state-recoveries.test.ts',
      name: 'does not count one of a run that only waited: it may wait through any number of restarts',
    },
  },
  {
    name: "what a run was told before its node ended doesn't wake it",
    promise: 'P4',
    file: 'src/journal/run-row.ts',
    find: "  'signal.received',\n  'cancel.requested',",
    replace: "  'cancel.requested',",
    test: {
      file: 'src/journal/run-row.test.ts',
      name: 'makes a run due at once by whatever it has to do something about, and by nothing else',
    },
  },
  {
    name: 'a woken run has its whole deadline again',
    file: 'src/journal/run-state.ts',
    find: '      state.activeMs = Math.max(0, state.deadlineMs - event.data.activeLeftMs);',
    replace: '      state.activeMs = 0;',
    test: {
      file: 'src/engine/active-time.prop.test.ts',
      name: 'is what it did not work, through evictions, crashes while it waits, and jumps of the wall clock',
    },
  },
  {
    name: 'an event of an older version is taken for one of today',
    file: 'src/journal/codec.ts',
    find: "'run.suspended': [(data: object) => ({ ...data, wakeAt: 0 })],",
    replace: '',
    test: {
      file: 'test/upgrades/upgrade.test.ts',
      name: 'before-approvals: is read as the code that wrote it read it: events, folds, rows, threads and inboxes',
    },
  },
  {
    name: 'what every object has is taken for a type of event',
    file: 'src/journal/codec.ts',
    find: 'Object.hasOwn(versions, event.type) ? versions[event.type] : undefined',
    replace: 'versions[event.type]',
    test: {
      file: 'src/journal/codec.test.ts',
      name: 'leaves an event of today as it is, and the written one of before as it was (V6)',
    },
  },
  {
    name: 'an upcast is forgotten',
    file: 'src/journal/codec.ts',
    find: "  'wait.ended': [asBefore],\n",
    replace: '',
    test: { file: 'src/journal/codec.test.ts', name: 'has an upcast for each version there was (V5)' },
  },
  {
    name: 'a try that was cut off by a cancel uses up a retry',
    file: 'src/journal/run-state.ts',
    find: "return code !== 'interrupted' && code !== 'cancelled';",
    replace: "return code !== 'interrupted';",
    test: {
      file: 'src/journal/run-state.test.ts',
      name: 'counts as a failure only what failed of itself: that alone uses up tries',
    },
  },
  {
    name: 'a call in doubt asks though nothing follows from it',
    file: 'src/journal/asked.ts',
    find: "return step.status === 'indoubt' && isUnderWay(run, step.path);",
    replace: "return step.status === 'indoubt' && isUnderWay(run, '');",
    test: {
      file: 'src/engine/race.test.ts',
      name: 'is closed before it ends, and only a `once` tool stays in doubt, which asks nobody any more (A7)',
    },
  },
  {
    name: 'a text that is passed on names its user as it is',
    promise: 'P2',
    file: 'src/journal/codec.ts',
    find: '"user":${JSON.stringify(user)},"userSeq":',
    replace: '"user":"${user}","userSeq":',
    test: {
      file: 'src/journal/codec.prop.test.ts',
      name: 'passes its text on as encoding the decoded event would give it, byte for byte (V7)',
    },
  },
];
