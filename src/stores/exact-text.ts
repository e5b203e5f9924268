/**
 * Ids as texts of a database. UTF-8 has no lone surrogates, so two ids that differ in one would become the same row:
 * such an id is kept as its JSON text, and so is one that looks like JSON text, which makes the mapping reversible.
 */
export function toExactText(id: string): string {
  return id.isWellFormed() && !id.startsWith('"') && !id.includes('\0') ? id : JSON.stringify(id);
}

export function fromExactText(text: string): string {
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}
