const allowed: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

/** A link's address if the page may offer it: an absolute one, to the web or to mail. Else undefined. */
export function safeAddress(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return allowed.has(url.protocol) ? url.href : undefined;
}
