/** An answer in sections. Each figure, table and chart leads to the call that computed it. */
import { useMemo } from 'react';
import type { Answer, AnswerBlock, AnswerColumn, AnswerFigure } from '../agents/answer.ts';
import { AnswerChart } from './answer-chart.tsx';
import { Markdown, MarksContext } from './markdown.tsx';
import { sourcesOf } from './source-marks.ts';
import { plainName } from './work.ts';

/** Characters from which a value is more a name than a number. */
const longChars = 14;

type ShowSource = (path: string) => void;
type Sourced = { readonly source?: string; readonly mark?: number; readonly notes?: readonly string[] };

export function AnswerView({ answer, onSource }: { readonly answer: Answer; readonly onSource: ShowSource }) {
  const marks = useMemo(() => ({ sources: sourcesOf(answer), show: onSource }), [answer, onSource]);
  return (
    <MarksContext value={marks}>
      <article className="answer">
        {answer.title !== '' && <h3 className="answer-title">{answer.title}</h3>}
        {answer.notices.length > 0 && (
          <div className="note warn">
            <ul>
              {answer.notices.map((notice) => (
                <li key={notice}>{notice}</li>
              ))}
            </ul>
          </div>
        )}
        {answer.sections.map(({ title, blocks }, index) => (
          <section key={`${title}-${index}`}>
            {title !== '' && <h4>{title}</h4>}
            {blocks.map((block, place) => (
              <Block key={place} block={block} onSource={onSource} />
            ))}
          </section>
        ))}
      </article>
    </MarksContext>
  );
}

function Block({ block, onSource }: { readonly block: AnswerBlock; readonly onSource: ShowSource }) {
  switch (block.kind) {
    case 'text':
      return <Markdown text={block.markdown} />;
    case 'figures':
      return (
        <dl className="figures">
          {block.figures.map((figure, index) => (
            <Figure key={`${figure.label}-${index}`} figure={figure} onSource={onSource} />
          ))}
        </dl>
      );
    case 'table':
      return (
        <figure>
          <Caption text={block.caption} of={block} onSource={onSource} />
          <Table caption={block.caption} columns={block.columns} rows={block.rows} />
          <Notes of={block} />
        </figure>
      );
    default:
      return (
        <figure>
          <Caption text={block.caption} of={block} onSource={onSource} />
          <AnswerChart chart={block} />
          <Notes of={block} />
        </figure>
      );
  }
}

function Figure({ figure, onSource }: { readonly figure: AnswerFigure; readonly onSource: ShowSource }) {
  return (
    <div className="figure">
      <dt>{figure.label}</dt>
      <dd>
        <span className={figure.value.length > longChars ? 'figure-value long' : 'figure-value'}>{figure.value}</span>
        <Source of={figure} what={figure.label} onSource={onSource} />
        <Notes of={figure} />
      </dd>
    </div>
  );
}

type CaptionProps = { readonly text: string; readonly of: Sourced; readonly onSource: ShowSource };

function Caption({ text, of, onSource }: CaptionProps) {
  return (
    <figcaption>
      <span>{text}</span>
      <Source of={of} what={text} onSource={onSource} />
    </figcaption>
  );
}

/** `data/data/cost_by_model:1-2` is told as `cost by model`. */
function toolOf(path: string): string {
  const segment = path.slice(path.lastIndexOf('/') + 1);
  return plainName(/^[^:@]*/.exec(segment)?.[0] ?? segment);
}

type SourceProps = { readonly of: Sourced; readonly what: string; readonly onSource: ShowSource };

function Source({ of: { source, mark }, what, onSource }: SourceProps) {
  if (source === undefined) return null;
  const tool = toolOf(source);
  return (
    <button
      type="button"
      className="source"
      title={`From ${tool}`}
      aria-label={`Source of ${what}: ${tool}`}
      onClick={() => onSource(source)}
    >
      {mark === undefined ? tool : mark}
    </button>
  );
}

function Notes({ of: { notes } }: { readonly of: Sourced }) {
  if (notes === undefined || notes.length === 0) return null;
  return <span className="fine notes">{notes.join(' · ')}</span>;
}

type TableProps = {
  readonly caption: string;
  readonly columns: readonly AnswerColumn[];
  readonly rows: readonly (readonly string[])[];
};

function Table({ caption, columns, rows }: TableProps) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <thead>
          <tr>
            {columns.map(({ label, align }, index) =>
              label === '' ? (
                <td key={index} />
              ) : (
                <th key={index} scope="col" className={align}>
                  {label}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} className={columns[column]?.align ?? 'start'}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
