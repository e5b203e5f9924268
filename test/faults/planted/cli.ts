/** Mistakes planted in `src/cli/`. */
import type { Fault } from '../fault.ts';

export const cliFaults: readonly Fault[] = [
  {
    name: 'a step is told for good before it has ended',
    file: 'src/cli/live.ts',
    find: 'if (!isOver(node, run)) break;',
    replace: 'if (!isOver(node, run)) continue;',
    test: {
      file: 'src/cli/live.test.ts',
      name: 'tells a step for good when it and those before it have ended, with what is in it (LV1)',
    },
  },
  {
    name: 'one of several runs is guessed',
    file: 'src/cli/find-run.ts',
    find: 'if (row === undefined || others.length > 0) throw',
    replace: 'if (row === undefined) throw',
    test: { file: 'src/cli/find-run.test.ts', name: 'lists who could be meant by a beginning that several have' },
  },
  {
    name: 'quiet is not quiet',
    file: 'src/cli/screen.ts',
    find: 'if (!quiet) say(line, style);',
    replace: 'say(line, style);',
    test: {
      file: 'src/cli/screen.test.ts',
      name: 'keeps data and remarks apart (SN1), and with quiet only what went wrong (SN2)',
    },
  },
  {
    name: 'text from outside moves the cursor',
    file: 'src/core/plain-text.ts',
    find: "text.replaceAll(/[\\p{Cc}\\p{Cf}\\u2028\\u2029]+/gu, ' ').trim()",
    replace: "text.replaceAll(/[\\r\\n]+/gu, ' ').trim()",
    test: {
      file: 'src/core/plain-text.test.ts',
      name: 'takes out whatever could move the cursor, colour or begin a line (TX1)',
    },
  },
  {
    name: 'a socket that others may open is believed',
    promise: 'P2',
    file: 'src/cli/local-socket.ts',
    find: 'if (!isOthers && !isOpen) return;',
    replace: 'if (!isOthers) return;',
    test: { file: 'src/cli/local-socket.test.ts', name: 'is not believed when others may open it (SK1)' },
  },
  {
    name: 'a command asks the server as a fixed user',
    promise: 'P2',
    file: 'src/cli/local-transport.ts',
    find: "['cantus-user', encodeURIComponent(user)],",
    replace: "['cantus-user', 'alice'],",
    test: { file: 'src/cli/serve.process.test.ts', name: 'sees the runs of its user and of no other' },
  },
  {
    name: 'developer mode listens for everybody',
    file: 'src/cli/serve-verb.ts',
    find: 'if (!isLoopback(address))',
    replace: "if (address === '')",
    test: {
      file: 'src/cli/serve.process.test.ts',
      name: 'lets everybody on the machine in with --dev, and on no other address than its own',
    },
  },
  {
    name: 'a server that left at once says that it stopped in order',
    file: 'src/cli/serve-verb.ts',
    find: 'cli.host.leave(codes[forced]);',
    replace: 'cli.host.leave(exitCodes.ok);',
    test: { file: 'src/cli/serve.process.test.ts', name: 'leaves at once when it is told so twice' },
  },
  {
    name: 'a disabled account keeps what it has open',
    promise: 'P2',
    file: 'src/cli/ended-logins.ts',
    find: 'if (!live.has(user)) ended.push(login);',
    replace: '',
    test: {
      file: 'src/cli/ended-logins.test.ts',
      name: 'ends within seconds of the command that disabled them, once, and nobody else is touched',
    },
  },
  {
    name: 'a question behind options is not asked',
    file: 'src/cli/serve-commands.ts',
    find: 'else if (!ofBoth.has(flag)) return false;',
    replace: 'else if (!ofBoth.has(flag)) return at > 0;',
    test: { file: 'src/cli/serve-commands.test.ts', name: 'runs what is asked' },
  },
  {
    name: 'a fact of a log line passes for its level',
    file: 'src/cli/log-lines.ts',
    find: 'return JSON.stringify({ ...facts, at, level, message });',
    replace: 'return JSON.stringify({ at, level, message, ...facts });',
    test: { file: 'src/cli/log-lines.test.ts', name: 'are JSON whose facts can not pass for what every line has' },
  },
  {
    name: 'a left follower cancels the run in the server',
    file: 'src/cli/follow.ts',
    find: "if (stop === 'SIGINT' && !this.#cancelling) {",
    replace: 'if (!this.#cancelling) {',
    test: {
      file: 'src/cli/serve.process.test.ts',
      name: 'ends in order when it is told to, and a run that was under way ends after the next start',
    },
  },
  {
    name: 'files named on the command line are not given to the server',
    file: 'src/cli/desk.ts',
    find: "const isFile = options.some((option) => option.name === name && option.kind === 'file');",
    replace: 'const isFile = options.length === 0;',
    test: { file: 'src/cli/serve.process.test.ts', name: 'gives the server the files that it names' },
  },
  {
    name: 'an approval is given in the name of who has no role',
    promise: 'P2',
    file: 'src/engine/approvals.ts',
    find: 'if (role !== undefined && !roles.includes(role))',
    replace: 'if (role === "")',
    test: {
      file: 'src/cli/stops.process.test.ts',
      name: 'asks for an approval, which only somebody with its role gives, once',
    },
  },
  {
    name: 'a no on the command line is a yes',
    file: 'src/cli/tell-verbs.ts',
    find: "approved: answer === 'yes',",
    replace: "approved: answer !== '',",
    test: {
      file: 'src/cli/stops.process.test.ts',
      name: 'asks for an approval, which only somebody with its role gives, once',
    },
  },
  {
    name: 'a token that is revoked on the command line opens on',
    file: 'src/cli/users-verb.ts',
    find: '    open.revokeToken(user, id);\n',
    replace: '    open.tokens(user);\n',
    test: {
      file: 'src/cli/serve.process.test.ts',
      name: 'are listed, invited, given passwords and tokens, and disabled beside a server, which then lets them in no more',
    },
  },
  {
    name: 'a command of the guard that there is not is taken for words of another',
    file: 'src/cli/guard-commands.ts',
    find: '    refuseUnknownCommand(program, argv);\n',
    replace: '',
    test: {
      file: 'src/cli/guard-commands.test.ts',
      name: 'says that there is no such command, and what was probably meant',
    },
  },
  {
    name: 'what is no diff passes the hook',
    file: 'src/guard/hook.ts',
    find: 'if (!isDiff(diff)) {',
    replace: 'if (diff === undefined) {',
    test: {
      file: 'src/cli/guard-commands.test.ts',
      name: 'takes nothing on stdin for a diff that is none, and says so',
    },
  },
  {
    name: 'a folder that is not there is code that can not be read',
    file: 'src/cli/guard-verb.ts',
    find: '  assertFolder(given);\n  return given;',
    replace: '  return given;',
    test: {
      file: 'src/cli/guard-verb.test.ts',
      name: 'ends in 2 for a wrong command or configuration, and in 3 for what it cannot read (GX3)',
    },
  },
  {
    name: 'the command line leaves a run that goes on as another',
    file: 'src/cli/follow.ts',
    find: 'continuedAs === undefined || this.#left.signal.aborted) return undefined;',
    replace: 'continuedAs !== this.#run.id || this.#left.signal.aborted) return undefined;',
    test: {
      file: 'src/cli/run.process.test.ts',
      name: 'follows a run to the end of the last run that it goes on as (FW4)',
    },
  },
  {
    name: 'the lines of one run hide those of the run that it goes on as',
    file: 'src/cli/watch.ts',
    find: '    this.#draw(true);\n    this.#told = 0;',
    replace: '    this.#draw(true);',
    test: {
      file: 'src/cli/watch.test.ts',
      name: 'leaves on a terminal what a run did when it goes on as another, and shows that one below (FW4)',
    },
  },
  {
    name: 'help for start is help for serve',
    file: 'src/cli/serve-commands.ts',
    find: "if (rest.length === 1 && helpFlags.has(rest[0] ?? '')) return argv;",
    replace: 'if (rest.length > 9) return argv;',
    test: { file: 'src/cli/serve-commands.test.ts', name: 'has a help of its own, that says what it stands for' },
  },
  {
    name: 'a password that is given is not set',
    file: 'src/cli/users-verb.ts',
    find: 'await open.setPassword(user, password);',
    replace: 'await open.setPassword(user, makeCode());',
    test: {
      file: 'src/cli/serve.process.test.ts',
      name: 'are listed, invited, given passwords and tokens, and disabled beside a server, which then lets them in no more',
    },
  },
];
