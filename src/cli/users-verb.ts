/**
 * `cantus users` and `cantus token`: the accounts in a data folder. The file of accounts may be open twice, so they work
 * beside a server that runs and without one; a server sees what changed at once, and ends what is over within seconds
 * (ended-logins.ts).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ValidationError } from '../core/errors.ts';
import { accounts, type Accounts } from '../server/accounts/accounts.ts';
import { makeCode } from '../server/accounts/secret.ts';
import { commandLine, type Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonDocument } from './outcome.ts';
import { oneLine, padTo } from '../core/plain-text.ts';
import { placeOf } from './place.ts';
import { tellTime } from '../core/units.ts';

export async function listUsers(cli: Cli): Promise<number> {
  return withAccounts(cli, async (open) => {
    const users = open.users();
    const { screen, host, options } = cli;
    if (options.json === true) screen.give(jsonDocument(users, host.out.tty));
    else if (users.length === 0)
      screen.remark(`There is no account yet: ${commandLine(cli, 'serve')} tells how one is made.`);
    else for (const line of userLines(users)) screen.give(line);
  });
}

function userLines(users: ReturnType<Accounts['users']>): readonly string[] {
  const rows = users.map(({ user, name, roles, createdAt, disabled }) => [
    user,
    disabled ? 'disabled' : 'active',
    tellTime(createdAt),
    oneLine([roles.join(', '), ...(name === undefined ? [] : [`(${name})`])].join(' ')),
  ]);
  return tableLines([['USER', 'STATUS', 'SINCE', 'ROLES'], ...rows]);
}

function tableLines(all: readonly (readonly string[])[]): readonly string[] {
  const widths = (all[0] ?? []).map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, at) => padTo(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The code goes to stdout, so that it can be piped on to where it is needed. */
export async function inviteUser(cli: Cli): Promise<number> {
  return withAccounts(cli, async (open) => {
    const { screen, host, options } = cli;
    const { role: roles } = options;
    const invitation = open.invite(roles === undefined ? {} : { roles });
    if (options.json === true) return screen.give(jsonDocument(invitation, host.out.tty));
    screen.give(invitation.code);
    screen.remark(`With this code one person makes an account, until ${tellTime(invitation.expiresAt)}.`);
    screen.remark(`As a link: the address of the page, with #join=${invitation.code} behind it.`);
  });
}

export async function disableUser(cli: Cli, user: string): Promise<number> {
  return withAccounts(cli, async (open) => {
    open.disable(user);
    cli.screen.remark(`${user} is disabled: logins and tokens have ended. Runs that are under way go on.`);
  });
}

export async function enableUser(cli: Cli, user: string): Promise<number> {
  return withAccounts(cli, async (open) => {
    open.enable(user);
    cli.screen.remark(`${user} may log in again.`);
  });
}

/** For who has forgotten theirs. It goes to stdout, and is shown this once: the person sets another one with it. */
export async function givePassword(cli: Cli, user: string): Promise<number> {
  return withAccounts(cli, async (open) => {
    const { screen, host, options } = cli;
    const password = makeCode();
    await open.setPassword(user, password);
    if (options.json === true) return screen.give(jsonDocument({ user, password }, host.out.tty));
    screen.give(password);
    screen.remark(`${user} logs in with it, and sets another one on the page, under the user's name.`);
    screen.remark('It is shown this once. Logins with the one before have ended; tokens go on.');
  });
}

type TokenWanted = { readonly user: string; readonly label: string; readonly days?: number | undefined };

export async function addToken(cli: Cli, { user, label, days }: TokenWanted): Promise<number> {
  return withAccounts(cli, async (open) => {
    const { screen, host, options } = cli;
    const added = open.addToken(user, label, days);
    if (options.json === true) return screen.give(jsonDocument(added, host.out.tty));
    screen.give(added.token);
    screen.remark('It is shown this once. Programs send it as: Authorization: Bearer <token>');
  });
}

/** Tokens by their ids: what they open is shown once, when they are made. */
export async function listTokens(cli: Cli, user: string): Promise<number> {
  return withAccounts(cli, async (open) => {
    const tokens = open.tokens(user);
    const { screen, host, options } = cli;
    if (options.json === true) return screen.give(jsonDocument(tokens, host.out.tty));
    if (tokens.length === 0) return screen.remark(`${user} has no token.`);
    const rows = tokens.map(({ id, name, createdAt, usedAt, expiresAt }) => [
      id,
      tellTime(createdAt),
      timeOrNever(usedAt),
      timeOrNever(expiresAt),
      oneLine(name),
    ]);
    for (const line of tableLines([['ID', 'SINCE', 'LAST USED', 'EXPIRES', 'LABEL'], ...rows])) screen.give(line);
  });
}

function timeOrNever(time: number | null): string {
  return time === null ? 'never' : tellTime(time);
}

export async function revokeToken(cli: Cli, user: string, id: string): Promise<number> {
  return withAccounts(cli, async (open) => {
    open.revokeToken(user, id);
    cli.screen.remark(`The token ${id} of ${user} has ended.`);
  });
}

async function withAccounts(cli: Cli, work: (open: Accounts) => Promise<void>): Promise<number> {
  const place = placeOf(cli.host, cli.options);
  if (!existsSync(join(place.folder, 'accounts.db')))
    throw new ValidationError(`There are no accounts in ${place.shown}.`, {
      hint: `They begin with the first start of a server: ${commandLine(cli, 'serve')}`,
    });
  const open = accounts({ folder: place.folder });
  try {
    await work(open);
    return exitCodes.ok;
  } finally {
    open.close();
  }
}
