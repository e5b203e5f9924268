/**
 * Which steps of a long list are shown where a person reads along: the first ones, the newest ones, and the one that was
 * asked for. The inspector has them all.
 */

const firstShown = 8;
const lastShown = 24;

export type Cut<Node> = {
  readonly first: readonly Node[];
  /** How many are left out between the two. */
  readonly left: number;
  readonly last: readonly Node[];
};

/** A list that is hardly longer than what is shown is shown whole. */
export function cutSteps<Node>(nodes: readonly Node[], isWanted: (node: Node) => boolean): Cut<Node> {
  if (nodes.length <= firstShown + lastShown + 4) return { first: nodes, left: 0, last: [] };
  const middle = nodes.slice(firstShown, -lastShown);
  const wanted = middle.filter(isWanted);
  return {
    first: [...nodes.slice(0, firstShown), ...wanted],
    left: middle.length - wanted.length,
    last: nodes.slice(-lastShown),
  };
}
