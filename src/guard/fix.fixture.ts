/** Small code bases that are moved, for tests. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { scanOptions } from './audit.ts';
import type { DeclaredConcept, GuardConfig } from './config.ts';
import { type FixPlan, type OldFilesWish, planFix, writePlan } from './fix.ts';
import { scan } from './scan.ts';

export type MoveCase = {
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly concept: DeclaredConcept;
  readonly config?: GuardConfig;
  readonly wish?: OldFilesWish;
};

export type MoveEnd = {
  readonly plan: FixPlan;
  /** What is no text is left out. */
  readonly after: Readonly<Record<string, string>>;
  readonly again: FixPlan;
};

/** Plans for the concept `engine`, writes it, and plans once more. */
export async function moveTree({ files, concept, config = {}, wish }: MoveCase): Promise<MoveEnd> {
  const root = mkdtempSync(join(tmpdir(), 'guard-move-'));
  const write = (all: MoveCase['files']): void => {
    for (const [path, text] of Object.entries(all)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  const plan = async (): Promise<FixPlan> => {
    const whole = { ...config, concepts: { engine: concept } };
    const { tree, edges } = await scan({ ...scanOptions(root, whole), cache: false, workers: 0, git: false });
    const planned = planFix({ config: whole, tree, edges, paths: [], today: '2026-11-22' }, 'engine', wish);
    if (planned === undefined) throw new Error('the concept is declared');
    return planned;
  };
  try {
    write(files);
    const first = await plan();
    const after: Record<string, string> = {};
    for (const [path, text] of Object.entries(files)) if (typeof text === 'string') after[path] = text;
    for (const { path, text } of first.files) {
      if (text === undefined) delete after[path];
      else after[path] = text;
    }
    writePlan(root, first);
    for (const [path, text] of Object.entries(after)) assert.equal(readFileSync(join(root, path), 'utf8'), text);
    return { plan: first, after, again: await plan() };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
