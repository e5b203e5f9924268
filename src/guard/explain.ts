/** What is behind one concept of a report. */
import { clip, EngineError } from '../core/errors.ts';
import type { Audit } from './audit.ts';
import type { Concept, Edge, Explanation, ScanReport, Unit } from './concept.ts';

/**
 * Explains a concept by its id, its name, or the name or id of one of its units, in any letter case. Throws a
 * `not_found` that names the nearest if the report has none.
 */
export function explain(report: ScanReport, concept: string): Explanation {
  const found = findConcept(report, concept);
  if (found === undefined) {
    const near = report.concepts.filter(({ id }) => id.includes(concept.toLowerCase().slice(0, 4))).slice(0, 5);
    const hint = near.length === 0 ? 'List them with a scan.' : `Did you mean ${near.map(({ id }) => id).join(', ')}?`;
    throw new EngineError('not_found', `There is no concept "${clip(concept)}" with more than one implementation.`, {
      hint,
    });
  }
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
  return explain(scan, (isFound ? undefined : config.concepts?.[concept]?.canonical) ?? concept);
}

function findConcept(report: ScanReport, wanted: string): Concept | undefined {
  const plain = wanted.toLowerCase();
  return (
    report.concepts.find(({ id }) => id === wanted) ??
    report.concepts.find(({ id, name }) => id.toLowerCase() === plain || name.toLowerCase() === plain) ??
    report.concepts.find(({ units }) =>
      units.some((id) => id === wanted || id.slice(id.indexOf('#') + 1).toLowerCase() === plain),
    )
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
    body >= 0.1 ? `bodies alike to ${Math.round(body * 100)} % at most` : 'bodies are not alike: one was written anew',
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
