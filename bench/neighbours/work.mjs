/** The work itself, the same for everyone that is measured: what steps, tools and the model do, and how much they say. */
const fill = 'x'.repeat(120);

/** One step: a fresh object of about 200 bytes of JSON. */
export function body(step, seq) {
  return {
    step,
    seq: (seq | 0) + 1,
    id: `item-000000${step}`,
    status: 'completed',
    data: fill,
    ok: true,
    cost: 0.25,
  };
}

export const TOKENS = Array.from({ length: 50 }, (_, index) => `tok${index} `);
export const TOOL_CALLS = 3;

export function toolResult(q) {
  return {
    q,
    rows: [
      { id: 1, name: 'alpha' },
      { id: 2, name: 'beta' },
    ],
    note: fill,
  };
}
