import type { Json } from '../core/json.ts';

/** What somebody typed as a value: JSON where it is JSON, else the text itself. */
export function parseReply(text: string): Json {
  const trimmed = text.trim();
  try {
    return JSON.parse(trimmed) as Json;
  } catch {
    return trimmed;
  }
}
