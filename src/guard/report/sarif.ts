/**
 * SARIF 2.1.0, for code scanning.
 *
 * VS1  A result is fingerprinted by its identity, so that one that only moved stays the same alert.
 * VS2  Results are in groups, concept by concept, the worst first, and within what GitHub takes: beyond it one result says how
 *      many more there are.
 */
import { createHash } from 'node:crypto';
import type { Json } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { findingRules, identityOf, ruleSentences, type Finding } from './finding.ts';

/** The document as data. `version`: of this program. */
export function sarif(findings: readonly Finding[], version: string): Json {
  const kept = grouped(findings).slice(0, limits.guardSarifResultsMax);
  const left = findings.length - kept.length;
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'cantus guard',
            semanticVersion: version,
            rules: findingRules.map((rule) => ({
              id: rule,
              shortDescription: { text: ruleSentences[rule] },
              defaultConfiguration: { level: rule === 'found-rivals' ? 'note' : 'error' },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: kept.map(resultOf),
        ...(left > 0 ? { properties: { resultsLeftOut: left } } : {}),
      },
    ],
  };
}

/** Concept by concept in the order of their worst finding; within one the order they came in. */
function grouped(findings: readonly Finding[]): readonly Finding[] {
  return [...Map.groupBy(findings, ({ concept }) => concept).values()].flat();
}

function resultOf(finding: Finding): Json {
  const { level, rule, concept, path, line, message, hint, related, isKnown } = finding;
  return {
    ruleId: rule,
    ruleIndex: findingRules.indexOf(rule),
    level,
    kind: 'fail',
    message: { text: `${message} ${hint}` },
    locations: [placeOf(path, line)],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.slice(0, limits.guardSarifPlacesMax).map((place, index) => ({
            id: index + 1,
            ...placeOf(place.path, place.line),
            message: { text: place.what },
          })),
        }),
    partialFingerprints: { 'guardKey/v1': createHash('sha256').update(identityOf(finding)).digest('hex') },
    baselineState: isKnown ? 'unchanged' : 'new',
    properties: { concept, key: finding.key },
  };
}

function placeOf(path: string, line: number): { readonly physicalLocation: Json } {
  return {
    physicalLocation: {
      artifactLocation: { uri: path.split('/').map(encodeURIComponent).join('/') },
      region: { startLine: Math.max(1, line) },
    },
  };
}
