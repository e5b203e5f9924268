/** `cantus/guard`: finds rival implementations of one concept in any code base, and keeps the one that was decided for. */
export {};
