/** Where the user is in the page, as the fragment of its address: nothing of it reaches the server. */

export type Place =
  | { readonly kind: 'new' }
  /** A conversation, and the run of it that is looked for. */
  | { readonly kind: 'thread'; readonly thread: string; readonly run?: string }
  /** A run, and the step of it that is looked at. */
  | { readonly kind: 'run'; readonly run: string; readonly path?: string }
  | { readonly kind: 'runs' }
  /** With the code that the server printed, or somebody was given. */
  | { readonly kind: 'setup' | 'join'; readonly code: string };

/** What the fragment says. What it does not know is a new question: an old link must not be a dead end. */
export function parsePlace(fragment: string): Place {
  const text = fragment.replace(/^#/, '');
  const [, joining, code] = /^(setup|join)=(.{0,200})$/.exec(text) ?? [];
  if (joining !== undefined) return { kind: joining === 'setup' ? 'setup' : 'join', code: decoded(code ?? '') };
  const [way = '', query = ''] = text.split('?');
  const [, page, id] = /^\/(t|r|runs)(?:\/([^/]+))?$/.exec(way) ?? [];
  if (page === 'runs') return { kind: 'runs' };
  if (page === undefined || id === undefined) return { kind: 'new' };
  return page === 't' ? threadPlace(decoded(id), query) : runPlace(decoded(id), query);
}

function threadPlace(thread: string, query: string): Place {
  const run = new URLSearchParams(query).get('run');
  return { kind: 'thread', thread, ...(run === null ? {} : { run }) };
}

function runPlace(run: string, query: string): Place {
  const path = new URLSearchParams(query).get('step');
  return { kind: 'run', run, ...(path === null ? {} : { path }) };
}

/** @example formatPlace({ kind: 'thread', thread: 't1' }); // "#/t/t1" */
export function formatPlace(place: Place): string {
  switch (place.kind) {
    case 'new':
      return '#/';
    case 'runs':
      return '#/runs';
    case 'thread': {
      const run = place.run === undefined ? '' : `?${new URLSearchParams({ run: place.run })}`;
      return `#/t/${encodeURIComponent(place.thread)}${run}`;
    }
    case 'run': {
      const step = place.path === undefined ? '' : `?${new URLSearchParams({ step: place.path })}`;
      return `#/r/${encodeURIComponent(place.run)}${step}`;
    }
    default:
      return `#${place.kind}=${encodeURIComponent(place.code)}`;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
