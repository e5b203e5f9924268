/** The numbered examples do what they say, as their readers run them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';

function run(example: string, ...given: readonly string[]): string {
  const file = new URL(example, import.meta.url).pathname;
  return execFileSync(process.execPath, ['--conditions=source', file, ...given], { encoding: 'utf8', timeout: 30_000 });
}

it('01: an agent uses its tool and answers, and all it does is seen', () => {
  const said = run('01-hello-agent.ts');
  const order = [
    'run.queued',
    'agent.started',
    'agent.thinking',
    'tool.executing',
    'tool.completed',
    'agent.completed',
  ];
  const places = order.map((type) => said.indexOf(type));
  assert.ok(places.every((place) => place >= 0));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  assert.match(said, /By rule: that makes 5\./);
});

it('02: a workflow waits through the end of its process, and does nothing twice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cantus-example-'));
  try {
    assert.equal(
      run('02-durable-workflow.ts', folder),
      'Looking up the price of a lamp.\nWaiting for an approval. Run me again.\n',
    );
    const second = run('02-durable-workflow.ts', folder);
    assert.match(second, /a lamp for 42, approved by bob\./);
    assert.doesNotMatch(second, /Looking up/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
