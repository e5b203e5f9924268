/** The user's own place: what can be done with this account, and how the page looks. */
import { lazy, Suspense, useState } from 'react';
import { Dialog } from './dialog.tsx';
import { draftsName } from './drafts.ts';
import { forgetKept } from './kept.ts';
import { Mishap } from './mishap.tsx';
import { loginHere, wordsOf } from './server.ts';
import { chosenTheme, chooseTheme, type Theme } from './theme.ts';
import { Icon } from './icon.tsx';
import { useUser } from './user.tsx';

const AccountPage = lazy(async () => ({ default: (await import('./account-page.tsx')).AccountPage }));

export function AccountMenu({ onKeys }: { readonly onKeys: () => void }) {
  const { me } = useUser();
  const [isOpen, setOpen] = useState(false);
  const name = me.name ?? me.user;
  return (
    <>
      <button type="button" className="quiet" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon name="user" />
        <span className="cut">{name}</span>
      </button>
      {isOpen && (
        <Dialog title={name} onClose={() => setOpen(false)}>
          <Account
            onKeys={() => {
              setOpen(false);
              onKeys();
            }}
          />
        </Dialog>
      )}
    </>
  );
}

function Account({ onKeys }: { readonly onKeys: () => void }) {
  const { me, mode, app } = useUser();
  return (
    <>
      <p className="fine">
        {me.user} of {me.tenant}
        {me.roles.length > 0 && ` · ${me.roles.join(', ')}`}
      </p>
      <Looks />
      {mode === 'accounts' && (
        <Mishap at="account">
          <Suspense fallback={<p className="fine">Loading…</p>}>
            <AccountPage />
          </Suspense>
        </Mishap>
      )}
      {mode === 'accounts' && <Leave />}
      <p className="row">
        <button type="button" className="inline" onClick={onKeys}>
          Keys
        </button>
        <span className="grow" />
        <span className="fine">Cantus {app.version}</span>
      </p>
    </>
  );
}

const themes: readonly (readonly [Theme, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

function Looks() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <fieldset className="choice">
      <legend>Colours</legend>
      {themes.map(([name, label]) => (
        <label key={name}>
          <input
            type="radio"
            name="theme"
            checked={theme === name}
            onChange={() => {
              chooseTheme(name);
              setTheme(name);
            }}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Leave() {
  const { me, onLeft } = useUser();
  const [told, setTold] = useState('');
  const [isAsking, setAsking] = useState(false);
  const leave = (everywhere: boolean): void => {
    loginHere()
      .leave(everywhere ? { everywhere } : {})
      .then(
        () => {
          forgetKept(draftsName(me));
          return onLeft();
        },
        (thrown: unknown) => setTold(wordsOf(thrown)),
      );
  };
  return (
    <>
      <div className="row">
        <button type="button" onClick={() => leave(false)}>
          Log out
        </button>
        {!isAsking && (
          <button type="button" onClick={() => setAsking(true)}>
            Log out everywhere
          </button>
        )}
      </div>
      {isAsking && <LeaveEverywhere onLeave={() => leave(true)} onStay={() => setAsking(false)} />}
      {told !== '' && (
        <p className="note bad" role="alert">
          {told}
        </p>
      )}
    </>
  );
}

type EverywhereProps = { readonly onLeave: () => void; readonly onStay: () => void };

function LeaveEverywhere({ onLeave, onStay }: EverywhereProps) {
  return (
    <div className="note warn" role="alert">
      <p>
        Every browser that you are logged in with is logged out, this one too. Tokens for programs go on working until
        they are revoked.
      </p>
      <div className="row">
        <button type="button" className="danger" onClick={onLeave}>
          Log out of all
        </button>
        <button type="button" autoFocus onClick={onStay}>
          Stay
        </button>
      </div>
    </div>
  );
}
