/** What is shown where a part of the page broke, so that the rest of it stays. */
import { Component, type ReactNode } from 'react';

type Props = {
  /** What is shown: going elsewhere tries again. */
  readonly at: string;
  readonly children: ReactNode;
};
type State = { readonly brokenAt: string | undefined };

/**
 * Keeps a part that throws from taking the whole page away. Mostly it is one that could not be fetched: the server
 * has a newer page than the one that is open, or was away.
 */
export class Mishap extends Component<Props, State> {
  static getDerivedStateFromError(): State {
    return { brokenAt: '' };
  }

  static getDerivedStateFromProps({ at }: Props, { brokenAt }: State): State {
    if (brokenAt === '') return { brokenAt: at };
    return { brokenAt: brokenAt === at ? at : undefined };
  }

  override state: State = { brokenAt: undefined };

  override render(): ReactNode {
    if (this.state.brokenAt === undefined) return this.props.children;
    return (
      <div className="note warn mishap" role="alert">
        <p>
          <strong>This part of the page does not work just now.</strong> There may be a newer page. What you were
          writing is kept, and runs go on.
        </p>
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    );
  }
}
