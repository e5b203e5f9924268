import { tellCount, tellMany, tellUsd } from '../core/units.ts';
import type { RunState } from '../journal/run-state.ts';
import { modelWords } from '../agents/model.ts';
import { modelsOf } from '../journal/step-tree.ts';

/** Who answered, with how many tokens, for how much. An unknown price is said to be unknown. */
export function RunCost({ state }: { readonly state: RunState }) {
  const { modelCalls, inputTokens, outputTokens, usd } = state.usage;
  const models = modelsOf(state);
  if (models.length === 0) return <span className="fine">No model was asked.</span>;
  if (models.every((id) => id === 'builtin/rules'))
    return <span className="fine">{tellMany(modelCalls, 'answer')} by rules, not a language model · no cost</span>;
  const tokens = `${tellCount(inputTokens)} tokens in, ${tellCount(outputTokens)} out`;
  return (
    <span className="fine">
      {models.map(modelWords).join(', ')} · {tokens} ·{' '}
      {usd === null ? 'cost unknown: a model has no known price' : tellUsd(usd)}
    </span>
  );
}
