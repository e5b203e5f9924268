/** Mistakes planted in `examples/`. */
import type { Fault } from '../fault.ts';

export const examplesFaults: readonly Fault[] = [
  {
    name: 'a cached dataset answers another user',
    promise: 'P2',
    file: 'examples/optimizer/data/source.ts',
    find: 'const key = JSON.stringify([ownerText(user), datasetRefSchema.parse(ref)]);',
    replace: 'const key = JSON.stringify([datasetRefSchema.parse(ref)]);',
    test: {
      file: 'examples/optimizer/data/source.test.ts',
      name: "never answer one user from what another's call has cached (O1)",
    },
  },
  {
    name: 'a question and its tools read a file each',
    file: 'examples/optimizer/data/source.ts',
    find: 'await cache.load(user, ref, () => readApart(content, options));',
    replace: 'await readApart(content, options);',
    test: {
      file: 'examples/optimizer/data/source.test.ts',
      name: 'are read once for a question and all calls of its run, also those at once (O4)',
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
    file: 'examples/optimizer/report-answer.ts',
    find: '...notesOf([...part, ...tellAssumptions(assumptions)]),',
    replace: '...notesOf(part),',
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
    find: 'content === undefined || sha256(content) !== digest',
    replace: 'content === undefined',
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
    name: 'large data are read in the way of everybody',
    file: 'examples/optimizer/apart.ts',
    find: 'if (content.length < bounds.apartFromBytes)',
    replace: 'if (content.length > 0)',
    test: { file: 'examples/optimizer/apart.test.ts', name: 'are read while others go on, to the same dataset' },
  },
  {
    name: 'a follow-up is answered from the sample',
    file: 'examples/optimizer/cantus.config.ts',
    find: 'const previous = previousData(ask.previous);',
    replace: 'const previous = previousData(undefined);',
    test: {
      file: 'examples/optimizer/cantus.config.test.ts',
      name: 'are those of the question before in the same thread, and the note says so',
    },
  },
  {
    name: 'a figure of an answer has lost its source',
    file: 'examples/optimizer/report-answer.ts',
    find: 'return source === undefined ? { mark } : { source, mark };',
    replace: 'return { mark };',
    test: {
      file: 'examples/optimizer/tools/tools.test.ts',
      name: 'gives every figure, table and chart the path of the call that computed it',
    },
  },
  {
    name: 'the summary does not open with what was asked',
    file: 'examples/optimizer/headline.ts',
    find: 'return [...asked.flatMap((one) => tell(evidence, one)), ...workload];',
    replace: 'return [...workload, ...asked.flatMap((one) => tell(evidence, one))];',
    test: {
      file: 'examples/optimizer/headline.test.ts',
      name: 'answers what is slow with the slowest feature, and says when',
    },
  },
  {
    name: 'an agent that failed in triage is not named in the report',
    file: 'examples/optimizer/workflow.ts',
    find: 'return [...briefOf(work).problems, ...ofSteps];',
    replace: 'return ofSteps;',
    test: {
      file: 'examples/optimizer/workflow.test.ts',
      name: 'names in the report all that failed, as the outcome does',
    },
  },
  {
    name: 'the pace that was asked for is kept for nothing',
    file: 'examples/optimizer/workflow.ts',
    find: 'if (paceMs !== undefined) await',
    replace: 'if (paceMs === 0) await',
    test: {
      file: 'examples/optimizer/workflow.test.ts',
      name: 'lets each step wait as long as was asked for, where everybody sees it (OZ1)',
    },
  },
  {
    name: 'the page is told of flags of the command line',
    file: 'examples/optimizer/cantus.config.ts',
    find: 'The option "data" takes',
    replace: 'The option "data" (--data FILE) takes',
    test: {
      file: 'examples/optimizer/cantus.config.test.ts',
      name: 'are told with options by their names, for the page knows no flags',
    },
  },
  {
    name: 'a report keeps quiet of a tool that failed inside of an agent',
    file: 'examples/optimizer/workflow.ts',
    find: 'return found?.problems ?? [];',
    replace: 'return [];',
    test: {
      file: 'examples/optimizer/workflow.test.ts',
      name: 'names in the report a tool that failed inside of an agent that answered, as the outcome does',
    },
  },
];
