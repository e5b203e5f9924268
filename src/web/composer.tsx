/** Where a question is written: the draft is kept, files are dropped here, and a run under way is stopped. */
import { useEffect, useRef, useState, type DragEvent, type KeyboardEvent, type RefObject } from 'react';
import { EngineError } from '../core/errors.ts';
import { Icon } from './icon.tsx';
import { readKept, writeKept } from './kept.ts';
import { OptionFields } from './option-fields.tsx';
import { askedOptions, isUploading, type FileChoice, type OptionValue, type OptionValues } from './option-values.ts';
import { useUser, type User } from './user.tsx';

export type Asking = { readonly text: string; readonly options: ReturnType<typeof askedOptions> };

type ComposerProps = {
  /** Where the draft belongs to. */
  readonly thread: string;
  /** The open run that Stop ends. */
  readonly openRun: string | undefined;
  readonly lastMessage: string | undefined;
  readonly onAsk: (asking: Asking) => void;
};

export function draftName({ me }: Pick<User, 'me'>, thread: string): string {
  return `draft.${me.tenant}/${me.user}/${thread}`;
}

export function Composer({ thread, openRun, lastMessage, onAsk }: ComposerProps) {
  const user = useUser();
  const kept = draftName(user, thread);
  const [text, setText] = useState(() => readKept(kept) ?? '');
  const [options, setOption, putFile] = useOptionValues(user);
  const [isShown, setShown] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const change = (next: string): void => {
    setText(next);
    writeKept(kept, next === '' ? undefined : next);
  };
  useEffect(() => grow(field.current), [text]);
  useEffect(() => {
    // On a touch screen the focus would bring up a keyboard that nobody asked for.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, []);
  const tooLong = text.length > user.app.questionCharsMax;
  const isReady = text.trim() !== '' && !tooLong && !isUploading(options);
  const ask = (): void => {
    if (!isReady) return;
    onAsk({ text: text.trim(), options: askedOptions(user.app.options, options) });
    change('');
    for (const name of Object.keys(options)) setOption(name, undefined);
    setShown(false);
  };
  const stop = useStop(openRun);
  const pressed = composerKeys({
    ask,
    stop,
    editLast: () => text === '' && lastMessage !== undefined && change(lastMessage),
  });
  const drop = (event: DragEvent): void => {
    const [file] = event.dataTransfer.files;
    const option = user.app.options.find(({ kind }) => kind === 'file');
    if (file === undefined || option === undefined) return;
    event.preventDefault();
    setShown(true);
    putFile(option.name, file);
  };
  const hasOptions = user.app.options.length > 0;
  const chosenCount = Object.keys(options).length;
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
      onDragOver={(event) => hasOptions && event.preventDefault()}
      onDrop={drop}
    >
      {isShown && <OptionFields values={options} thread={thread} onChange={setOption} onFile={putFile} />}
      <QuestionField field={field} text={text} isWaiting={openRun !== undefined} onText={change} onKey={pressed} />
      <div className="row">
        {hasOptions && (
          <button type="button" className="quiet" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
            <Icon name="fold" />
            <span>Options{chosenCount > 0 ? ` (${chosenCount})` : ''}</span>
          </button>
        )}
        <ModelName />
        <span className="grow" />
        <Buttons isReady={isReady} onStop={openRun === undefined ? undefined : stop} />
      </div>
    </form>
  );
}

type QuestionProps = {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  /** Is a run under way, which this will wait for? */
  readonly isWaiting: boolean;
  readonly onText: (text: string) => void;
  readonly onKey: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
};

function QuestionField({ field, text, isWaiting, onText, onKey }: QuestionProps) {
  const { questionCharsMax } = useUser().app;
  const tooLong = text.length > questionCharsMax;
  return (
    <>
      <label className="unseen" htmlFor="question">
        Your question
      </label>
      <textarea
        id="question"
        ref={field}
        rows={1}
        value={text}
        placeholder={isWaiting ? 'Ask on: it waits for its turn' : 'Ask a question'}
        aria-describedby={tooLong ? 'too-long' : undefined}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={onKey}
      />
      {tooLong && (
        <p id="too-long" className="bad fine" role="alert">
          Too long: {text.length} of {questionCharsMax} characters.
        </p>
      )}
    </>
  );
}

type Acts = { readonly ask: () => void; readonly stop: () => void; readonly editLast: () => void };

function composerKeys({ ask, stop, editLast }: Acts) {
  return (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // Enter that ends a word of an input method sends nothing.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      ask();
    } else if (event.key === 'Escape') stop();
    else if (event.key === 'ArrowUp') editLast();
  };
}

function Buttons({ isReady, onStop }: { readonly isReady: boolean; readonly onStop: (() => void) | undefined }) {
  return (
    <>
      {onStop !== undefined && (
        <button type="button" onClick={onStop}>
          <Icon name="stop" />
          <span>Stop</span>
        </button>
      )}
      <button type="submit" className="main" disabled={!isReady}>
        <Icon name="send" />
        <span>Ask</span>
      </button>
    </>
  );
}

function ModelName() {
  const { model } = useUser().app;
  const words = model.kind === 'rules' ? 'no language model: rules' : model.id;
  return (
    <span className="fine model-name" title={model.why}>
      {words}
    </span>
  );
}

/** As high as its text, up to what the style sheet lets it. */
function grow(field: HTMLTextAreaElement | null): void {
  if (field === null) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}

function useStop(run: string | undefined): () => void {
  const { connection } = useUser();
  return () => {
    if (run === undefined) return;
    const stop = async (): Promise<void> => (await connection.door.run(run)).cancel();
    // Should it not arrive, the run is still there with its Stop button.
    stop().catch(() => undefined);
  };
}

type PutFile = (option: string, file: File) => void;
type SetOption = (name: string, value: OptionValue | undefined) => void;

function useOptionValues({ app, connection }: User): readonly [OptionValues, SetOption, PutFile] {
  const [values, setValues] = useState<OptionValues>({});
  const set: SetOption = (name, value) =>
    setValues((before) => {
      const rest = Object.fromEntries(Object.entries(before).filter(([other]) => other !== name));
      return value === undefined ? rest : { ...rest, [name]: value };
    });
  const put: PutFile = (option, file) => {
    const choice: FileChoice = { name: file.name, bytes: file.size, progress: 0, file: undefined, error: undefined };
    const change = (next: Partial<FileChoice>): void =>
      setValues((before) =>
        isOf(before[option], file) ? { ...before, [option]: { ...(before[option] as FileChoice), ...next } } : before,
      );
    set(option, file.size > app.uploadBytesMax ? { ...choice, error: 'It is too large to send.' } : choice);
    if (file.size > app.uploadBytesMax) return;
    connection.door
      .upload(file, file.name, { onProgress: (sent, all) => change({ progress: all === 0 ? 1 : sent / all }) })
      .then(
        (uploaded) => change({ progress: 1, file: uploaded.file }),
        (thrown: unknown) =>
          change({
            error: EngineError.is(thrown)
              ? [thrown.message, thrown.hint].filter(Boolean).join(' ')
              : 'It could not be sent.',
          }),
      );
  };
  return [values, set, put];
}

/** Or a file that was put aside meanwhile would come back. */
function isOf(value: OptionValue | undefined, file: File): boolean {
  return typeof value === 'object' && value.name === file.name && value.bytes === file.size;
}
