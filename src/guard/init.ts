/** The first `guard.json` of a code base. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError } from '../core/errors.ts';
import { configName, printConfig, readConfigText, type GuardConfig } from './config.ts';

/** Nothing in it fails a check: what does is decided by a person, concept by concept. */
const firstConfig: GuardConfig = {
  concepts: {},
  files: {
    forbid: ['**/*.{bak,orig,backup*}', '**/*[_.-]{old,new,fixed,enhanced,v2,copy}.{ts,tsx,js,py}'],
    mode: 'warn',
  },
};

/** Writes the first `guard.json`. Throws a ConflictError where there is one. */
export async function init(root: string): Promise<GuardConfig> {
  if ((await readConfigText(root)) !== undefined) {
    throw new ConflictError(`There is a ${configName} already.`, {
      hint: 'Add to it: cantus guard decide CONCEPT UNIT.',
    });
  }
  await saveConfig(root, firstConfig);
  return firstConfig;
}

/** Writes `guard.json`. */
export async function saveConfig(root: string, config: GuardConfig): Promise<void> {
  await writeFile(join(root, configName), printConfig(config));
}
