/** Where the words of an answer come from. */
import { toErrorInfo } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { renderedBy } from '../agents/rendered.ts';
import type { RemoteDoor } from '../client/remote-door.ts';
import type { FoundApp } from './app-file.ts';
import type { Cli } from './cli.ts';
import { oneLine } from '../core/plain-text.ts';

/** An answer as text for people; undefined where nobody has words for it, and it is printed as it is. */
export type Words = (
  of: { readonly run: string; readonly workflow: string },
  output: Json,
) => Promise<string | undefined>;

/** As the app renders it. One that can't render an answer must not lose it. */
export function appWords({ screen }: Pick<Cli, 'screen'>, app: () => Promise<FoundApp>): Words {
  return async ({ workflow }, output) => {
    try {
      return renderedBy((await app()).app, workflow, output)?.markdown;
    } catch (thrown) {
      screen.warn(
        `The app could not render the answer (${oneLine(toErrorInfo(thrown).message)}), so here it is as it is.`,
      );
      return undefined;
    }
  };
}

/** As the server that owns the folder renders it. */
export function serverWords(door: Pick<RemoteDoor, 'answer'>): Words {
  return async ({ run }) => (await door.answer(run)).markdown ?? undefined;
}
