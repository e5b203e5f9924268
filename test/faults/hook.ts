/**
 * Plants one fault while a file is loaded. It stands before the program by `--import` in NODE_OPTIONS, so it is also
 * in the worker threads and the processes that a test starts. The product knows nothing of it.
 */
import { registerHooks } from 'node:module';

/** The variable that carries the fault, as JSON. */
export const faultVariable = 'CANTUS_PLANTED_FAULT';

export type PlantedFault = { readonly file: string; readonly find: string; readonly replace: string };

/** The environment in which every Node process loads `file` with the fault in it. */
export function faultEnvironment({ file, find, replace }: PlantedFault): Readonly<Record<string, string>> {
  const before = process.env['NODE_OPTIONS'] ?? '';
  return {
    NODE_OPTIONS: `${before} --import ${import.meta.url}`.trim(),
    [faultVariable]: JSON.stringify({ file, find, replace } satisfies PlantedFault),
  };
}

function plant(fault: PlantedFault): void {
  const target = new URL(`../../${fault.file}`, import.meta.url).href;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url !== target || loaded.source === undefined || loaded.source === null) return loaded;
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      // A function, because a text would have its "$" read as references.
      return { ...loaded, source: source.replace(fault.find, () => fault.replace) };
    },
  });
}

const given = process.env[faultVariable];
if (given !== undefined) plant(JSON.parse(given) as PlantedFault);
