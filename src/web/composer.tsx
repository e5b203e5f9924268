/** Where a question is written: the draft is kept, files are dropped here, and a run under way is stopped. */
import { useEffect, useRef, useState, type DragEvent, type KeyboardEvent, type RefObject } from 'react';
import { EngineError } from '../core/errors.ts';
import type { Draft } from './drafts.ts';
import { Icon } from './icon.tsx';
import { OptionFields } from './option-fields.tsx';
import { blockedBy, type FileChoice, type OptionValue } from './option-values.ts';
import { RefusedNote } from './refused-note.tsx';
import { RunnablePicker } from './runnable-picker.tsx';
import type { askedRunnable } from './runnable-choice.ts';
import { useDraft, useUser, type User } from './user.tsx';

type ComposerProps = {
  /** Where the draft belongs to: a conversation, or `new`. */
  readonly place: string;
  readonly asked: ReturnType<typeof askedRunnable>;
  /** The open run that Stop ends. */
  readonly openRun: string | undefined;
  readonly lastMessage: string | undefined;
  readonly onAsk: (text: string) => void;
};

export function Composer({ place, asked, openRun, lastMessage, onAsk }: ComposerProps) {
  const user = useUser();
  const { drafts } = user;
  const { text, options, refused } = useDraft(place);
  const { appOptions, blocked, mustShow } = takenOf(user.app, asked, { options, refused });
  const hasOptions = appOptions.length > 0;
  const [isUnfolded, setShown] = useState(false);
  const isShown = hasOptions && (isUnfolded || mustShow);
  const field = useRef<HTMLTextAreaElement>(null);
  const change = (next: string): void => drafts.change(place, { text: next });
  useEffect(() => grow(field.current), [text]);
  useEffect(() => {
    // On a touch screen the focus would bring up a keyboard that nobody asked for.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, []);
  const isReady = text.trim() !== '' && text.length <= user.app.questionCharsMax && blocked === undefined;
  const ask = (): void => {
    if (!isReady) return;
    onAsk(text.trim());
    setShown(false);
  };
  const stop = useStop(openRun);
  const pressed = composerKeys({
    ask,
    stop,
    editLast: () => text === '' && lastMessage !== undefined && change(lastMessage),
  });
  const put = (option: string, file: File): void => {
    setShown(true);
    putFile(user, place, option, file);
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
      onDragOver={(event) => hasOptions && event.preventDefault()}
      onDrop={(event) => dropFile(event, appOptions, put)}
    >
      <RefusedNote error={refused} />
      {isShown && (
        <OptionFields
          values={options}
          thread={place === 'new' ? undefined : place}
          workflow={user.app.serves.length > 1 ? asked?.name : undefined}
          isRefused={refused !== undefined}
          onChange={(name, value) => {
            setShown(true);
            drafts.setOption(place, name, value);
          }}
          onFile={put}
        />
      )}
      <QuestionField field={field} text={text} busy={busyOf(openRun, asked)} onText={change} onKey={pressed} />
      <div className="row">
        {hasOptions && (
          <OptionsButton isShown={isShown} count={Object.keys(options).length} onShow={() => setShown(!isShown)} />
        )}
        <RunnablePicker asked={asked} onChoose={(workflow) => drafts.change(place, { workflow, refused: undefined })} />
        <ModelName />
        <span className="grow" />
        <Buttons isReady={isReady} blocked={blocked} onStop={openRun === undefined ? undefined : stop} />
      </div>
    </form>
  );
}

/** The options that what is asked takes, why it cannot be asked with them, and whether they must be seen for that. */
function takenOf(app: User['app'], asked: ComposerProps['asked'], draft: Pick<Draft, 'options' | 'refused'>) {
  // Options are the app's, made for its workflows: an agent takes none.
  const appOptions = asked?.kind === 'agent' ? [] : app.options;
  const blocked = appOptions.length > 0 ? blockedBy(draft.options) : undefined;
  return { appOptions, blocked, mustShow: blocked !== undefined || draft.refused !== undefined };
}

type OptionsProps = { readonly isShown: boolean; readonly count: number; readonly onShow: () => void };

function OptionsButton({ isShown, count, onShow }: OptionsProps) {
  return (
    <button type="button" className="quiet" aria-expanded={isShown} onClick={onShow}>
      <Icon name="fold" />
      <span>Options{count > 0 ? ` (${count})` : ''}</span>
    </button>
  );
}

function dropFile(event: DragEvent, options: User['app']['options'], put: (option: string, file: File) => void): void {
  const [file] = event.dataTransfer.files;
  const option = options.find(({ kind }) => kind === 'file');
  if (file === undefined || option === undefined) return;
  event.preventDefault();
  put(option.name, file);
}

type QuestionProps = {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  /** Is a run under way, which this will wait for? */
  /** What a question does now; undefined while none is being answered. */
  readonly busy: keyof typeof busyWords | undefined;
  readonly onText: (text: string) => void;
  readonly onKey: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
};

const busyWords = {
  queue: 'Ask on: it waits for its turn',
  steer: 'Ask on: it is taken up while the agent works',
  refuse: 'One question at a time: this one waits for its answer',
};

function busyOf(openRun: string | undefined, asked: ComposerProps['asked']): keyof typeof busyWords | undefined {
  return openRun === undefined ? undefined : (asked?.onBusy ?? 'queue');
}

function QuestionField({ field, text, busy, onText, onKey }: QuestionProps) {
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
        placeholder={busy === undefined ? 'Ask a question' : busyWords[busy]}
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

type ButtonsProps = {
  readonly isReady: boolean;
  readonly blocked: string | undefined;
  readonly onStop: (() => void) | undefined;
};

function Buttons({ isReady, blocked, onStop }: ButtonsProps) {
  return (
    <>
      {blocked !== undefined && (
        <span id="blocked" className="bad fine" role="status">
          {blocked}
        </span>
      )}
      {onStop !== undefined && (
        <button type="button" onClick={onStop}>
          <Icon name="stop" />
          <span>Stop</span>
        </button>
      )}
      <button
        type="submit"
        className="main"
        disabled={!isReady}
        aria-describedby={blocked === undefined ? undefined : 'blocked'}
      >
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

/** Puts a file on the server and says in the draft how far it is, also while the user looks elsewhere. */
function putFile({ app, connection, drafts }: User, place: string, option: string, file: File): void {
  const choice: FileChoice = { name: file.name, bytes: file.size, progress: 0, file: undefined, error: undefined };
  const isTooLarge = file.size > app.uploadBytesMax;
  drafts.setOption(place, option, isTooLarge ? { ...choice, error: 'It is too large to send.' } : choice);
  if (isTooLarge) return;
  const change = (next: Partial<FileChoice>): void => {
    const now = drafts.read(place).options[option];
    if (isOf(now, file)) drafts.setOption(place, option, { ...now, ...next });
  };
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
}

/** Or a file that was put aside meanwhile would come back. */
function isOf(value: OptionValue | undefined, file: File): value is FileChoice {
  return typeof value === 'object' && value.name === file.name && value.bytes === file.size;
}
