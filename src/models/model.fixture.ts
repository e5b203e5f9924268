/** Requests and readers that the tests of the adapters share. */
import type { Model, ModelPart, ModelRequest } from '../agents/model.ts';

export function requestOf(text: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    agent: 'clerk',
    instructions: 'Be brief.',
    messages: [{ role: 'user', text }],
    tools: [],
    outputTokensMax: 100,
    ...more,
  };
}

export async function collect(
  model: Model,
  request: ModelRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<ModelPart[]> {
  const parts: ModelPart[] = [];
  for await (const part of model.stream(request, { signal })) parts.push(part);
  return parts;
}

export function textOf(parts: readonly ModelPart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

export function finishOf(parts: readonly ModelPart[]): ModelPart & { readonly type: 'finish' } {
  const last = parts.at(-1);
  if (last?.type !== 'finish' || parts.filter(({ type }) => type === 'finish').length !== 1) {
    throw new Error('A stream must end in its only finish.');
  }
  return last;
}
