/** What somebody with an account can do with it: tokens, logins, the password, and inviting others. */
import { useCallback, useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { limits } from '../core/limits.ts';
import { tellTime } from '../core/units.ts';
import type { LoginInfo, TokenInfo } from '../protocol/login.ts';
import { browserName } from './browser-name.ts';
import { CopyButton } from './copy-button.tsx';
import { fieldsOf } from './form-fields.ts';
import { loginHere, serverUrl, wordsOf } from './server.ts';
import { formatPlace } from './place.ts';
import { useUser } from './user.tsx';

export function AccountPage() {
  const { me } = useUser();
  return (
    <>
      {me.roles.includes('admin') && <Invite />}
      <Tokens />
      <Logins />
      <Password />
    </>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <details className="part">
      <summary>{title}</summary>
      {children}
    </details>
  );
}

/** Does something and keeps what is to be said of it. */
function useDoing(): readonly [string, (what: () => Promise<string>) => void] {
  const [told, setTold] = useState('');
  const start = useCallback((what: () => Promise<string>) => {
    setTold('');
    what().then(setTold, (thrown: unknown) => setTold(wordsOf(thrown)));
  }, []);
  return [told, start];
}

function Told({ text }: { readonly text: string }) {
  return (
    <p className="fine" role="status">
      {text}
    </p>
  );
}

function Secret({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <div className="secret">
      <code>{text}</code>
      <CopyButton text={() => text} what={what} />
    </div>
  );
}

function Invite() {
  const [invite, setInvite] = useState<{ readonly code: string; readonly expiresAt: number }>();
  const [told, start] = useDoing();
  const make = (): void =>
    start(async () => {
      setInvite(await loginHere().invite());
      return '';
    });
  return (
    <Part title="Invite somebody">
      <p className="fine">One link makes one account.</p>
      {invite === undefined ? (
        <button type="button" onClick={make}>
          Make a link
        </button>
      ) : (
        <>
          <Secret text={`${serverUrl()}/${formatPlace({ kind: 'join', code: invite.code })}`} what="the link" />
          <p className="fine">Good until {tellTime(invite.expiresAt)}.</p>
        </>
      )}
      <Told text={told} />
    </Part>
  );
}

function Tokens() {
  const [tokens, setTokens] = useState<readonly TokenInfo[]>([]);
  const [made, setMade] = useState('');
  const [told, start] = useDoing();
  const load = useCallback(async () => {
    setTokens(await loginHere().tokens());
    return '';
  }, []);
  useEffect(() => start(load), [start, load]);
  const create = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const name = fieldsOf(form)('name').trim();
    start(async () => {
      setMade((await loginHere().createToken({ name })).token);
      form.reset();
      return load();
    });
  };
  const revoke = (token: string): void =>
    start(async () => {
      await loginHere().revokeToken(token);
      return load();
    });
  return (
    <Part title="Tokens for programs">
      {made !== '' && (
        <div className="note">
          <p>Copy it now: it is shown this once.</p>
          <Secret text={made} what="the token" />
        </div>
      )}
      <ul className="plain-list">
        {tokens.map(({ id, name, usedAt, expiresAt }) => (
          <li key={id} className="row">
            <span className="grow">
              {name}{' '}
              <span className="fine">
                {usedAt === null ? 'never used' : `used ${tellTime(usedAt)}`}
                {expiresAt === null ? '' : ` · until ${tellTime(expiresAt)}`}
              </span>
            </span>
            <button type="button" onClick={() => revoke(id)} aria-label={`Revoke ${name}`}>
              Revoke
            </button>
          </li>
        ))}
      </ul>
      <form className="row" onSubmit={create}>
        <input
          name="name"
          className="grow"
          required
          maxLength={limits.nameCharsMax}
          placeholder="What it is for"
          aria-label="What the token is for"
        />
        <button type="submit">Make a token</button>
      </form>
      <Told text={told} />
    </Part>
  );
}

function Logins() {
  const [logins, setLogins] = useState<readonly LoginInfo[]>([]);
  const [told, start] = useDoing();
  const load = useCallback(async () => {
    setLogins(await loginHere().logins());
    return '';
  }, []);
  useEffect(() => start(load), [start, load]);
  const end = (login: string): void =>
    start(async () => {
      await loginHere().endLogin(login);
      return load();
    });
  return (
    <Part title="Where you are logged in">
      <ul className="plain-list">
        {logins.map(({ id, agent, usedAt, current }) => (
          <li key={id} className="row">
            <span className="grow">
              <span className="cut">{browserName(agent)}</span>
              <span className="fine">{current ? 'this browser' : `last used ${tellTime(usedAt)}`}</span>
            </span>
            {!current && (
              <button type="button" onClick={() => end(id)} aria-label={`End the login of ${browserName(agent)}`}>
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      <Told text={told} />
    </Part>
  );
}

function Password() {
  const { me } = useUser();
  const [told, start] = useDoing();
  const change = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const field = fieldsOf(form);
    start(async () => {
      await loginHere().changePassword({ password: field('password'), newPassword: field('newPassword') });
      form.reset();
      return 'Changed. Your other logins have ended.';
    });
  };
  return (
    <Part title="Password">
      <form onSubmit={change}>
        <input type="text" name="user" defaultValue={me.user} autoComplete="username" hidden readOnly />
        <label>
          <span>Now</span>
          <input name="password" type="password" required autoComplete="current-password" />
        </label>
        <label>
          <span>
            New <span className="fine">at least {limits.passwordCharsMin} characters</span>
          </span>
          <input
            name="newPassword"
            type="password"
            required
            minLength={limits.passwordCharsMin}
            autoComplete="new-password"
          />
        </label>
        <button type="submit">Change it</button>
      </form>
      <Told text={told} />
    </Part>
  );
}
