/**
 * Finds the app that is served: `cantus.config.ts`, `.mjs` or `.js` in the folder the command runs in, else the one
 * that comes with Cantus.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { defineApp, type App } from '../agents/app.ts';
import { EngineError, ValidationError } from '../core/errors.ts';
import type { Host } from './host.ts';

export type FoundApp = {
  readonly app: App;
  /** The file it is from, as people know it; undefined for the app that comes with Cantus. */
  readonly file: string | undefined;
};

const fileNames = ['cantus.config.ts', 'cantus.config.mjs', 'cantus.config.js'] as const;

/** Throws a ValidationError that names the file, what is wrong in it, and where. */
export async function findApp(host: Host): Promise<FoundApp> {
  const found = fileNames.filter((name) => existsSync(join(host.folder, name)));
  if (found.length > 1)
    throw new ValidationError(`There are ${found.join(' and ')} in this folder.`, { hint: 'Keep one of them.' });
  const [file] = found;
  const path = file === undefined ? host.builtinConfig : join(host.folder, file);
  if (!existsSync(path))
    throw new ValidationError('There is no cantus.config.ts in this folder.', {
      hint: 'Write one: export const app = defineApp({ agents: [...] });',
    });
  return { app: await loadApp(path), file };
}

/** The app that a file exports. */
export async function loadApp(path: string): Promise<App> {
  const exported = await load(path);
  const { app } = exported;
  if (app === undefined) {
    const names = Object.keys(exported);
    throw new ValidationError(
      `${basename(path)} exports no "app"${names.length === 0 ? '' : ` (it exports ${names.join(', ')})`}.`,
      { hint: 'Write: export const app = defineApp({ agents: [...] });' },
    );
  }
  if (isApp(app)) return app;
  try {
    // A bare object of the right shape is one too, and one of a wrong shape is told what is wrong with it.
    return defineApp(app as never);
  } catch (thrown) {
    throw inFile(path, thrown);
  }
}

/** As `defineApp` made it, in whatever copy of the package. */
function isApp(value: unknown): value is App {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'app' && 'serve' in value;
}

async function load(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (thrown) {
    throw inFile(path, thrown);
  }
}

/** Says what a configuration threw, in which file, and where that is known in which line. */
function inFile(path: string, thrown: unknown): ValidationError {
  const message = EngineError.is(thrown) || thrown instanceof Error ? thrown.message : String(thrown);
  const name = thrown instanceof Error && !EngineError.is(thrown) && thrown.name !== 'Error' ? `${thrown.name}: ` : '';
  return new ValidationError(`${placeIn(path, thrown)}: ${name}${message}`, { hint: hintFor(thrown), cause: thrown });
}

function hintFor(thrown: unknown): string {
  if (EngineError.is(thrown) && thrown.hint !== undefined) return thrown.hint;
  const { code, message } = thrown as { readonly code?: unknown; readonly message?: unknown };
  if (code === 'ERR_MODULE_NOT_FOUND' && String(message).includes("'cantus'")) return 'Run: npm install cantus';
  if (code === 'ERR_MODULE_NOT_FOUND') return 'Install what it imports, or mend the path.';
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return 'Types are only stripped here: write no enum, namespace or parameter property.';
  // `npm init` makes packages whose files are CommonJS.
  if (thrown instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(String(message)))
    return 'Say that your package has ES modules: npm pkg set type=module';
  return 'Mend the file, then run the command again.';
}

/** `cantus.config.ts:3` from the stack: its head for an error of syntax, the nearest frame for one that was thrown. */
function placeIn(path: string, thrown: unknown): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const url = pathToFileURL(path).href;
  for (const start of [url, fileURLToPath(url)]) {
    const at = stack.indexOf(`${start}:`);
    const line = at < 0 ? undefined : /^:(\d+)/.exec(stack.slice(at + start.length))?.[1];
    if (line !== undefined) return `${basename(path)}:${line}`;
  }
  // Some errors of syntax are in a file that it imports.
  const other = /^(file:\/\/\S+?):(\d+)$/m.exec(stack);
  return other === null ? basename(path) : `${basename(fileURLToPath(other[1] ?? ''))}:${other[2]}`;
}
