/** `cantus guard watch`: what each change in a code base adds that exists already, told while it is written. */
import { asTyped, oneLine } from '../core/plain-text.ts';
import { tellCount, tellMany } from '../core/units.ts';
import { scanOptions } from '../guard/audit.ts';
import { addedJson } from '../guard/added.ts';
import { guardExitCodes } from '../guard/check.ts';
import { readConfig } from '../guard/config.ts';
import { openWatch, type WatchAnswer } from '../guard/watch.ts';
import { listen } from '../guard/watch-files.ts';
import { type TextScreen, withPlace, wrapped } from '../guard/report/text.ts';
import { addedText } from './guard-move-verbs.ts';
import { cacheOf, rootFor, textScreen, todayOf, type GuardFlags } from './guard-verb.ts';
import type { Host } from './host.ts';
import { openScreen, type Screen } from './screen.ts';

export type WatchFlags = { readonly poll?: true };

/** `guard watch`. Answers until it is stopped. */
export async function watchVerb(host: Host, flags: GuardFlags & WatchFlags): Promise<number> {
  const root = rootFor(host, flags);
  const screen = openScreen(host, flags);
  const tell = (answer: WatchAnswer): void =>
    flags.json === true ? tellJson(screen, answer) : tellText(screen, answer, textScreen(host, screen));
  const watch = await openWatch({
    root,
    clock: host.clock,
    today: () => todayOf(host),
    tell: (answer) => {
      tell(answer);
      ears.hear(watch.folders());
    },
    ...cacheOf(flags),
  });
  const scan = scanOptions(root, await readConfig(root));
  const ears = listen({ root, scan, clock: host.clock, changed: (paths) => watch.touched(paths), ...pollOf(flags) });
  ears.hear(watch.folders());
  const how = ears.polls ? ', by looking at them every few seconds' : '';
  screen.remark(`Watching ${tellMany(watch.files, 'file')}${how}. ${knownText(watch.known)} Ctrl-C ends.`);
  await stopped(host);
  ears.close();
  watch.close();
  return guardExitCodes.clean;
}

/** What is there already is not told again. */
function knownText(known: number): string {
  if (known === 0) return 'Nothing is twice yet.';
  return `${tellCount(known)} ${known === 1 ? 'rival or violation is' : 'rivals and violations are'} there already: only what comes or goes is told.`;
}

function pollOf({ poll }: WatchFlags): { readonly poll?: true } {
  return poll === true ? { poll } : {};
}

function stopped(host: Host): Promise<void> {
  return new Promise((resolve) => {
    const leave = host.onStop(() => {
      leave();
      resolve();
    });
  });
}

function tellJson(screen: Screen, { added, ...rest }: WatchAnswer): void {
  screen.give(JSON.stringify({ version: 1, ...rest, added: added.map(addedJson) }));
}

const filesMax = 3;

function tellText(screen: Screen, answer: WatchAnswer, text: TextScreen): void {
  const { files, added, broken, gone, halfRead, trouble, ms } = answer;
  for (const rival of added) screen.give(addedText(rival, text));
  // That there is a second one is told once.
  const told = new Set(added.map(({ path, line }) => `${path}:${line}`));
  for (const { rule, path, line, message, hint } of broken) {
    if (rule === 'one-implementation' && told.has(`${path}:${line}`)) continue;
    const mark = { plain: `✗ ${rule}`, painted: screen.paintOut('red', `✗ ${rule}`) };
    const lines = [
      ...withPlace(mark, oneLine(`${path}:${line}`), '', text),
      ...wrapped(message, '    ', text),
      ...wrapped(`fix: ${asTyped(hint, text.program)}`, '    ', text),
    ];
    screen.give(lines.join('\n'));
  }
  for (const key of gone) screen.give(`${screen.paintOut('green', '✓')}  gone: ${oneLine(key)}`);
  if (trouble !== undefined) screen.warn(`${trouble} Until it is mended, what it said before holds.`, 'red');
  const names = files.length > filesMax ? `${files.length} files` : oneLine(files.join(', '));
  const half = halfRead.length === 0 ? '' : `, of which ${halfRead.length} can be read only in part`;
  const said = added.length + broken.length + gone.length === 0 ? ': nothing new' : '';
  screen.remark(`${names}${half}${said} (${ms} ms)`, 'dim');
}
