/**
 * The bundled sample: generated, seeded and labelled as such. No figure in it was measured anywhere.
 *
 * It has what an analysis can find: working hours and quiet weekends, slow growth, one expensive feature
 * (long prompts at a large model), failures, slow calls and a day of runaway prompts.
 */
import { readCalls } from './read-calls.ts';
import type { Dataset } from './dataset.ts';

export const sampleSeed = 7;

/** How the sample is called wherever it is shown. */
export function sampleName(seed: number = sampleSeed): string {
  return `sample (generated, seed ${seed})`;
}

/** The first day and the number of days. */
const firstDayMs = Date.UTC(2026, 9, 1);
const days = 30;
const callsPerWorkday = 182;
const dayMs = 86_400_000;

type Feature = {
  readonly name: string;
  readonly share: number;
  readonly model: string;
  readonly provider: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly msPerOutputToken: number;
};

const features: readonly Feature[] = [
  {
    name: 'chat',
    share: 0.42,
    model: 'gpt-4o',
    provider: 'openai',
    inputTokens: 900,
    outputTokens: 250,
    msPerOutputToken: 4,
  },
  {
    name: 'document-review',
    share: 0.13,
    model: 'claude-opus-4-5',
    provider: 'anthropic',
    inputTokens: 14_000,
    outputTokens: 900,
    msPerOutputToken: 9,
  },
  {
    name: 'classify-ticket',
    share: 0.28,
    model: 'gpt-4o-mini',
    provider: 'openai',
    inputTokens: 450,
    outputTokens: 12,
    msPerOutputToken: 3,
  },
  {
    name: 'summarize',
    share: 0.17,
    model: 'gemini-2.5-flash',
    provider: 'google',
    inputTokens: 3_200,
    outputTokens: 320,
    msPerOutputToken: 2,
  },
];

/** Chance as mulberry32 (Tommy Ettinger, public domain): short, and the same everywhere for one seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The sample as CSV text, about 5,000 calls. */
export function sampleCsv(seed: number = sampleSeed): string {
  const next = chance(seed);
  const lines = ['timestamp,request_id,model,provider,user_id,feature,input_tokens,output_tokens,latency_ms,status'];
  for (let day = 0; day < days; day++) {
    const midnight = firstDayMs + day * dayMs;
    const weekend = [0, 6].includes(new Date(midnight).getUTCDay());
    const calls = Math.round(callsPerWorkday * (weekend ? 0.35 : 1) * (1 + day / 120) * (0.95 + 0.1 * next()));
    for (let call = 0; call < calls; call++) lines.push(sampleLine(next, midnight, `${day}-${call}`));
  }
  return `${lines.join('\n')}\n`;
}

function sampleLine(next: () => number, midnight: number, id: string): string {
  const feature = pickFeature(next());
  const hour = next() < 0.8 ? 8 + 10 * ((next() + next()) / 2) : 24 * next();
  const at = midnight + Math.floor(hour * 3_600_000 + next() * 60_000) - 60_000 * Math.floor(hour / 24);
  // The runaway day: prompts of one feature grow sixtyfold for some calls.
  const runaway = midnight === firstDayMs + 19 * dayMs && feature.name === 'chat' && next() < 0.2;
  const input = Math.round(feature.inputTokens * (0.4 + 1.2 * next()) * (runaway ? 60 : 1));
  const output = Math.max(1, Math.round(feature.outputTokens * (0.3 + 1.4 * next())));
  const failed = next() < 0.02;
  const stalled = next() < 0.006;
  const latency = 180 + feature.msPerOutputToken * output + input / 40 + 150 * next() + (stalled ? 30_000 : 0);
  const user = `customer-${String(1 + Math.floor(24 * next() * next())).padStart(2, '0')}`;
  const cells = [
    new Date(Math.min(at, midnight + dayMs - 1)).toISOString(),
    `req-${id}`,
    feature.model,
    feature.provider,
    user,
    feature.name,
    input,
    failed ? 0 : output,
    latency.toFixed(1),
    failed ? 429 + 71 * Math.round(next()) : 200,
  ];
  return cells.join(',');
}

function pickFeature(chosen: number): Feature {
  let left = chosen;
  for (const feature of features) {
    left -= feature.share;
    if (left < 0) return feature;
  }
  return features[0] as Feature;
}

/** The sample, read as any file is. */
export function sampleDataset(seed: number = sampleSeed): Dataset {
  return readCalls(sampleCsv(seed), { name: sampleName(seed), generated: true, pricesAtMs: sampleEndMs() });
}

/** When the sample ends, in ms since 1970: its prices are those of then. */
export function sampleEndMs(): number {
  return firstDayMs + days * dayMs;
}
