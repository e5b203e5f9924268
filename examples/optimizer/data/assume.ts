/** Reads the pairs of the option `assume`. */
import { ValidationError } from 'cantus';
import type { LatencyUnit } from './columns.ts';
import type { Assumptions } from './dataset.ts';
import { normalName } from './fields.ts';

const latencyUnits: readonly LatencyUnit[] = ['ms', 's', 'us', 'min'];

/**
 * Throws a ValidationError that names what can be assumed.
 *
 * @example
 * parseAssumptions(['model=gpt-4o']); // { model: 'gpt-4o' }
 */
export function parseAssumptions(pairs: readonly string[]): Assumptions {
  const assume: { model?: string; provider?: string; latencyUnit?: LatencyUnit } = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = normalName(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : pair.slice(equals + 1).trim();
    if (value === '') refuse(`The option "assume" has "${pair}", which names no value.`);
    if (name === 'model') assume.model = value;
    else if (name === 'provider') assume.provider = value;
    else if (name === 'latency unit') assume.latencyUnit = parseUnit(value);
    else refuse(`The option "assume" has "${pair}", but "${name}" can't be assumed.`);
  }
  return assume;
}

function parseUnit(value: string): LatencyUnit {
  const unit = latencyUnits.find((known) => known === value);
  return unit ?? refuse(`"${value}" is no unit of latency.`);
}

function refuse(message: string): never {
  throw new ValidationError(message, {
    hint:
      'The option "assume" takes model=NAME, provider=NAME or ' +
      `latency_unit=${latencyUnits.join('|')} (--assume model=NAME).`,
  });
}
