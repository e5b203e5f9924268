import { choicesOf, type askedRunnable } from './runnable-choice.ts';
import { useUser } from './user.tsx';
import { plainName } from './work.ts';

type PickerProps = { readonly asked: ReturnType<typeof askedRunnable>; readonly onChoose: (name: string) => void };

/** Whom a question goes to; only where there is a choice. */
export function RunnablePicker({ asked, onChoose }: PickerProps) {
  const choices = choicesOf(useUser().app);
  if (choices.length < 2) return null;
  return (
    <select aria-label="What to ask" value={asked?.name} onChange={(event) => onChoose(event.target.value)}>
      {choices.map(({ name, kind }) => (
        <option key={name} value={name}>
          {plainName(name)}
          {kind === 'agent' ? ' (agent)' : ''}
        </option>
      ))}
    </select>
  );
}
