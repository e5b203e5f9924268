/**
 * Grades what the guard found in labelled cases.
 *
 * GG1  A finding is right if all its units are of one true group, mixed if two are and others are not, else false;
 *     what no label speaks of is false as well.
 * GG2  Precision counts right findings only. A group is found if a certain or likely finding has two of its units.
 * GG3  A label `possible` asks for nothing in the default report: it is no part of recall, but no false alarm either.
 */
import type { Tier } from '../src/guard/concept.ts';
import type { Case, FalseAlarm, TrueGroup } from './guard-corpus.ts';

/** What is graded of a concept. */
export type Finding = { readonly id: string; readonly tier: Tier; readonly units: readonly string[] };

export type Grade = 'right' | 'mixed' | 'false';

export type GradedFinding = Finding & { readonly grade: Grade };
export type GradedGroup = TrueGroup & { readonly isFound: boolean; readonly isWhole: boolean; readonly foundAs?: Tier };
export type GradedAlarm = FalseAlarm & { readonly isRaised: boolean };

/** One case with what was found in it. */
export type GradedCase = {
  readonly case: Case;
  readonly findings: readonly GradedFinding[];
  readonly groups: readonly GradedGroup[];
  readonly alarms: readonly GradedAlarm[];
};

const shared = (a: readonly string[], b: readonly string[]): number => a.filter((unit) => b.includes(unit)).length;
const isTold = (finding: Finding): boolean => finding.tier !== 'possible';

/** Holds the findings against the labels. */
export function grade(one: Case, findings: readonly Finding[]): GradedCase {
  const told = findings.filter(isTold);
  return {
    case: one,
    findings: findings.map((finding) => ({ ...finding, grade: gradeOf(finding, one.expect) })),
    groups: one.expect.map((group) => gradeGroup(group, findings)),
    alarms: one.not.map((alarm) => ({
      ...alarm,
      isRaised: told.some((finding) => shared(finding.units, alarm.units) >= 2),
    })),
  };
}

function gradeOf(finding: Finding, groups: readonly TrueGroup[]): Grade {
  const most = Math.max(0, ...groups.map((group) => shared(finding.units, group.units)));
  if (most < 2) return 'false';
  return most === finding.units.length ? 'right' : 'mixed';
}

function gradeGroup(group: TrueGroup, findings: readonly Finding[]): GradedGroup {
  const best = findings
    .filter((finding) => shared(finding.units, group.units) >= 2)
    .toSorted((a, b) => shared(b.units, group.units) - shared(a.units, group.units))[0];
  if (best === undefined) return { ...group, isFound: false, isWhole: false };
  const isWhole = shared(best.units, group.units) === group.units.length;
  return { ...group, isFound: isTold(best), isWhole, foundAs: best.tier };
}

/** Part of a whole, with both numbers kept. */
export type Share = { readonly of: number; readonly all: number; readonly share: number };

export type Score = {
  readonly cases: number;
  readonly certain: Share;
  readonly told: Share;
  /** Right or mixed, over all that is told. */
  readonly lenient: Share;
  readonly recall: Share;
  /** Groups found with every unit. */
  readonly whole: Share;
  /** Labels of possible rivals that are found in whatever tier. */
  readonly possible: Share;
  /** By verdict: labels that stayed silent, over all. */
  readonly silent: Readonly<Record<string, Share>>;
};

/** An empty whole counts as full: who says nothing says nothing wrong. */
function shareOf<T>(all: readonly T[], test: (one: T) => boolean): Share {
  const of = all.filter(test).length;
  return { of, all: all.length, share: all.length === 0 ? 1 : of / all.length };
}

/** Sums up graded cases. */
export function scoreOf(graded: readonly GradedCase[]): Score {
  const told = graded.flatMap((one) => one.findings).filter(isTold);
  const groups = graded.flatMap((one) => one.groups);
  const asked = groups.filter((group) => group.tier !== 'possible');
  const alarms = graded.flatMap((one) => one.alarms);
  const byVerdict = Object.groupBy(alarms, (alarm) => alarm.verdict);
  return {
    cases: graded.length,
    certain: shareOf(
      told.filter((finding) => finding.tier === 'certain'),
      (finding) => finding.grade === 'right',
    ),
    told: shareOf(told, (finding) => finding.grade === 'right'),
    lenient: shareOf(told, (finding) => finding.grade !== 'false'),
    recall: shareOf(asked, (group) => group.isFound),
    whole: shareOf(asked, (group) => group.isFound && group.isWhole),
    possible: shareOf(
      groups.filter((group) => group.tier === 'possible'),
      (group) => group.foundAs !== undefined,
    ),
    silent: Object.fromEntries(
      Object.entries(byVerdict)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([verdict, list]) => [verdict, shareOf(list, (alarm) => !alarm.isRaised)]),
    ),
  };
}
