/** What is said of a concept that `guard.json` does not declare: one text, whoever asked. */
import { clip, ValidationError } from '../core/errors.ts';
import { nearestName } from '../core/names.ts';
import { configName, type GuardConfig } from './config.ts';

/** No such concept is declared, or its canonical unit is gone; says what was probably meant. */
export function undeclared({ concepts = {} }: GuardConfig, concept: string): ValidationError {
  const declared = concepts[concept];
  if (declared !== undefined) {
    return new ValidationError(`The canonical ${declared.canonical} of ${concept} is not there.`, {
      hint: `Name the one that is: cantus guard decide ${concept} PATH#NAME.`,
    });
  }
  const near = nearestName(concept, Object.keys(concepts));
  return new ValidationError(`${configName} declares no concept "${clip(concept)}".`, {
    hint: near === undefined ? `Declare it: cantus guard decide ${concept} UNIT.` : `Did you mean "${near}"?`,
  });
}
