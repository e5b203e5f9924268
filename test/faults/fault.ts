/** One planted fault: a mistake that one named test must see. */
export type Fault = {
  readonly name: string;
  /** The promise of ARCHITECTURE.md it would break. */
  readonly promise?: `P${number}`;
  /** The file it is in, and the text (found there exactly once) that becomes another. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The test that must fail: its file, and its name without those of the suites it is in. */
  readonly test: {
    readonly file: string;
    readonly name: string;
    /** Where its code is, if not in that file: in a suite that several files share. */
    readonly declaredIn?: string;
  };
};
