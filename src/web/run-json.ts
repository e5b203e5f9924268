import type { Json } from '../core/json.ts';
import type { RunState } from '../journal/run-state.ts';

/** The folded state of a run as plain JSON: maps by their keys, and without what is not known. */
export function runJson(run: RunState): Json {
  return JSON.parse(
    JSON.stringify(run, (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value)),
  ) as Json;
}
