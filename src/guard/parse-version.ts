/** Part of the key of cached facts: changes whenever the same text gives other facts, or other bytes count as a text. */
export const extractorVersion = 12;
