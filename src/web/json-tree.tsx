/** A value as a tree that opens where it is looked at; large ones are read when they are asked for. */
import { useState } from 'react';
import { EngineError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { tellBytes, tellCount } from '../core/units.ts';
import { isBlobRef, type BlobRef } from '../journal/event.ts';
import { CopyButton } from './copy-button.tsx';
import { useUser } from './user.tsx';

/** Levels that are open from the start, entries shown at once, and characters of a text. */
const openDepth = 2;
const entriesShown = 50;
const charsShown = 2_000;

export function JsonBlock({ value, what }: { readonly value: Json; readonly what: string }) {
  return (
    <div className="json">
      <CopyButton text={() => (typeof value === 'string' ? value : JSON.stringify(value, null, 2))} what={what} />
      <JsonValue value={value} depth={0} />
    </div>
  );
}

function JsonValue({ value, depth }: { readonly value: Json; readonly depth: number }) {
  if (typeof value === 'string') return <JsonText text={value} />;
  if (value === null || typeof value !== 'object')
    return <span className={`json-${value === null ? 'null' : typeof value}`}>{String(value)}</span>;
  if (isBlobRef(value)) return <LargeValue reference={value} depth={depth} />;
  const entries = Array.isArray(value)
    ? value.map((entry, index) => [String(index), entry] as const)
    : Object.entries(value);
  return (
    <Entries entries={entries as readonly (readonly [string, Json])[]} isList={Array.isArray(value)} depth={depth} />
  );
}

function JsonText({ text }: { readonly text: string }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole || text.length <= charsShown ? text : text.slice(0, charsShown);
  return (
    <span className="json-string">
      {shown}
      {shown.length < text.length && (
        <button type="button" className="inline" onClick={() => setWhole(true)}>
          … {tellCount(text.length - shown.length)} more characters
        </button>
      )}
    </span>
  );
}

type EntriesProps = {
  readonly entries: readonly (readonly [string, Json])[];
  readonly isList: boolean;
  readonly depth: number;
};

function Entries({ entries, isList, depth }: EntriesProps) {
  const [isOpen, setOpen] = useState(depth < openDepth && entries.length <= entriesShown);
  const [shown, setShown] = useState(entriesShown);
  if (entries.length === 0) return <span className="json-null">{isList ? '[ ]' : '{ }'}</span>;
  const size = `${tellCount(entries.length)} ${entries.length === 1 ? 'entry' : 'entries'}`;
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{isList ? `list of ${size}` : size}</summary>
      {isOpen && (
        <dl>
          {entries.slice(0, shown).map(([name, entry]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <JsonValue value={entry} depth={depth + 1} />
              </dd>
            </div>
          ))}
          {shown < entries.length && (
            <button type="button" className="inline" onClick={() => setShown(shown + 200)}>
              {tellCount(entries.length - shown)} more
            </button>
          )}
        </dl>
      )}
    </details>
  );
}

function LargeValue({ reference, depth }: { readonly reference: BlobRef; readonly depth: number }) {
  const { connection } = useUser();
  const [value, setValue] = useState<Json | undefined>();
  const [told, setTold] = useState('');
  if (value !== undefined) return <JsonValue value={value} depth={depth} />;
  const read = async (): Promise<void> => {
    setTold('Loading…');
    try {
      setValue(await connection.door.value(reference));
    } catch (thrown) {
      setTold(EngineError.is(thrown) ? thrown.message : 'It could not be loaded.');
    }
  };
  return (
    <span>
      <button type="button" className="inline" onClick={() => void read()}>
        Load this value ({tellBytes(reference.bytes)})
      </button>{' '}
      <span role="status">{told}</span>
    </span>
  );
}
