/** The frame around everything: where the user can go, who it is, and how the connection stands. */
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { AccountMenu } from './account-menu.tsx';
import { Announcer } from './announcer.tsx';
import { ConnectionStrip } from './connection-strip.tsx';
import { Icon } from './icon.tsx';
import { Mishap } from './mishap.tsx';
import { pageIcon } from './page-icon.ts';
import { formatPlace, type Place } from './place.ts';
import { ShortcutList, useShortcuts } from './shortcuts.tsx';
import { Talk } from './talk.tsx';
import { ThreadList } from './thread-list.tsx';
import { goTo, usePlace } from './use-place.ts';
import { useKey, useUser } from './user.tsx';
import { plainName } from './work.ts';

const RunPage = lazy(async () => ({ default: (await import('./run-page.tsx')).RunPage }));
const RunList = lazy(async () => ({ default: (await import('./run-list.tsx')).RunList }));

export function Shell() {
  const { app, me, mode } = useUser();
  const place = usePlace();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [areKeysShown, setKeysShown] = useState(false);
  useEffect(() => setMenuOpen(false), [place]);
  useShortcuts(
    useMemo(
      () => ({
        '?': () => setKeysShown(true),
        '/': () => document.getElementById('question')?.focus(),
        n: () => goTo({ kind: 'new' }),
        r: () => goTo({ kind: 'runs' }),
      }),
      [],
    ),
  );
  return (
    <Announcer>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        To the conversation
      </a>
      {mode === 'developer' && (
        <aside className="strip developer" aria-label="Developer mode">
          Developer mode: nobody logs in. Whoever reaches this address is “{me.name ?? me.user}”.
        </aside>
      )}
      <ConnectionStrip />
      <div className={isMenuOpen ? 'shell menu-open' : 'shell'}>
        <Side place={place} onKeys={() => setKeysShown(true)} />
        <button
          type="button"
          className="quiet menu-button"
          aria-expanded={isMenuOpen}
          onClick={() => setMenuOpen(!isMenuOpen)}
        >
          <Icon name={isMenuOpen ? 'close' : 'menu'} />
          <span>{plainName(app.name)}</span>
        </button>
        <main id="main" tabIndex={-1}>
          <h1 className="unseen">{plainName(app.name)}</h1>
          <Mishap at={formatPlace(place)}>
            <Suspense fallback={<p className="fine centre">Loading…</p>}>
              <Page place={place} />
            </Suspense>
          </Mishap>
        </main>
      </div>
      {areKeysShown && <ShortcutList onClose={() => setKeysShown(false)} />}
    </Announcer>
  );
}

function Side({ place, onKeys }: { readonly place: Place; readonly onKeys: () => void }) {
  const { app } = useUser();
  const current = useCurrentThread(place);
  return (
    <header className="side">
      <div className="side-head">
        <a className="name" href={formatPlace({ kind: 'new' })}>
          <img src={pageIcon} alt="" width={22} height={22} />
          {plainName(app.name)}
        </a>
      </div>
      <a className="main button wide" href={formatPlace({ kind: 'new' })}>
        <Icon name="plus" />
        <span>New question</span>
      </a>
      <ThreadList current={current} />
      <div className="side-foot">
        <a
          className="quiet"
          href={formatPlace({ kind: 'runs' })}
          aria-current={place.kind === 'runs' ? 'page' : undefined}
        >
          <Icon name="runs" />
          <span>All runs</span>
        </a>
        <AccountMenu onKeys={onKeys} />
      </div>
    </header>
  );
}

function Page({ place }: { readonly place: Place }) {
  switch (place.kind) {
    case 'thread':
      return <Talk key={place.thread} thread={place.thread} sought={place.run} />;
    case 'run':
      return <RunPage key={place.run} run={place.run} path={place.path} />;
    case 'runs':
      return <RunList />;
    default:
      return <Talk key="new" thread={undefined} />;
  }
}

/** The thread that is open, also where one of its runs is looked at. */
function useCurrentThread(place: Place): string | undefined {
  const { store } = useUser();
  useKey('runs');
  if (place.kind === 'thread') return place.thread;
  if (place.kind !== 'run') return undefined;
  const view = store.state.run(place.run);
  return view?.state?.thread ?? view?.row?.thread;
}
