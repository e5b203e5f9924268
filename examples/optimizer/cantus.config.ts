/** The optimizer as an app: `cantus run optimize --data FILE "question"`. */
import { join } from 'node:path';
import { defineApp, ValidationError, type AppAsk, type AppOptionValues, type Json, type Prepared } from 'cantus';
import { optimizerAgents } from './agents/agents.ts';
import { optimizerRules } from './agents/rules.ts';
import { bounds } from './bounds.ts';
import { parseAssumptions } from './data/assume.ts';
import { parseMapping } from './data/columns.ts';
import { fieldNames, optionName } from './data/fields.ts';
import { folderSource } from './data/folder-source.ts';
import type { DatasetRef, DatasetStore } from './data/source.ts';
import { sampleCsv, sampleEndMs, sampleName } from './data/sample.ts';
import { answerOf } from './report-answer.ts';
import { reportSchema } from './report.ts';
import { optimizerTools } from './tools/optimizer-tools.ts';
import { describeData } from './tools/workload.ts';
import { optimizeInputSchema, optimizeWorkflow } from './workflow.ts';

const sources = new Map<string, DatasetStore>();

/** Where the data that users gave is kept, below the data folder: one for its questions and their tools. */
function datasetsIn(folder: string): DatasetStore {
  const known = sources.get(folder) ?? folderSource(join(folder, 'datasets'));
  sources.set(folder, known);
  return known;
}

export const app = defineApp({
  name: 'optimizer',
  description: 'Finds out what your calls to language models cost, and how to spend less.',
  default: 'optimize',
  rules: optimizerRules,
  samples: [
    'Analyze my AI costs and tell me how to cut them',
    'Which feature is slow, and when?',
    'Is my usage growing, and who uses most?',
  ],
  options: [
    { flag: '--data <file>', help: 'calls to language models, as CSV or JSON Lines; without it a generated sample' },
    {
      flag: '--map <field=column>',
      help: `which column is what, e.g. output_tokens=GenTok. Fields: ${fieldNames.map(optionName).join(', ')}`,
      many: true,
    },
    { flag: '--assume <name=value>', help: 'what the file does not say: model, provider or latency_unit', many: true },
    { flag: '--skip-bad-rows', help: 'leave out rows that cannot be read, if they are few; they are counted' },
    {
      flag: '--pace <seconds>',
      help: 'seconds to wait before each step, so that one can watch, reload, stop or restart in the middle',
    },
  ],
  serve({ folder }) {
    const tools = optimizerTools(datasetsIn(folder));
    const agents = optimizerAgents(tools);
    return { agents: Object.values(agents), workflows: [optimizeWorkflow(agents, tools)] };
  },
  prepare,
  render: (output: Json, workflow: string) =>
    workflow === 'optimize' ? answerOf(reportSchema.parse(output)) : JSON.stringify(output, null, 2),
});

const giveCalls = (which: string): string => `The option "data" takes ${which}.`;

async function prepare(ask: AppAsk): Promise<Prepared> {
  if (ask.workflow !== 'optimize') return { input: ask.question };
  const source = datasetsIn(ask.folder);
  const { data, goesOn } = await dataOf(ask, source);
  const dataset = await source.load(ask.user, data);
  const { rows, span, columns, absent, unmapped, skipped } = describeData(dataset);
  const notes = goesOn ? [`It goes on with the data of the question before. ${giveCalls('other calls')}`] : [];
  notes.push(`calls: ${rows.toLocaleString('en-US')} in ${data.name}${span === null ? '' : `, ${span.told}`}`);
  if (dataset.generated)
    notes.push(`This sample is generated: no figure in it was measured. ${giveCalls('your own calls')}`);
  notes.push(`columns: ${columns.map(({ field, column }) => `${column} = ${field}`).join(', ')}`);
  if (absent.length > 0) notes.push(`not in the data: ${absent.join(', ')}`);
  if (unmapped.length > 0)
    notes.push(`not used: ${unmapped.join(', ')} (the option "map" takes one for a field, as FIELD=COLUMN)`);
  if (skipped.rows > 0)
    notes.push(`left out: ${skipped.rows} ${skipped.rows === 1 ? 'row' : 'rows'} that can't be read`);
  const paceMs = paceOf(ask.options['pace']);
  if (paceMs === undefined) return { input: { question: ask.question, data }, notes };
  notes.push(`Each step waits ${paceMs / 1_000} s before it begins, as the option "pace" says.`);
  return { input: { question: ask.question, data, paceMs }, notes };
}

/** A pace in ms. Throws a ValidationError for what is no number of seconds within bounds. */
function paceOf(given: AppOptionValues[string] | undefined): number | undefined {
  if (given === undefined) return undefined;
  const paceMs = Math.round(Number(given) * 1_000);
  if (paceMs > 0 && paceMs <= bounds.paceSecondsMax * 1_000) return paceMs;
  throw new ValidationError(`The pace "${String(given)}" is no number of seconds up to ${bounds.paceSecondsMax}.`, {
    hint: 'Give the option "pace" a number, such as 3.',
  });
}

type Given = { readonly data: DatasetRef; readonly goesOn: boolean };

/** The file that was given, else the data of the question before in the same thread, else the sample. */
async function dataOf(ask: AppAsk, source: DatasetStore): Promise<Given> {
  const file = ask.options['data'];
  const given = {
    mapping: parseMapping(listOf(ask.options, 'map')),
    assume: parseAssumptions(listOf(ask.options, 'assume')),
  };
  const skip = ask.options['skip-bad-rows'] === true ? { skipBadRows: true } : {};
  if (typeof file === 'string') {
    const options = { name: file, pricesAtMs: dayOf(ask.now), ...given, ...skip };
    return { data: await source.put(ask.user, await ask.readFile(file), options), goesOn: false };
  }
  const previous = previousData(ask.previous);
  if (previous !== undefined && !previous.generated) {
    return { data: { ...previous, ...changesOf(previous, given), ...skip }, goesOn: true };
  }
  const sample = { name: sampleName(), generated: true, pricesAtMs: sampleEndMs(), ...given };
  return { data: await source.put(ask.user, sampleCsv(), sample), goesOn: false };
}

/** What was said of the data before holds on, as far as nothing else is said of it now. */
function changesOf(
  previous: DatasetRef,
  given: Pick<DatasetRef, 'mapping' | 'assume'>,
): Pick<DatasetRef, 'mapping' | 'assume'> {
  return { mapping: { ...previous.mapping, ...given.mapping }, assume: { ...previous.assume, ...given.assume } };
}

function previousData(previous: Json | undefined): DatasetRef | undefined {
  const parsed = optimizeInputSchema.safeParse(previous);
  return parsed.success ? (parsed.data.data ?? undefined) : undefined;
}

/** Prices are those of the day, so that a start that is sent again on it is the same start. */
function dayOf(ms: number): number {
  return ms - (ms % 86_400_000);
}

function listOf(options: AppOptionValues, name: string): readonly string[] {
  const value = options[name];
  if (value === undefined || value === true) return [];
  return typeof value === 'string' ? [value] : value;
}
