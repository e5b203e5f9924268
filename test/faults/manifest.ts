/**
 * Planted faults: each is a mistake that one named test must see. `test/faults/run.ts` makes it while the file is
 * loaded, never in the file, and fails when the test does not.
 *
 * To add one: pick what must never break, write the line as a tired person would get it wrong, and name the test.
 */

export type Fault = {
  readonly name: string;
  /** The promise of ARCHITECTURE.md it would break. */
  readonly promise?: `P${number}`;
  /** The file it is in, and the text (found there exactly once) that becomes another. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The test that must fail: its file, and its name without those of the suites it is in. */
  readonly test: {
    readonly file: string;
    readonly name: string;
    /** Where its code is, if not in that file: in a suite that several files share. */
    readonly declaredIn?: string;
  };
};

export const faults: readonly Fault[] = [
  {
    name: 'a journaled value is not frozen',
    file: 'src/core/json.ts',
    find: 'return Object.freeze(out);\n  }\n\n  #object',
    replace: 'return out;\n  }\n\n  #object',
    test: {
      file: 'src/core/json.test.ts',
      name: 'copies and freezes at every depth, so that the caller cannot change the journal (J1)',
    },
  },
  {
    name: 'a class instance is journaled as a plain object',
    file: 'src/core/json.ts',
    find: 'prototype !== Object.prototype && prototype !== null',
    replace: 'prototype === Map.prototype',
    test: { file: 'src/core/json.test.ts', name: 'refuses what JSON cannot say and names its place (J2)' },
  },
  {
    name: 'minus zero is live what it is not on a re-run',
    promise: 'P3',
    file: 'src/core/json.ts',
    find: 'return value === 0 ? 0 : value;',
    replace: 'return value;',
    test: { file: 'src/core/json.test.ts', name: 'has one zero, as JSON has, so that a re-run gives the same (J2)' },
  },
  {
    name: 'a member named __proto__ sets the prototype',
    file: 'src/core/json.ts',
    find: "if (key === '__proto__')",
    replace: 'if (false)',
    test: { file: 'src/core/json.test.ts', name: 'keeps a member named __proto__ as data' },
  },
  {
    name: 'a lost value passes for a user',
    promise: 'P8',
    file: 'src/core/principal.ts',
    find: 'lostValues.has(value.toLowerCase())',
    replace: 'lostValues.has(value)',
    test: { file: 'src/core/principal.test.ts', name: 'refuses what a lost value looks like, in any case (P8)' },
  },
  {
    name: 'no identity falls back to a default user',
    promise: 'P8',
    file: 'src/core/principal.ts',
    find: '{ tenant = soleTenant, user, roles',
    replace: "{ tenant = soleTenant, user = 'local', roles",
    test: { file: 'src/core/principal.test.ts', name: 'refuses no identity at all (P8)' },
  },
  {
    name: 'two users share one key',
    promise: 'P2',
    file: 'src/core/principal.ts',
    find: '`${tenant.length}:${tenant}:${user}`',
    replace: '`${tenant}:${user}`',
    test: {
      file: 'src/core/principal.test.ts',
      name: 'keeps apart what a plain join would merge',
    },
  },
  {
    name: 'a tool with an empty list of roles is open to all',
    file: 'src/agents/tool.ts',
    find: 'tool.roles === undefined ||',
    replace: 'tool.roles === undefined || tool.roles.length === 0 ||',
    test: { file: 'src/agents/tool.test.ts', name: 'lets nobody use a tool with an empty list of roles' },
  },
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
    name: 'the first try is not counted among the attempts',
    file: 'src/agents/retry.ts',
    find: 'attempt >= policy.attempts',
    replace: 'attempt > policy.attempts',
    test: { file: 'src/agents/retry.test.ts', name: 'counts the first try among the attempts' },
  },
  {
    name: 'a step may be named with a separator in it',
    promise: 'P3',
    file: 'src/core/names.ts',
    find: '[A-Za-z0-9_.-]*$',
    replace: '[A-Za-z0-9_./-]*$',
    test: { file: 'src/core/names.test.ts', name: 'refuses what would make two paths one, or none' },
  },
  {
    name: 'a cut stream passes for a short answer',
    file: 'src/models/openai-compatible.ts',
    find: 'if (!fold.finished) throw cutOff(server, thrown);',
    replace: 'fold.done();',
    test: {
      file: 'src/models/openai-compatible.test.ts',
      name: 'a stream that ends without a finish or [DONE] has failed, and may be tried again',
    },
  },
  {
    name: 'an error of the server tells the key',
    promise: 'P2',
    file: 'src/models/openai-compatible.ts',
    find: 'said: strikeOut(said, server)',
    replace: 'said',
    test: { file: 'src/models/openai-compatible.test.ts', name: 'no error holds the key, whatever the server says' },
  },
  {
    name: 'a redirect takes the key elsewhere',
    file: 'src/models/openai-compatible.ts',
    find: "redirect: 'manual'",
    replace: "redirect: 'follow'",
    test: {
      file: 'src/models/openai-compatible.test.ts',
      name: 'a redirect is not followed, so the key goes nowhere else',
    },
  },
  {
    name: 'estimated usage passes for counted',
    file: 'src/models/chat-stream.ts',
    find: '...(inputTokens === undefined || outputTokens === undefined ? { estimated: true } : {}),',
    replace: '',
    test: {
      file: 'src/models/chat-stream.test.ts',
      name: 'usage that the server did not count is estimated and says so',
    },
  },
  {
    name: 'an unknown model has a price',
    file: 'src/models/prices.ts',
    find: 'return found?.id === name ? found : undefined;',
    replace: 'return found;',
    test: { file: 'src/models/prices.test.ts', name: 'what the list does not know has no price' },
  },
  {
    name: 'rules make structured output up',
    file: 'src/models/rules.ts',
    find: "throw new ModelError('model_failed', noModel, { details: { agent: request.agent } });",
    replace: 'return { output: {} };',
    test: {
      file: 'src/models/rules.test.ts',
      name: 'where no rule fits, structured output is refused for good, in the same words',
    },
  },
  {
    name: 'Retry-After is read as ms',
    file: 'src/models/http-failure.ts',
    find: 'Math.ceil(Number(text) * 1_000)',
    replace: 'Number(text)',
    test: {
      file: 'src/models/http-failure.test.ts',
      name: 'Retry-After is read as seconds and as a date, and as nothing else',
    },
  },
  {
    name: 'a body goes on after its reader left',
    file: 'src/models/sse.ts',
    find: 'await reader.cancel().catch(() => undefined);',
    replace: '',
    test: { file: 'src/models/sse.test.ts', name: 'whoever stops reading cancels the body' },
  },
  {
    name: 'looking for a model leaves the machine',
    file: 'src/models/detect.ts',
    find: "redirect: 'error'",
    replace: "redirect: 'follow'",
    test: {
      file: 'src/models/detect.test.ts',
      name: 'looking reaches only this machine, sends no key and follows no redirect',
    },
  },
  {
    name: 'a cached dataset answers another user',
    promise: 'P2',
    file: 'examples/optimizer/data/source.ts',
    find: 'const key = JSON.stringify([ownerText(user), ref]);',
    replace: 'const key = JSON.stringify([ref]);',
    test: {
      file: 'examples/optimizer/data/source.test.ts',
      name: "never answers one user from what another's call has cached",
    },
  },
  {
    name: 'a tool loads as somebody else',
    promise: 'P2',
    file: 'examples/optimizer/tools/finding-tools.ts',
    find: 'const dataset = await source.load(call.user, call.input.data);',
    replace: "const dataset = await source.load({ ...call.user, user: 'alice' }, call.input.data);",
    test: {
      file: 'examples/optimizer/tools/tools.test.ts',
      name: "load the data of the user who calls: another user's reference is not found by any of them",
    },
  },
  {
    name: 'a sum depends on the order of rows',
    file: 'examples/optimizer/analysis/numbers.ts',
    find: 'return sum(sortedValues(values));',
    replace: 'return [...values].reduce((all, value) => all + value, 0);',
    test: {
      file: 'examples/optimizer/analysis/analysis.prop.test.ts',
      name: 'leave every figure that has no time in it alone, to the last bit, when the times are shuffled',
    },
  },
  {
    name: 'hours are hashed',
    file: 'examples/optimizer/analysis/usage.ts',
    find: 'const counts = countBy(dataset, (at) => Math.floor(at / hourMs) % 24);',
    replace: 'const counts = countBy(dataset, (at) => Math.floor(at * 7919) % 24);',
    test: {
      file: 'examples/optimizer/analysis/analysis.test.ts',
      name: 'counts hours of the day from the times, in UTC',
    },
  },
  {
    name: 'a trend is invented',
    file: 'examples/optimizer/analysis/trends.ts',
    find: 'slopePerDay: line.slope,',
    replace: 'slopePerDay: average * 0.05,',
    test: { file: 'examples/optimizer/analysis/analysis.test.ts', name: 'fits the slope that is in the data' },
  },
  {
    name: 'a cost is invented',
    file: 'examples/optimizer/analysis/call-costs.ts',
    find: 'if (price === undefined || tokens === undefined) return Number.NaN;',
    replace: 'if (price === undefined || tokens === undefined) return 0.01;',
    test: {
      file: 'examples/optimizer/analysis/analysis.test.ts',
      name: 'leaves out a model without a price, and names it',
    },
  },
  {
    name: 'an assumption is not named beside its figure',
    file: 'examples/optimizer/report.ts',
    find: '${rows}${plain(tellAssumptions(figure.assumptions))}`',
    replace: '${rows}`',
    test: {
      file: 'examples/optimizer/tools/tools.test.ts',
      name: 'names an assumption beside every figure that rests on it',
    },
  },
  {
    name: 'a figure names the wrong tool call',
    file: 'examples/optimizer/tools/report-tool.ts',
    find: 'const mark = index + 1;',
    replace: 'const mark = 1;',
    test: {
      file: 'examples/optimizer/tools/tools.test.ts',
      name: 'gives each figure and table the path of the tool call that computed it',
    },
  },
  {
    name: 'a file that was changed is taken for what was stored',
    file: 'examples/optimizer/data/folder-source.ts',
    find: 'if (sha256(content) !== ref.sha256) throw notStored(ref);',
    replace: '',
    test: {
      file: 'examples/optimizer/data/source.test.ts',
      name: 'does not take a file that was changed for what was stored',
    },
  },
  {
    name: 'a fault in a file names the wrong line',
    file: 'examples/optimizer/data/table.ts',
    find: 'records.push({ line: lines - breaks, cells });',
    replace: 'records.push({ line: lines, cells });',
    test: {
      file: 'examples/optimizer/data/read-calls.test.ts',
      name: 'names the line a record begins at, also after quoted line breaks',
    },
  },
  {
    name: 'little data pass for enough',
    file: 'examples/optimizer/analysis/sufficiency.ts',
    find: 'if (completeness >= bounds.sufficientFrom) return',
    replace: 'if (completeness >= bounds.partialFrom) return',
    test: {
      file: 'examples/optimizer/analysis/analysis.test.ts',
      name: 'is partial for a question about cost, and sufficient once a model is assumed',
    },
  },
  {
    name: 'reporting does not wait for all to settle',
    file: 'examples/optimizer/plans.ts',
    find: "after: 'settled' };",
    replace: '};',
    test: {
      file: 'examples/optimizer/workflow.test.ts',
      name: 'leaves out what needs it, adds advice, and reporting still comes last and says so',
    },
  },
  {
    name: 'a step is dropped when triage failed',
    file: 'examples/optimizer/plans.ts',
    find: "unknown: {\n    kind: 'fallback_report',\n    steps: [{ name: 'data_helper' }],",
    replace: "unknown: {\n    kind: 'fallback_report',\n    steps: [],",
    test: {
      file: 'examples/optimizer/workflow.test.ts',
      name: 'still helps and reports when triage failed: no step of that flow is dropped',
    },
  },
  {
    name: 'figures depend on what the model calls',
    file: 'examples/optimizer/consult.ts',
    find: 'if ([...evidence.values()].some((one) => one.tool === tool.name)) continue;',
    replace: 'continue;',
    test: {
      file: 'examples/optimizer/workflow.test.ts',
      name: 'has the figures from tools also when the model calls none',
    },
  },
  {
    name: 'a made-up number is not told',
    file: 'examples/optimizer/workflow.ts',
    find: 'if (!problems.includes(reason)) ctx.degrade(reason);',
    replace: 'if (problems.includes(reason)) ctx.degrade(reason);',
    test: { file: 'examples/optimizer/workflow.test.ts', name: 'is told as degraded when it makes a number up' },
  },
  {
    name: 'a reader just misses what was dropped',
    promise: 'P1',
    file: 'src/stores/memory-user.ts',
    find: 'if (slot.userSeq > expected) skipped.push({ from: expected, to: slot.userSeq - 1 });',
    replace: '',
    test: {
      file: 'src/stores/memory-retention.test.ts',
      name: 'drops the oldest finished run of all users, with its row and key, and tells readers what is skipped (S5)',
    },
  },
  {
    name: 'a commit is not on the disk when it is acknowledged',
    promise: 'P3',
    file: 'src/stores/sqlite-schema.ts',
    find: 'PRAGMA synchronous = FULL;',
    replace: 'PRAGMA synchronous = NORMAL;',
    test: {
      file: 'src/stores/sqlite-crash.test.ts',
      name: 'syncs the disk at least once for each acknowledged append',
    },
  },
  {
    name: 'two engines share a data folder',
    promise: 'P5',
    file: 'src/stores/folder-lock.ts',
    find: "lock.exec('BEGIN EXCLUSIVE');",
    replace: "lock.exec('BEGIN');",
    test: {
      file: 'src/stores/sqlite-folder.test.ts',
      name: 'is refused to a second store of the same process, and free when the first is closed',
    },
  },
  {
    name: 'a failing disk is trusted again',
    promise: 'P3',
    file: 'src/stores/sqlite-worker.ts',
    find: '      if (isDiskFailure(thrown)) this.#broken = storeErrorOf(thrown, this.#folder);\n      journal.rollback();',
    replace: '      journal.rollback();',
    test: {
      file: 'src/stores/sqlite-journal.test.ts',
      name: 'promises nothing more once the disk has failed under a write, and has all that it had acknowledged',
    },
  },
  {
    name: 'an erased user is left in the files',
    promise: 'P2',
    file: 'src/stores/sqlite-journal.ts',
    find: "this.#db.exec('PRAGMA secure_delete = ON');",
    replace: '',
    test: { file: 'src/stores/sqlite-journal.test.ts', name: 'leaves no text of an erased user in its files' },
  },
  {
    name: 'a process ends with an append under way',
    promise: 'P3',
    file: 'src/stores/sqlite-link.ts',
    find: '    if (this.#waiting.size === 0) this.#worker.ref();\n',
    replace: '',
    test: {
      file: 'src/stores/sqlite-folder.test.ts',
      name: 'keeps the process alive until a pending append is on the disk',
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
    name: 'a stale epoch may write',
    promise: 'P5',
    file: 'src/stores/sqlite-journal.ts',
    find: 'part[2] > 0 && stored.epoch === part[2] && stored.head',
    replace: 'part[2] > 0 && stored.head',
    test: {
      file: 'src/stores/sqlite.test.ts',
      name: 'S2: fences a part whose epoch is stale, and writes nothing of it',
      declaredIn: 'src/testing/store.contract.ts',
    },
  },
  {
    name: 'a stale epoch may write in memory',
    promise: 'P5',
    file: 'src/stores/memory-user.ts',
    find: 'batch.epoch === this.epoch && batch.expectedUserSeq',
    replace: 'batch.epoch <= this.epoch && batch.expectedUserSeq',
    test: {
      file: 'src/stores/memory.test.ts',
      name: 'S2: fences a part whose epoch is stale, and writes nothing of it',
      declaredIn: 'src/testing/store.contract.ts',
    },
  },
  {
    name: 'a stale place may write in memory',
    promise: 'P5',
    file: 'src/stores/memory-user.ts',
    find: ' && batch.expectedUserSeq === this.head;',
    replace: ' && batch.expectedUserSeq <= this.head;',
    test: {
      file: 'src/stores/memory.test.ts',
      name: 'S2: fences a part whose expected place is stale, or ahead',
      declaredIn: 'src/testing/store.contract.ts',
    },
  },
  {
    name: 'a lease never runs out',
    file: 'src/stores/leases.ts',
    find: 'return until !== undefined && now < until;',
    replace: 'return until !== undefined;',
    test: {
      file: 'src/stores/memory.test.ts',
      name: 'S7: a lease runs out on the clock of the store, unless it is renewed before',
      declaredIn: 'src/testing/store.contract.ts',
    },
  },
  {
    name: 'a fenced part is told to subscribers',
    promise: 'P1',
    file: 'src/stores/sqlite.ts',
    find: 'if (!fenced.has(index)) this.#tell(batch);',
    replace: 'this.#tell(batch);',
    test: {
      file: 'src/stores/sqlite.test.ts',
      name: 'S6: tells a subscriber of each commit after it, in order, and of no other user',
      declaredIn: 'src/testing/store.contract.ts',
    },
  },
];
