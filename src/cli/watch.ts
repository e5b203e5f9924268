/** Ways to watch a run: as a tree on a terminal, line by line, as JSON, or not at all. */
import type { JournalEvent } from '../journal/event.ts';
import type { RunState } from '../journal/run-state.ts';
import type { Clock } from '../core/clock.ts';
import { remarkWords, timedLine } from './event-words.ts';
import type { Host, Sink } from './host.ts';
import { liveLines } from './live.ts';
import { fit, jsonText } from '../core/plain-text.ts';
import type { Paint, Screen } from './screen.ts';
import { tellMany } from '../core/units.ts';

export interface Watch {
  /** `run` is the state after the event. `past`: it happened before anybody watched. */
  event(event: JournalEvent, run: RunState, past: boolean): void;
  /** Says something beside what is shown. */
  say(line: string): void;
  /** Takes away what would be drawn anew, so that others can print. Safe to call twice. */
  end(): void;
}

export type WatchOptions = { readonly jsonl: boolean };

/** The way that fits where the output goes. */
export function openWatch(host: Host, screen: Screen, { jsonl }: WatchOptions): Watch {
  const rest = { say: (line: string) => screen.warn(line), end: () => undefined };
  if (jsonl) return { event: (event) => screen.give(jsonText(event)), ...rest };
  if (screen.quiet) return { event: () => undefined, ...rest };
  return host.err.tty && host.env['TERM'] !== 'dumb' ? new TreeWatch(host, screen.paint) : lineWatch(screen);
}

function lineWatch(screen: Screen): Watch {
  let before = 0;
  return {
    event(event, run, past) {
      if (past) {
        before = [...run.steps.values()].filter(({ status }) => status === 'completed').length;
        return;
      }
      if (before > 0)
        screen.remark(
          `           ${tellMany(before, 'step')} completed before ${before === 1 ? 'is' : 'are'} not repeated`,
        );
      before = 0;
      const line = timedLine(event, run);
      if (line !== undefined) screen.remark(line);
    },
    say: (line) => screen.warn(line),
    end: () => undefined,
  };
}

const redrawMs = 120;

/** Draws the tree at most every `redrawMs`, and so moves the elapsed times along too. */
class TreeWatch implements Watch {
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #paint: Paint;
  #run: RunState | undefined;
  #told = 0;
  #height = 0;
  #remarks: string[] = [];
  #stopTimer: (() => void) | undefined;
  #over = false;

  constructor({ err, clock }: Pick<Host, 'err' | 'clock'>, paint: Paint) {
    this.#sink = err;
    this.#clock = clock;
    this.#paint = paint;
  }

  event(event: JournalEvent, run: RunState): void {
    if (this.#run !== undefined && this.#run.run !== run.run) this.#leave();
    this.#run = run;
    const remark = remarkWords(event, run);
    if (remark !== undefined) this.#remarks.push(remark);
    this.#stopTimer ??= this.#clock.after(0, () => this.#tick());
  }

  say(line: string): void {
    if (this.#over) return this.#sink.write(`${line}\n`);
    this.#remarks.push(line);
    this.#draw(false);
  }

  #tick(): void {
    this.#draw(false);
    if (!this.#over) this.#stopTimer = this.#clock.after(redrawMs, () => this.#tick(), 'background');
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopTimer?.();
    this.#draw(true);
  }

  #draw(last: boolean): void {
    if (this.#run === undefined) return this.#drawRemarks();
    const { columns, rows } = this.#sink;
    const look = { now: this.#clock.now(), columns, rows: Math.max(3, rows - 2), paint: this.#paint };
    const { settled, open, told } = liveLines(this.#run, this.#told, last ? { ...look, rows: Infinity } : look);
    this.#told = told;
    const remarks = this.#takeRemarks();
    const back = this.#height === 0 ? '' : `\r\u001b[${this.#height}A\u001b[0J`;
    this.#height = last ? 0 : open.length;
    const text = [...remarks, ...settled, ...open].map((line) => `${line}\n`).join('');
    if (back !== '' || text !== '') this.#sink.write(back + text);
  }

  /** What was shown stands as it is: another run is shown below it. */
  #leave(): void {
    this.#draw(true);
    this.#told = 0;
  }

  #drawRemarks(): void {
    for (const line of this.#takeRemarks()) this.#sink.write(`${line}\n`);
  }

  #takeRemarks(): string[] {
    const lines = this.#remarks.map((line) => this.#paint('dim', `  ${fit(line, this.#sink.columns - 3)}`));
    this.#remarks = [];
    return lines;
  }
}
