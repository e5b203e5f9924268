/** What is behind one concept of a report. */
import { ValidationError } from '../core/errors.ts';
import type { Audit } from './audit.ts';
import type { Concept, Edge, Explanation, ScanReport, Unit } from './concept.ts';
import { findConcept } from './find-concept.ts';

/**
 * Explains a concept by its id, its name, or the name or id of one of its units, in any letter case. Throws a
 * ValidationError that names the nearest if the report has none, or those it could be if there are several.
 */
export function explain(report: ScanReport, concept: string): Explanation {
  const found = findConcept(report, concept);
  const unitOf = (id: string): Unit[] => {
    const unit = report.tree.units.get(id);
    return unit === undefined ? [] : [unit];
  };
  const [best, second] = found.candidates;
  return {
    concept: found,
    members: found.candidates.flatMap((candidate) =>
      unitOf(candidate.unit).map((unit) => ({
        unit,
        candidate,
        methods: unit.methods.filter((method) => !method.isPrivate).map((method) => method.name),
      })),
    ),
    whyTogether: whyTogether(found),
    leftOut: leftOutOf(found, unitOf),
    gap: Math.round(((best?.score ?? 0) - (second?.score ?? 0)) * 1_000) / 1_000,
  };
}

/** The same where the name may also be that of a concept that `guard.json` declares: it is explained by its canonical unit. */
export function explainOfAudit({ scan, config }: Pick<Audit, 'scan' | 'config'>, concept: string): Explanation {
  const isFound = scan.concepts.some(({ id }) => id === concept);
  const canonical = isFound ? undefined : config.concepts?.[concept]?.canonical;
  if (canonical === undefined) return explain(scan, concept);
  if (scan.concepts.some(({ units }) => units.includes(canonical))) return explain(scan, canonical);
  throw new ValidationError(
    `${concept} is declared, and no rival of ${canonical} is found: there is nothing to explain.`,
    {
      hint: `What its rules say is told by cantus guard check, what still uses others by cantus guard todo ${concept}.`,
    },
  );
}

function whyTogether(concept: Concept): string[] {
  const told: string[] = [];
  const relations = new Set(concept.edges.map((edge) => edge.evidence.nameRelation));
  const names = [...new Set(concept.units.map((id) => id.slice(id.indexOf('#') + 1)))];
  if (relations.has('same') && names.length === 1) told.push(`all are called ${names[0] ?? ''}`);
  else told.push(`same subject and role "${concept.name}": ${names.join(', ')}`);
  const shared = countedMost(concept.edges.flatMap((edge) => edge.evidence.shared));
  if (shared.length > 0) told.push(`shared: ${shared.slice(0, 8).join(', ')}`);
  const bound = countedMost(concept.edges.flatMap((edge) => edge.evidence.boundAs));
  if (bound.length > 0) told.push(`variables that hold now one, now another: ${bound.slice(0, 5).join(', ')}`);
  const body = Math.max(...concept.edges.map((edge) => edge.evidence.bodyJaccard));
  told.push(
    body >= 0.1
      ? `the two most alike share ${Math.round(body * 100)} % of their bodies`
      : 'bodies are not alike: one was written anew',
  );
  return told;
}

function countedMost(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([value]) => value);
}

function leftOutOf(concept: Concept, unitOf: (id: string) => Unit[]): Explanation['leftOut'] {
  const own = new Set(concept.units);
  const seen = new Set<string>();
  return concept.leftOut.flatMap((edge: Edge) => {
    const id = own.has(edge.a) ? edge.b : edge.a;
    if (seen.has(id)) return [];
    seen.add(id);
    return unitOf(id).map((unit) => ({ unit, verdict: edge.verdict, reason: edge.reason }));
  });
}
