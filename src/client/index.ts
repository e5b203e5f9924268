/** `cantus/client`: the user's door over a wire, in Node and in browsers. */
export type { Me } from '../protocol/frames.ts';
