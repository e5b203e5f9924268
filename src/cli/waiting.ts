/** What a run waits for or is in doubt about, and the exact command that ends it. */
import { awaitsDecision } from '../journal/asked.ts';
import type { RunState, StepState } from '../journal/run-state.ts';
import { shortId } from './find-run.ts';
import { commandLine, type Cli } from './cli.ts';
import { oneLine } from '../core/plain-text.ts';
import { tellTime } from '../core/units.ts';

/** One or two lines for each open wait and each call in doubt. `hasServer`: somebody is at work on it. */
export function waitingLines(cli: Cli, state: RunState, hasServer: boolean): readonly string[] {
  if (state.status === 'parked')
    return [
      `It is parked: the app here has no workflow ${state.workflow} version ${state.version}.`,
      `  Run ${commandLine(cli, 'attach', shortId(state.run))} where the app has it.`,
    ];
  if (state.status === 'running' || state.status === 'queued') {
    const attach = commandLine(cli, 'attach', shortId(state.run));
    // Without a server, whoever reads here has the folder's lock.
    if (hasServer) return ['It is under way in the server.', `  To follow it: ${attach}`];
    return ['It was left before its end.', `  To go on: ${attach}`];
  }
  return [...state.steps.values()].flatMap((step) => {
    if (awaitsDecision(state, step)) return doubtLines(cli, state, step);
    return step.kind === 'wait' && step.status === 'open' ? waitLines(cli, state, step) : [];
  });
}

function doubtLines(cli: Cli, { run }: RunState, step: StepState): string[] {
  const decide = commandLine(cli, 'decide', shortId(run), step.path);
  return [
    `In doubt: ${step.kind} ${step.path}: it may have happened or not. ${oneLine(step.error?.message ?? '')}`.trimEnd(),
    `  To decide: ${decide} happened '{"its":"result"}'`,
    `         or: ${decide} did-not-happen   (then it is done again)`,
    `         or: ${decide} give-up          (then it has failed)`,
  ];
}

function waitLines(cli: Cli, { run }: RunState, { wait, path }: StepState): string[] {
  if (wait === undefined) return [];
  const until = tellTime(wait.until);
  if (wait.for.kind === 'time')
    return [
      `Waits at ${path} until ${until}.`,
      `  It goes on when Cantus runs then: ${commandLine(cli, 'attach', shortId(run))}`,
    ];
  if (wait.for.kind === 'approval') {
    const { prompt, role } = wait.for;
    const approve = commandLine(cli, 'approve', shortId(run), path);
    return [
      `Waits at ${path} for an approval${role === undefined ? '' : ` by somebody with the role "${oneLine(role)}"`}, until ${until}.`,
      `  ${oneLine(prompt)}`,
      `  To decide: ${approve} yes`,
      `         or: ${approve} no`,
    ];
  }
  return [
    `Waits at ${path} for the signal "${oneLine(wait.for.signal)}", until ${until}.`,
    `  To send it: ${commandLine(cli, 'signal', shortId(run), wait.for.signal)} '{"any":"JSON"}'`,
  ];
}
