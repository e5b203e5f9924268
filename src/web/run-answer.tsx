/** What a run answered, once it has: in sections, as Markdown, or as it is. */
import { useEffect, useState } from 'react';
import { EngineError } from '../core/errors.ts';
import type { RunAnswer } from '../protocol/operations.ts';
import { AnswerView } from './answer-view.tsx';
import { useAnnounceOnce } from './announcer.tsx';
import { JsonBlock } from './json-tree.tsx';
import { Markdown } from './markdown.tsx';
import { useUser, type User } from './user.tsx';

type Read = { readonly answer?: RunAnswer; readonly error?: string };

/** The answer of an ended run; undefined while it is on its way. */
export function useAnswer(run: string, hasEnded: boolean): Read | undefined {
  const user = useUser();
  const [read, setRead] = useState<Read>();
  useEffect(() => {
    if (!hasEnded) return undefined;
    let isWanted = true;
    answerOf(user, run).then(
      (answer) => isWanted && setRead({ answer }),
      (thrown: unknown) =>
        isWanted && setRead({ error: EngineError.is(thrown) ? thrown.message : 'It could not be read.' }),
    );
    return () => {
      isWanted = false;
    };
  }, [user, run, hasEnded]);
  return read;
}

function answerOf({ answers, connection }: User, run: string): Promise<RunAnswer> {
  let answer = answers.get(run);
  if (answer === undefined) {
    answer = connection.door.answer(run);
    answers.set(run, answer);
    // What failed may work the next time it is looked at.
    answer.catch(() => answers.delete(run));
  }
  return answer;
}

type AnswerProps = {
  readonly read: Read | undefined;
  readonly isFresh: boolean;
  readonly onSource: (path: string) => void;
};

export function RunAnswerView({ read, isFresh, onSource }: AnswerProps) {
  useAnnounceOnce(isFresh && read?.answer !== undefined ? spokenAnswer(read.answer) : '');
  if (read === undefined) return <p className="fine">Loading the answer…</p>;
  if (read.error !== undefined) return <p className="note bad">The answer could not be loaded: {read.error}</p>;
  const { answer, markdown, outcome } = read.answer ?? { answer: null, markdown: null, outcome: null };
  if (answer !== null) return <AnswerView answer={answer} onSource={onSource} />;
  if (markdown !== null) return <Markdown text={markdown} />;
  if (outcome === null || !('output' in outcome)) return null;
  return <JsonBlock value={outcome.output} what="the answer" />;
}

function spokenAnswer({ answer, markdown }: RunAnswer): string {
  if (answer === null) return markdown ?? '';
  const figures = answer.sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === 'figures' ? block.figures : [])),
  );
  const told = figures.slice(0, 4).map(({ label, value }) => `${label}: ${value}`);
  return [answer.title, ...answer.notices, ...told].filter((part) => part !== '').join('. ');
}

/** The answer as text to copy. */
export function answerText(read: Read | undefined): string {
  const answer = read?.answer;
  if (answer === undefined) return '';
  if (answer.markdown !== null) return answer.markdown;
  return answer.outcome !== null && 'output' in answer.outcome ? JSON.stringify(answer.outcome.output, null, 2) : '';
}
