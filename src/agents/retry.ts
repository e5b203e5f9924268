/** How often a failed leaf step is tried again, and how long to wait between. */
export type RetryPolicy = {
  /** Tries in all, the first among them. */
  readonly attempts: number;
  /** Wait before the second try, in ms; then times `factor` each time, up to `delayMsMax`. */
  readonly delayMs?: number;
  readonly factor?: number;
  readonly delayMsMax?: number;
};

/** The wait before try number `attempt + 1`, or null when there is none. */
export function retryDelayMs(policy: RetryPolicy | undefined, attempt: number): number | null {
  if (policy === undefined || !(attempt < policy.attempts)) return null;
  const { delayMs = 200, factor = 2, delayMsMax = 30_000 } = policy;
  // The factor grows out of all numbers, and no delay times infinity is not a number.
  return Math.min(delayMs * Math.min(factor ** (attempt - 1), Number.MAX_VALUE), delayMsMax);
}
