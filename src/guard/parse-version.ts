/** Part of the key of cached facts: changes whenever the same text gives other facts. */
export const extractorVersion = 5;
