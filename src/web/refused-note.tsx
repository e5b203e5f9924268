import type { ErrorInfo } from '../core/errors.ts';

/** Why a question was not asked, beside what puts it right. */
export function RefusedNote({ error }: { readonly error: ErrorInfo | undefined }) {
  if (error === undefined) return null;
  return (
    <div className="note bad" role="alert">
      <p>
        <strong>It was not asked:</strong> {error.message}
      </p>
      {error.hint !== undefined && <p className="hint">{error.hint}</p>}
    </div>
  );
}
