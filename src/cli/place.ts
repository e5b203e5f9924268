/** Where a command works and for whom: the data folder and the user. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { ValidationError } from '../core/errors.ts';
import { parsePrincipal, type Principal } from '../core/principal.ts';
import type { Store } from '../journal/store.ts';
import { memory } from '../stores/memory.ts';
import { sqlite } from '../stores/sqlite.ts';
import type { Host } from './host.ts';

export type PlaceOptions = { readonly folder?: string | undefined; readonly memory?: boolean | undefined };

export type Place = {
  readonly folder: string;
  /** As people read it: relative where that is shorter. */
  readonly shown: string;
  /** Nothing is there yet. */
  readonly isNew: boolean;
  /** Is what happens kept? */
  readonly isKept: boolean;
  openStore(): Store;
  /** Removes what was only for this command. */
  leave(): void;
};

const journalFile = 'journal.db';

/** The data folder: `--folder`, else CANTUS_FOLDER, else `.cantus` here. */
export function placeOf(host: Host, options: PlaceOptions): Place {
  return options.memory === true ? passingPlace(options) : keptPlace(host, options.folder);
}

function keptPlace(host: Host, given: string | undefined): Place {
  const named = given ?? host.env['CANTUS_FOLDER'];
  const folder = resolve(host.folder, named === undefined || named === '' ? '.cantus' : named);
  const near = relative(host.folder, folder);
  return {
    folder,
    shown: near !== '' && near.length < folder.length ? near : folder,
    isNew: !existsSync(join(folder, journalFile)),
    isKept: true,
    openStore: () => sqlite(folder),
    leave: () => undefined,
  };
}

/** Apps keep files in their folder, so there is one, and it goes with the command. */
function passingPlace(options: PlaceOptions): Place {
  if (options.folder !== undefined)
    throw new ValidationError('--memory keeps nothing and --folder says where to keep it.', {
      hint: 'Give one of the two.',
    });
  const folder = mkdtempSync(join(tmpdir(), 'cantus-'));
  return {
    folder,
    shown: 'memory (nothing is kept)',
    isNew: true,
    isKept: false,
    openStore: () => memory(),
    leave: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export type IdentityOptions = {
  readonly user?: string | undefined;
  readonly tenant?: string | undefined;
  readonly role?: readonly string[] | undefined;
};

export type Identity = { readonly principal: Principal; readonly how: string };

/** Who asks. There is no default user in the engine; on the command line it is who is logged in to the machine. */
export function identityOf(host: Host, { user, tenant, role = [] }: IdentityOptions): Identity {
  const login = user === undefined ? host.loginName() : undefined;
  if (user === undefined && login === undefined)
    throw new ValidationError('The operating system has no login name for this process.', {
      code: 'identity_required',
      hint: 'Say who asks: --user NAME.',
    });
  if (user === '') throw new ValidationError('--user is empty.', { hint: 'Say who asks: --user NAME.' });
  const principal = parsePrincipal({ user: user ?? login, roles: role, ...(tenant === undefined ? {} : { tenant }) });
  return { principal, how: user === undefined ? 'your login name' : 'by --user' };
}
