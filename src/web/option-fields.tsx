/** The app's options as fields, behind a disclosure: files by choice or by dropping them, and what the app says to them. */
import { useEffect, useState } from 'react';
import { systemClock } from '../core/clock.ts';
import { EngineError } from '../core/errors.ts';
import { tellBytes } from '../core/units.ts';
import { Icon } from './icon.tsx';
import {
  askedOptions,
  isUploading,
  optionLabel,
  type AppOption,
  type FileChoice,
  type OptionValue,
  type OptionValues,
} from './option-values.ts';
import { useUser } from './user.tsx';

type Change = (name: string, value: OptionValue | undefined) => void;

type FieldsProps = {
  readonly values: OptionValues;
  readonly thread: string | undefined;
  /** What is asked; undefined: the app's default. */
  readonly workflow: string | undefined;
  /** Is it said already what is wrong with these values? */
  readonly isRefused: boolean;
  readonly onChange: Change;
  /** Puts a file on the server for an option. */
  readonly onFile: (option: string, file: File) => void;
};

export function OptionFields({ values, thread, workflow, isRefused, onChange, onFile }: FieldsProps) {
  const { app } = useUser();
  // What the app says to a file stands beside it.
  const files = app.options.filter(({ kind }) => kind === 'file');
  const others = app.options.filter(({ kind }) => kind !== 'file');
  const fields = (options: readonly AppOption[]) =>
    options.map((option) => (
      <OptionField key={option.name} option={option} value={values[option.name]} onChange={onChange} onFile={onFile} />
    ));
  return (
    <div className="options">
      {fields(files)}
      {!isRefused && <Prepared values={values} thread={thread} workflow={workflow} />}
      {fields(others)}
    </div>
  );
}

type FieldProps = Pick<FieldsProps, 'onChange' | 'onFile'> & {
  readonly option: AppOption;
  readonly value: OptionValue | undefined;
};

function OptionField({ option, value, onChange, onFile }: FieldProps) {
  const label = optionLabel(option);
  if (option.kind === 'file')
    return <FileField label={label} option={option} value={value} onChange={onChange} onFile={onFile} />;
  if (option.kind === 'flag')
    return (
      <label className="flag">
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(option.name, event.target.checked || undefined)}
        />
        <span>
          {label} <span className="fine">{option.help}</span>
        </span>
      </label>
    );
  const text = typeof value === 'string' ? value : '';
  const change = (typed: string): void => onChange(option.name, typed === '' ? undefined : typed);
  return (
    <label>
      <span>
        {label}{' '}
        <span className="fine">
          {option.help}
          {option.many ? ' · one a line' : ''}
        </span>
      </span>
      {option.many ? (
        <textarea rows={2} value={text} onChange={(event) => change(event.target.value)} />
      ) : (
        <input value={text} onChange={(event) => change(event.target.value)} />
      )}
    </label>
  );
}

function FileField({ label, option, value, onChange, onFile }: FieldProps & { readonly label: string }) {
  const choice = typeof value === 'object' ? value : undefined;
  return (
    <div className="file-field">
      <label>
        <span>
          {label} <span className="fine">{option.help}</span>
        </span>
        <input
          type="file"
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (file !== undefined) onFile(option.name, file);
            // Or the same file could not be chosen again after it was put right.
            event.target.value = '';
          }}
        />
      </label>
      {choice !== undefined && <FileState choice={choice} onRemove={() => onChange(option.name, undefined)} />}
    </div>
  );
}

export function FileState({ choice, onRemove }: { readonly choice: FileChoice; readonly onRemove: () => void }) {
  const percent = Math.round(choice.progress * 100);
  return (
    <div className={choice.error === undefined ? 'file-state' : 'file-state bad'}>
      <Icon name="file" />
      <span className="grow">
        {choice.name} <span className="fine">{tellBytes(choice.bytes)}</span>
        {choice.error !== undefined && <span role="alert"> {choice.error}</span>}
        {choice.file === undefined && choice.error === undefined && (
          <progress max={100} value={percent} aria-label={`Sending ${choice.name}`}>
            {percent} %
          </progress>
        )}
      </span>
      <button type="button" className="quiet" aria-label={`Remove ${choice.name}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </div>
  );
}

type Told = { readonly notes: readonly string[] } | { readonly error: string; readonly hint: string | undefined };

/** Long enough that nobody is told of a half typed value. */
const prepareAfterMs = 500;

/** What the app makes of the options, before anything is asked: how it reads a file, or what is wrong with it. */
function Prepared({ values, thread, workflow }: Pick<FieldsProps, 'values' | 'thread' | 'workflow'>) {
  const { app, connection } = useUser();
  const [told, setTold] = useState<Told>();
  const asked = JSON.stringify(askedOptions(app.options, values));
  const isReady = asked !== '{}' && !isUploading(values);
  useEffect(() => {
    setTold(undefined);
    if (!isReady) return undefined;
    let isWanted = true;
    const tell = (next: Told): void => {
      if (isWanted) setTold(next);
    };
    const prepare = async (): Promise<void> => {
      try {
        const options = JSON.parse(asked) as ReturnType<typeof askedOptions>;
        const place = thread === undefined ? {} : { thread };
        tell(await connection.door.prepare(workflow, { question: app.samples[0] ?? '', options }, place));
      } catch (thrown) {
        tell(
          EngineError.is(thrown)
            ? { error: thrown.message, hint: thrown.hint }
            : { error: 'It could not be checked.', hint: undefined },
        );
      }
    };
    const stop = systemClock.after(prepareAfterMs, () => void prepare());
    return () => {
      isWanted = false;
      stop();
    };
  }, [asked, isReady, connection, app, thread, workflow]);
  if (!isReady) return null;
  if (told === undefined)
    return (
      <p className="fine" role="status">
        Checking…
      </p>
    );
  if ('error' in told)
    return (
      <div className="note bad" role="alert">
        <p>{told.error}</p>
        {told.hint !== undefined && <p className="hint">{told.hint}</p>}
      </div>
    );
  return (
    <div role="status">
      <ul className="notes-list">
        {told.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}
