/**
 * Text of agents as Markdown. It is not trusted: HTML is shown as the text it is, links lead only to the web and to
 * mail, and nothing is fetched from elsewhere, so an image is a link to it.
 */
import { createContext, memo, useContext, type ReactNode } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { CopyButton } from './copy-button.tsx';
import { safeAddress } from './safe-address.ts';
import { linkMarks, markScheme } from './source-marks.ts';

type LinkProps = { readonly href?: string | undefined; readonly children?: ReactNode };

/** Where the marks of the text around lead, and what shows it. */
export type MarkedSources = { readonly sources: ReadonlyMap<number, string>; readonly show: (path: string) => void };

export const MarksContext = createContext<MarkedSources | undefined>(undefined);

function Link({ href, children }: LinkProps) {
  const marks = useContext(MarksContext);
  if (href?.startsWith(markScheme) === true) {
    const source = marks?.sources.get(Number(href.slice(markScheme.length)));
    if (marks === undefined || source === undefined) return <span>[{children}]</span>;
    return (
      <button
        type="button"
        className="source"
        title={source}
        aria-label={`Source: ${source}`}
        onClick={() => marks.show(source)}
      >
        {children}
      </button>
    );
  }
  const address = safeAddress(href);
  if (address === undefined) return <span>{children}</span>;
  return (
    <a href={address} rel="noopener noreferrer nofollow" target="_blank">
      {children}
    </a>
  );
}

function textOf(node: ReactNode): string {
  if (typeof node === 'string') return node;
  if (Array.isArray(node)) return node.map(textOf).join('');
  if (typeof node !== 'object' || node === null || !('props' in node)) return '';
  return textOf((node.props as { readonly children?: ReactNode }).children);
}

const components: Components = {
  a: ({ href, children }) => <Link href={href}>{children}</Link>,
  img: ({ src, alt }) => (
    <Link
      href={typeof src === 'string' ? src : undefined}
    >{`image: ${alt === undefined || alt === '' ? 'without a description' : alt}`}</Link>
  ),
  pre: ({ children }) => (
    <div className="code">
      <pre tabIndex={0}>{children}</pre>
      <CopyButton text={() => textOf(children)} what="the code" />
    </div>
  ),
  table: ({ children }) => (
    <div className="scroll" tabIndex={0} role="region" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
};

const plugins = [remarkGfm];

export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  const marks = useContext(MarksContext);
  return (
    <div className="prose">
      <ReactMarkdown
        remarkPlugins={plugins}
        components={components}
        urlTransform={(url) => (url.startsWith(markScheme) ? url : (safeAddress(url) ?? ''))}
      >
        {marks === undefined ? text : linkMarks(text, marks.sources)}
      </ReactMarkdown>
    </div>
  );
});
