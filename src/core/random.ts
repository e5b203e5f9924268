/** Chance comes in by this door, so that tests and the simulation can repeat it. */
export interface Random {
  /** From 0 up to, but not including, 1. */
  next(): number;
  /** A new id that no one else has (a UUID). */
  id(): string;
}

/** The machine's chance. Ids are 122 random bits (RFC 9562, version 4). */
export const systemRandom: Random = {
  next: () => Math.random(),
  id: () => {
    // Browsers have it only in pages that came over TLS or from this machine.
    const id = typeof crypto.randomUUID === 'function' ? crypto.randomUUID() : idOfBits();
    // It comes as a chain of fourteen pieces; looking into it joins them, which saves 400 bytes for each id that is kept.
    id.charCodeAt(0);
    return id;
  },
};

function idOfBits(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = '89ab'[(bytes[8] ?? 0) & 3];
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}

/**
 * The same numbers for the same seed, for tests and the simulation only: its ids can be foretold.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand).
 */
export function seededRandom(seed: number): Random {
  let a = seed | 0;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  const next32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) next32();
  const hex = (): string => next32().toString(16).padStart(8, '0');
  return {
    next: () => next32() / 4_294_967_296,
    id: () => {
      const digits = hex() + hex() + hex() + hex();
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`;
    },
  };
}
