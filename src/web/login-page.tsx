/** Log in, make the first account, or join by a code. */
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { limits } from '../core/limits.ts';
import type { LoginState } from '../protocol/login.ts';
import { loginHere, wordsOf } from './server.ts';
import { fieldsOf, type FormFields } from './form-fields.ts';
import { pageIcon } from './page-icon.ts';
import type { Place } from './place.ts';
import { replacePlace, usePlace } from './use-place.ts';

type Way = 'enter' | 'setup' | 'join';
type PageProps = {
  readonly state: LoginState;
  /** Why the user is here again, if a login ended. */
  readonly ended: string | undefined;
  readonly onLogin: (state: LoginState) => void;
};

export function LoginPage({ state, ended, onLogin }: PageProps) {
  const place = usePlace();
  const [chosen, setChosen] = useState<Way>();
  const [overtaken, setOvertaken] = useState<string>();
  const needsSetUp = state.needsSetUp && overtaken === undefined;
  const way = needsSetUp ? 'setup' : (chosen ?? (place.kind === 'join' ? 'join' : 'enter'));
  const said = overtaken ?? ended;
  if (state.mode !== 'accounts') return <Elsewhere />;
  return (
    <main className="login">
      <img src={pageIcon} alt="" width={40} height={40} />
      <h1>{titles[way]}</h1>
      {said !== undefined && (
        <p className="note warn" role="alert">
          {said}
        </p>
      )}
      {way === 'setup' && (
        <p className="fine">
          There is no account here yet. The first is made with a code that the server printed in the terminal it was
          started in, so that nobody else can take it.
        </p>
      )}
      <LoginForm key={way} way={way} code={codeOf(place, way)} onLogin={onLogin} onOvertaken={setOvertaken} />
      {!needsSetUp && (
        <button type="button" className="inline" onClick={() => setChosen(way === 'join' ? 'enter' : 'join')}>
          {way === 'join' ? 'I have an account' : 'I was invited and have a code'}
        </button>
      )}
    </main>
  );
}

const titles: Readonly<Record<Way, string>> = { enter: 'Log in', setup: 'Make the first account', join: 'Join' };
const buttons: Readonly<Record<Way, string>> = { enter: 'Log in', setup: 'Make the account', join: 'Join' };

function Elsewhere() {
  return (
    <main className="login">
      <h1>You are not logged in</h1>
      <p>Log in where this server has its accounts, and then reload this page.</p>
      <button type="button" className="main" onClick={() => location.reload()}>
        Reload
      </button>
    </main>
  );
}

function codeOf(place: Place, way: Way): string {
  return place.kind === way && 'code' in place ? place.code : '';
}

type FormProps = {
  readonly way: Way;
  readonly code: string;
  readonly onLogin: (state: LoginState) => void;
  /** Somebody else made the first account meanwhile, as the words say. */
  readonly onOvertaken: (words: string) => void;
};

function LoginForm({ way, code, onLogin, onOvertaken }: FormProps) {
  const [told, setTold] = useState('');
  const [isSending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const isJoining = way !== 'enter';
  // The first field that is still empty is where the user goes on.
  const first = isJoining && code === '' ? 'code' : 'user';
  const toFirst = (name: string): void => form.current?.querySelector<HTMLElement>(`[name="${name}"]`)?.focus();
  useEffect(() => form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus(), [first]);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const field = fieldsOf(event.currentTarget);
    setSending(true);
    setTold('');
    try {
      const state = await enter(way, field);
      if (isJoining) replacePlace({ kind: 'new' });
      onLogin(state);
    } catch (thrown) {
      if (way === 'setup' && (await isSetUp())) {
        replacePlace({ kind: 'new' });
        return onOvertaken(wordsOf(thrown));
      }
      setSending(false);
      setTold(wordsOf(thrown));
      toFirst(isJoining ? first : 'password');
    }
  };
  return (
    <form ref={form} onSubmit={(event) => void submit(event)}>
      {isJoining && <CodeField code={code} />}
      <label>
        <span>User name</span>
        <input
          name="user"
          required
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={limits.idCharsMax}
        />
      </label>
      {isJoining && (
        <label>
          <span>
            Your name <span className="fine">as others are told of you; may be empty</span>
          </span>
          <input name="name" autoComplete="name" />
        </label>
      )}
      <PasswordField isNew={isJoining} />
      {told !== '' && (
        <p className="note bad" role="alert">
          {told}
        </p>
      )}
      <button type="submit" className="main wide" disabled={isSending}>
        {isSending ? 'One moment…' : buttons[way]}
      </button>
    </form>
  );
}

/** Is there an account by now, so that a first one is not to be made any more? */
async function isSetUp(): Promise<boolean> {
  const state = await loginHere()
    .read()
    .catch(() => undefined);
  return state?.needsSetUp === false;
}

function CodeField({ code }: { readonly code: string }) {
  return (
    <label>
      <span>Code</span>
      <input name="code" defaultValue={code} required autoComplete="one-time-code" spellCheck={false} />
    </label>
  );
}

function PasswordField({ isNew }: { readonly isNew: boolean }) {
  return (
    <label>
      <span>Password {isNew && <span className="fine">at least {limits.passwordCharsMin} characters</span>}</span>
      <input
        name="password"
        type="password"
        required
        minLength={isNew ? limits.passwordCharsMin : undefined}
        autoComplete={isNew ? 'new-password' : 'current-password'}
      />
    </label>
  );
}

function enter(way: Way, field: FormFields): Promise<LoginState> {
  const user = field('user').trim();
  const password = field('password');
  if (way === 'enter') return loginHere().enter({ user, password });
  const name = field('name').trim();
  const joining = { code: field('code').trim(), user, password, ...(name === '' ? {} : { name }) };
  return way === 'setup' ? loginHere().setUp(joining) : loginHere().join(joining);
}
