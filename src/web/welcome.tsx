import { useUser } from './user.tsx';
import { plainName } from './work.ts';

/** What this is, and questions to begin with. */
export function Welcome({ onAsk }: { readonly onAsk: (text: string) => void }) {
  const { app } = useUser();
  return (
    <div className="welcome">
      <h2>{plainName(app.name)}</h2>
      {app.description !== '' && <p>{app.description}</p>}
      {app.samples.length > 0 && (
        <ul className="samples" aria-label="Questions to begin with">
          {app.samples.map((sample) => (
            <li key={sample}>
              <button type="button" onClick={() => onAsk(sample)}>
                {sample}
              </button>
            </li>
          ))}
        </ul>
      )}
      {app.model.kind === 'rules' && (
        <p className="fine">Questions are answered by rules, without a language model: {app.model.why}.</p>
      )}
    </div>
  );
}
