/** The page: who is here, and then everything for them. */
import { useEffect, useState } from 'react';
import { connect } from '../client/connect.ts';
import { createUserStore } from '../client/user-store.ts';
import { EngineError } from '../core/errors.ts';
import { systemRandom } from '../core/random.ts';
import type { LoginState } from '../protocol/login.ts';
import { loginHere, serverUrl, wordsOf } from './server.ts';
import { LoginPage } from './login-page.tsx';
import { Drafts } from './drafts.ts';
import { readKept, writeKept } from './kept.ts';
import { Outbox, type Outgoing } from './outbox.ts';
import { PageClock } from './page-clock.ts';
import { currentPlace, replacePlace } from './use-place.ts';
import { Shell } from './shell.tsx';
import { UserContext, type User } from './user.tsx';

export function App() {
  const [state, setState] = useState<LoginState>();
  const [told, setTold] = useState('');
  const [ended, setEnded] = useState<string>();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    setTold('');
    loginHere()
      .read()
      .then(setState, (thrown: unknown) => setTold(wordsOf(thrown)));
  }, [tries]);
  if (told !== '') return <Trouble told={told} onAgain={() => setTries(tries + 1)} />;
  if (state === undefined) return <p className="centre fine">Loading…</p>;
  const loggedIn = (next: LoginState): void => {
    setEnded(undefined);
    setState(next);
  };
  const loggedOut = (why: string | undefined): void => {
    setEnded(why);
    setState({ ...state, me: null, needsSetUp: false });
  };
  if (state.me === null) return <LoginPage state={state} ended={ended} onLogin={loggedIn} />;
  return (
    <LoggedIn key={`${state.me.tenant}/${state.me.user}`} me={state.me} mode={state.mode} onLoggedOut={loggedOut} />
  );
}

function Trouble({ told, onAgain }: { readonly told: string; readonly onAgain: () => void }) {
  return (
    <main className="login">
      <h1>It does not work yet</h1>
      <p role="alert">{told}</p>
      <button type="button" className="main" onClick={onAgain}>
        Try again
      </button>
    </main>
  );
}

type LoggedInProps = {
  readonly me: NonNullable<LoginState['me']>;
  readonly mode: LoginState['mode'];
  readonly onLoggedOut: (why: string | undefined) => void;
};

function LoggedIn({ me, mode, onLoggedOut }: LoggedInProps) {
  const [user, setUser] = useState<User>();
  const [told, setTold] = useState('');
  useEffect(() => {
    const connection = connect({ url: serverUrl() });
    const clock = new PageClock(connection);
    const store = createUserStore(connection);
    const leave = (why: string | undefined): void => {
      connection.close();
      onLoggedOut(why);
    };
    const stop = connection.onChange((status) => {
      if (status.state === 'closed' && isLoginGone(status.error))
        leave('Your login has ended. What you were writing is kept.');
    });
    const drafts = new Drafts({ read: readKept, write: writeKept }, me);
    const outbox = new Outbox(connection.door, systemRandom, (refused) => giveBack(drafts, refused));
    connection.door.app().then(
      (app) =>
        setUser({
          me,
          mode,
          app,
          connection,
          store,
          clock,
          outbox,
          drafts,
          answers: new Map(),
          onLeft: () => leave(undefined),
        }),
      (thrown: unknown) => (isLoginGone(thrown) ? leave('Your login has ended.') : setTold(wordsOf(thrown))),
    );
    return () => {
      stop();
      store.close();
      connection.close();
    };
    // One connection for as long as this user is logged in: what to call when that is over may change meanwhile.
  }, [me, mode]);
  if (told !== '') return <Trouble told={told} onAgain={() => location.reload()} />;
  if (user === undefined) return <p className="centre fine">Loading…</p>;
  return (
    <UserContext value={user}>
      <Shell />
    </UserContext>
  );
}

/** A conversation that was refused with its first question never began: who waits in it is where it was written. */
function giveBack(drafts: Drafts, { written, error, thread }: Outgoing): void {
  if (written === undefined) return;
  drafts.giveBack(written.place, { ...written, refused: error });
  const place = currentPlace();
  if (written.place === 'new' && place.kind === 'thread' && place.thread === thread) replacePlace({ kind: 'new' });
}

function isLoginGone(thrown: unknown): boolean {
  return EngineError.is(thrown) && (thrown.code === 'login_required' || thrown.code === 'login_failed');
}
