/** When waiting is over early: the machine is online again, or somebody looks at the page again. */

type Target = {
  readonly addEventListener?: (name: string, listener: () => void) => void;
  readonly removeEventListener?: (name: string, listener: () => void) => void;
};
type Platform = Target & { readonly document?: Target & { readonly visibilityState?: string } };

/** Calls `wake` whenever the platform says so, and returns what stops that. Where it says nothing, as in Node, never. */
export function watchWake(wake: () => void): () => void {
  const platform = globalThis as Platform;
  const looked = (): void => {
    if (platform.document?.visibilityState === 'visible') wake();
  };
  platform.addEventListener?.('online', wake);
  platform.document?.addEventListener?.('visibilitychange', looked);
  return () => {
    platform.removeEventListener?.('online', wake);
    platform.document?.removeEventListener?.('visibilitychange', looked);
  };
}
