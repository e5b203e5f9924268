/**
 * The app that is served while its server is killed again and again: workflows by chance, which write to a ledger.
 * A built server gets it without types (compiled-app.ts), so it takes nothing from `src/` but by the package's names.
 */
import { join } from 'node:path';
import { defineApp } from 'cantus';
import { scripted, type Script } from 'cantus/testing';
import { script, workflowsOf } from '../simulation/program.ts';
import type { Hand } from '../simulation/world.ts';
import { Ledger } from './ledger.ts';

export const ledgerFile = 'ledger.jsonl';

/** The longest of the two times that reaching takes, before what it does and behind it. */
const reachMsMax = 60;

/** A text comes in so many pieces, so many ms apart: several events of it, and still less than a server lives for. */
const pieces = 8;
const pieceMs = 18;

/** A hand of the machine's own time, with a ledger in a folder. */
export function handIn(folder: string): Hand {
  const ledger = new Ledger(join(folder, ledgerFile));
  const passing = (): Promise<void> =>
    new Promise((resolve) => void setTimeout(resolve, Math.random() ** 3 * reachMsMax));
  return {
    async reach(how, { run, id }) {
      await passing();
      const tries = ledger.write([Date.now(), how, run, id]);
      // Between what happened and its being known there is always time to be killed in.
      await passing();
      return tries;
    },
  };
}

/** The usual script; what it says in words, it says at length and with the words of who asked. */
export const wordyScript: Script = (request) => {
  const turn = script(request);
  if (!('text' in turn)) return turn;
  const asked = request.messages.findLast(({ role }) => role === 'user');
  const [, , ...words] = (asked?.role === 'user' ? asked.text : '').split(' ');
  const said = Array.from({ length: pieces }, (_, piece) => ` (${piece}) ${words.join(' ')}`);
  return { text: [...turn.text, ...said], delayMs: pieceMs };
};

export const app = defineApp({
  name: 'chaos',
  models: { default: scripted(wordyScript) },
  serve: ({ folder }) => ({ workflows: workflowsOf(handIn(folder), [1]) }),
});
