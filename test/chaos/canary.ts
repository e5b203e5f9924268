/** Words that only one user's things have in them: seen elsewhere, they tell whose they are (P2). */

/** A text that is `user`'s own. */
export function canaryOf(user: string): string {
  return `canary of <${user}>`;
}

/** The users whose canaries are in a text. */
export function canariesIn(text: string): readonly string[] {
  return [...text.matchAll(/canary of <([\w-]+)>/g)].map(([, user = '']) => user);
}
