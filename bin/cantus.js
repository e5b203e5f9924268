#!/usr/bin/env node
/**
 * The way in for `cantus`. It must be readable by a Node far too old for the rest, so that whoever has one is told so
 * in a sentence and not by a syntax error: no top-level await, no optional chaining, no `node:` prefix.
 */
import { existsSync } from 'fs';

const needed = [22, 18];
const main = new URL('../dist/src/cli/main.js', import.meta.url);

function isOldNode() {
  const parts = process.versions.node.split('.').map(Number);
  return parts[0] < needed[0] || (parts[0] === needed[0] && parts[1] < needed[1]);
}

function refuse(message) {
  process.stderr.write(message + '\n');
  process.exitCode = 2;
}

async function start() {
  const cli = await import(main.href);
  if (typeof cli.main !== 'function') return;
  const code = await cli.main(process.argv.slice(2));
  if (typeof code === 'number') process.exitCode = code;
}

if (isOldNode()) {
  refuse(
    'Cantus needs Node ' +
      needed.join('.') +
      ' or newer, and this is Node ' +
      process.versions.node +
      ': install a newer one from https://nodejs.org (or run `npx -p node@24 cantus`).',
  );
} else if (!existsSync(main)) {
  refuse('Cantus is not built here: run `npm run build` first.');
} else {
  start().catch((error) => {
    process.stderr.write(String((error && error.stack) || error) + '\n');
    process.exitCode = 1;
  });
}
