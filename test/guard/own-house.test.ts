/** The guard holds this project to its own `guard.json`: each mistake is made in a copy of the sources, and is seen. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { checkAudit, openAudit } from '../../src/guard/audit.ts';
import type { CheckReport } from '../../src/guard/check.ts';

const project = new URL('../../', import.meta.url).pathname;

describe('this project under its own guard (P9)', () => {
  let root = '';

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'own-house-'));
    for (const name of ['src', 'guard.json', 'package.json', 'tsconfig.json']) {
      cpSync(join(project, name), join(root, name), { recursive: true });
    }
  });

  after(() => rmSync(root, { recursive: true }));

  async function checked(): Promise<CheckReport> {
    return checkAudit(await openAudit(root, { cache: join(root, '.facts'), workers: 1 }), '2026-11-22');
  }

  /** What the check says of one changed or added file. */
  async function keysWith(path: string, change: (text: string) => string): Promise<readonly string[]> {
    const file = join(root, path);
    let text: string | undefined;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      text = undefined;
    }
    try {
      writeFileSync(file, change(text ?? ''));
      return (await checked()).failures.map(({ key }) => key);
    } finally {
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
    }
  }

  it('is clean as it is', async () => {
    const { failures, stale, exitCode } = await checked();
    assert.deepEqual([failures.map(({ key, message }) => `${key}: ${message}`), stale], [[], []]);
    assert.equal(exitCode, 0);
  });

  it('fails on a second engine', async () => {
    const keys = await keysWith(
      'src/orchestrator/turbo.ts',
      () => 'export class TurboEngine {\n  start(): void {}\n}\n',
    );
    assert.deepEqual(keys, ['one-implementation src/orchestrator/turbo.ts#TurboEngine -> Engine']);
  });

  it('fails on a copy of the engine under another name', async () => {
    const keys = await keysWith('src/engine/conductor.ts', () =>
      readFileSync(join(project, 'src/engine/create-engine.ts'), 'utf8')
        .replaceAll(/\bEngine\b/g, 'UnifiedEngine')
        .replaceAll('createEngine', 'openConductor'),
    );
    assert.ok(keys.includes('one-implementation src/engine/conductor.ts#UnifiedEngine -> Engine'), keys.join('\n'));
    assert.ok(keys.includes('construct-only src/engine/conductor.ts#openConductor -> EngineNode'), keys.join('\n'));
  });

  it('fails on a door that is not opened by the engine', async () => {
    const keys = await keysWith(
      'src/server/back-door.ts',
      () =>
        "import { Door } from '../engine/user-door.ts';\nexport function backDoor(node: never): unknown {\n  return new Door(Symbol('made') as never, node, {} as never);\n}\n",
    );
    assert.deepEqual(keys, ['construct-only src/server/back-door.ts#backDoor -> Door']);
  });

  it('fails on a store that nobody gave a reason for', async () => {
    const keys = await keysWith(
      'src/stores/redis.ts',
      () => "import type { Store } from '../journal/store.ts';\nexport abstract class Redis implements Store {}\n",
    );
    assert.deepEqual(keys, ['one-implementation src/stores/redis.ts#Redis -> Store']);
  });

  it('fails on an import that goes up, and on Node below', async () => {
    const keys = await keysWith(
      'src/core/units.ts',
      (text) =>
        `import { readFileSync } from 'node:fs';\nimport { createEngine } from '../engine/create-engine.ts';\n${text}\nexport const up = [readFileSync, createEngine];\n`,
    );
    assert.deepEqual(keys.toSorted(), [
      'floors src/core/units.ts -> node:fs',
      'floors src/core/units.ts -> src/engine/create-engine.ts',
    ]);
  });

  it('fails on a cache that a function of a module keeps for everybody', async () => {
    const keys = await keysWith(
      'src/agents/answers.ts',
      () =>
        'const answers = new Map<string, string>();\nexport function remember(user: string, answer: string): void {\n  answers.set(user, answer);\n}\n',
    );
    assert.deepEqual(keys, ['module-state src/agents/answers.ts#answers']);
  });
});
