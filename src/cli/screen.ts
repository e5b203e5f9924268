/**
 * What is printed where: data on stdout, everything about it on stderr.
 *
 * SN1  stdout holds what was asked for and nothing else, so that it can be piped and parsed.
 * SN2  `--quiet` keeps remarks off; what went wrong is said all the same.
 * SN3  Colour only adds: a terminal without it reads the same words. `--no-color`, then FORCE_COLOR, then NO_COLOR,
 *      then whether it is a terminal.
 */
import { styleText } from 'node:util';
import { manyLines, wrap } from '../core/plain-text.ts';
import type { Host, Sink } from './host.ts';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

export type Paint = (style: Style, text: string) => string;

export type Screen = {
  readonly paint: Paint;
  readonly paintOut: Paint;
  readonly quiet: boolean;
  /** Data, on stdout. */
  give(text: string): void;
  /** A remark, on stderr. */
  remark(line?: string, style?: Style): void;
  /** What the user must not miss, on stderr. */
  warn(line: string, style?: Style): void;
};

export type ScreenOptions = { readonly quiet?: boolean | undefined; readonly color?: boolean | undefined };

export function openScreen(host: Host, { quiet = false, color = true }: ScreenOptions): Screen {
  const paint = painter(wantsColour(host, host.err, color));
  const say = (line: string, style?: Style): void => {
    for (const part of linesOf(host.err, line)) host.err.write(`${style === undefined ? part : paint(style, part)}\n`);
  };
  return {
    paint,
    paintOut: painter(wantsColour(host, host.out, color)),
    quiet,
    give: (text) => host.out.write(text.endsWith('\n') ? text : `${text}\n`),
    remark: (line = '', style?: Style) => {
      if (!quiet) say(line, style);
    },
    warn: say,
  };
}

/** On a terminal, lines break between words, and what follows is indented under what begins them. */
function linesOf({ tty, columns }: Sink, text: string): readonly string[] {
  if (!tty) return [text];
  return text.split('\n').flatMap((line) => {
    const hanging = /^ *(?:\w+(?:: +| {2,})|- )?/.exec(line)?.[0] ?? '';
    return wrap(line, Math.max(20, columns - 1), ' '.repeat(line.startsWith(' ') ? hanging.length : 2));
  });
}

function painter(coloured: boolean): Paint {
  return coloured ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

/** Does this stream get colour (SN3)? */
export function wantsColour({ env }: Pick<Host, 'env'>, sink: Pick<Sink, 'tty'>, flag: boolean): boolean {
  if (!flag) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false;
  return sink.tty;
}

/** Three parts: what did not work, why, and how to mend it. */
export type Trouble = { readonly what: string; readonly why: string; readonly fix?: string | undefined };

export function tellTrouble(screen: Screen, { what, why, fix }: Trouble): void {
  screen.warn(manyLines(what), 'red');
  screen.warn(`  why: ${indentRest(manyLines(why))}`);
  if (fix !== undefined && fix !== '') screen.warn(`  fix: ${indentRest(manyLines(fix))}`);
}

function indentRest(text: string): string {
  return text.trimEnd().replaceAll('\n', '\n       ');
}
