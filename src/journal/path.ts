/**
 * Where a step is in its run's tree.
 *
 * A path is parent "/" segment; a segment is a name, `name:key`, and `@2` behind it when a step that had children is
 * tried a second time, so that its children begin anew. Names have no separators (core/names.ts) and keys are
 * escaped, so two places never share a path.
 */
import { ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';

/** The path of the step `name` (and `key`) under `parent`; the run itself is the empty path. */
export function childPath(parent: string, name: string, key?: string): string {
  const segment = key === undefined ? name : `${name}:${escapeKey(key)}`;
  return parent === '' ? segment : `${parent}/${segment}`;
}

function escapeKey(key: string): string {
  if (key === '' || key.length > limits.stepKeyCharsMax) {
    throw new ValidationError(`The key of a step must have 1 to ${limits.stepKeyCharsMax} characters.`, {
      hint: 'Use an id or a counter of the thing the step is for.',
    });
  }
  return /^[\w.,=+-]*$/.test(key)
    ? key
    : encodeURIComponent(key.replace(/\p{Surrogate}/gu, '\ufffd')).replaceAll('@', '%40');
}

/** The path under which attempt number `attempt` of a step with children works. */
export function attemptPath(path: string, attempt: number): string {
  return attempt === 1 ? path : `${path}@${attempt}`;
}

/** The path without its attempt: the same for all attempts of one step. */
export function basePath(path: string): string {
  const at = path.lastIndexOf('@');
  return at > path.lastIndexOf('/') ? path.slice(0, at) : path;
}

/** The path with no attempt anywhere in it: the same however often anything around the step was tried. */
export function pathWithoutAttempts(path: string): string {
  return path.replaceAll(/@\d+(?=\/|$)/g, '');
}

/** The path of the step this one is in, with its attempt; empty for a step at the top. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
