/** The user's conversations: found, opened, named and deleted here. */
import { useState, type FormEvent } from 'react';
import { limits } from '../core/limits.ts';
import { isEnded } from '../journal/run-row.ts';
import type { ThreadRow } from '../journal/thread-row.ts';
import { Dialog } from './dialog.tsx';
import { fieldsOf } from './form-fields.ts';
import { Icon } from './icon.tsx';
import { wordsOf } from './server.ts';
import { formatPlace } from './place.ts';
import { StatusMark } from './status-mark.tsx';
import { goTo } from './use-place.ts';
import { useKey, useUser } from './user.tsx';
import { useThreadPages } from './thread-pages.ts';

export function ThreadList({ current }: { readonly current: string | undefined }) {
  const { store } = useUser();
  useKey('threads');
  const [search, setSearch] = useState('');
  const pages = useThreadPages(search);
  const shown = store.state.threads.filter(({ title }) => title.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <nav className="threads" aria-label="Conversations">
      <label className="search">
        <Icon name="search" />
        <span className="unseen">Find a conversation</span>
        <input type="search" value={search} placeholder="Find" onChange={(event) => setSearch(event.target.value)} />
      </label>
      <ul>
        {shown.map((thread) => (
          <ThreadItem key={thread.thread} thread={thread} isCurrent={thread.thread === current} />
        ))}
      </ul>
      {shown.length === 0 && (
        <p className="fine centre">{search === '' ? 'No conversations yet.' : 'None has this in its name.'}</p>
      )}
      {pages.hasMore && (
        <button type="button" className="more" onClick={pages.more}>
          Older conversations
        </button>
      )}
    </nav>
  );
}

type ItemProps = { readonly thread: ThreadRow; readonly isCurrent: boolean };

function ThreadItem({ thread, isCurrent }: ItemProps) {
  const [doing, setDoing] = useState<'rename' | 'delete'>();
  if (doing === 'rename') return <RenameForm thread={thread} onDone={() => setDoing(undefined)} />;
  const title = titleOf(thread);
  return (
    <li className={isCurrent ? 'thread current' : 'thread'}>
      <a
        href={formatPlace({ kind: 'thread', thread: thread.thread })}
        aria-current={isCurrent ? 'page' : undefined}
        title={title}
      >
        <span className="thread-title">{title}</span>
        {(!isEnded(thread.status) || thread.status === 'failed') && <StatusMark status={thread.status} />}
      </a>
      <span className="thread-tools">
        <button type="button" className="quiet" aria-label={`Rename ${title}`} onClick={() => setDoing('rename')}>
          <Icon name="edit" />
        </button>
        <button type="button" className="quiet" aria-label={`Delete ${title}`} onClick={() => setDoing('delete')}>
          <Icon name="bin" />
        </button>
      </span>
      {doing === 'delete' && <DeleteDialog thread={thread} isCurrent={isCurrent} onClose={() => setDoing(undefined)} />}
    </li>
  );
}

function titleOf({ title }: ThreadRow): string {
  return title === '' ? 'Without a name' : title;
}

function RenameForm({ thread, onDone }: { readonly thread: ThreadRow; readonly onDone: () => void }) {
  const { connection } = useUser();
  const [told, setTold] = useState('');
  const rename = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const title = fieldsOf(event.currentTarget)('title').trim();
    if (title === '' || title === thread.title) onDone();
    else connection.door.renameThread(thread.thread, title).then(onDone, (thrown: unknown) => setTold(wordsOf(thrown)));
  };
  return (
    <li className="thread">
      <form className="rename" onSubmit={rename}>
        <input
          name="title"
          aria-label="Name"
          defaultValue={thread.title}
          maxLength={limits.titleCharsMax}
          autoFocus
          onKeyDown={(event) => event.key === 'Escape' && onDone()}
        />
        <button type="submit">Save</button>
      </form>
      {told !== '' && (
        <p className="bad fine" role="alert">
          {told}
        </p>
      )}
    </li>
  );
}

type DeleteProps = ItemProps & { readonly onClose: () => void };

function DeleteDialog({ thread, isCurrent, onClose }: DeleteProps) {
  const user = useUser();
  const [told, setTold] = useState('');
  const [isGoing, setGoing] = useState(false);
  const isOpen = !isEnded(thread.status);
  const remove = async (): Promise<void> => {
    setGoing(true);
    try {
      await user.connection.door.deleteThread(thread.thread);
      user.drafts.forget(thread.thread);
      if (isCurrent) goTo({ kind: 'new' });
      onClose();
    } catch (thrown) {
      setGoing(false);
      setTold(wordsOf(thrown));
    }
  };
  return (
    <Dialog title="Delete this conversation?" onClose={onClose}>
      <p>
        “{titleOf(thread)}” and its {thread.runs === 1 ? 'run' : `${thread.runs} runs`} are deleted for good.
        {isOpen && ' What is still running in it is stopped.'}
      </p>
      {told !== '' && (
        <p className="note bad" role="alert">
          {told}
        </p>
      )}
      <div className="row end">
        <button type="button" onClick={onClose}>
          Keep it
        </button>
        <button type="button" className="danger" disabled={isGoing} onClick={() => void remove()}>
          {isGoing ? 'Deleting…' : 'Delete'}
        </button>
      </div>
    </Dialog>
  );
}
