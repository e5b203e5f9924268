/** `cantus models`: which model would answer, and why. Nothing is asked of it. */
import type { FoundApp } from './app-file.ts';
import { exitCodes } from './exit-codes.ts';
import type { Cli } from './cli.ts';
import { chooseModel } from './open.ts';
import { jsonDocument } from './outcome.ts';
import { modelWords } from '../agents/model.ts';
import type { Model } from '../agents/model.ts';

export async function modelsVerb(cli: Cli, { app, file }: FoundApp): Promise<number> {
  const { model, why } = await chooseModel(cli.host, app);
  const models = [
    { name: 'default', model, why },
    ...Object.entries(app.models)
      .filter(([name]) => name !== 'default')
      .map(([name, other]) => ({ name, model: other, why: 'it is configured' })),
  ];
  const { screen, host, options } = cli;
  if (options.json === true) {
    screen.give(
      jsonDocument(
        models.map((one) => ({ name: one.name, ...factsOf(one.model), why: one.why })),
        host.out.tty,
      ),
    );
    return exitCodes.ok;
  }
  for (const one of models) screen.give(`${one.name}: ${modelWords(one.model.id)} (${one.why})`);
  screen.remark(`Configured in: ${file ?? `the app that comes with Cantus (${app.name})`}`);
  if (model.kind === 'rules')
    screen.remark(
      'For a language model set OPENAI_API_KEY or another key, start Ollama, or configure one in cantus.config.ts.',
    );
  return exitCodes.ok;
}

function factsOf({ id, provider, kind }: Model): Record<string, string> {
  return { id, provider, kind };
}
