import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { limits } from '../core/limits.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { engine, withTree } from './scan.fixture.ts';
import { openWatch, type Watch, type WatchAnswer } from './watch.ts';

type Watched = {
  readonly watch: Watch;
  readonly clock: SimClock;
  readonly answers: readonly WatchAnswer[];
  /** Writes these files, and lets the pause after it pass. */
  readonly write: (files: Readonly<Record<string, string | undefined>>) => Promise<WatchAnswer>;
};

const base = { 'package.json': '{ "name": "app" }', 'src/core/engine.ts': engine('ExecutionEngine') };

function watched(files: Readonly<Record<string, string>>, see: (tree: Watched) => Promise<void>): Promise<void> {
  return withTree(files, async (root) => {
    const clock = new SimClock({ passMs: 0 });
    const answers: WatchAnswer[] = [];
    const options = { root, clock, today: () => '2026-11-22', cache: false, workers: 0 } as const;
    const watch = await openWatch({ ...options, tell: (answer) => answers.push(answer) });
    const write = async (changed: Readonly<Record<string, string | undefined>>): Promise<WatchAnswer> => {
      for (const [path, text] of Object.entries(changed)) {
        mkdirSync(join(root, dirname(path)), { recursive: true });
        if (text === undefined) rmSync(join(root, path));
        else writeFileSync(join(root, path), text);
        watch.touched([path]);
      }
      await clock.advance(limits.guardWatchPauseMs);
      await watch.idle();
      const answer = answers.at(-1);
      assert.ok(answer, 'no answer came');
      return answer;
    };
    await see({ watch, clock, answers, write });
    watch.close();
  });
}

const namesOf = ({ added }: WatchAnswer): string[] => added.map(({ name, existing }) => `${name} of ${existing.name}`);

describe('a code base that is watched', () => {
  it('tells what a new file adds that exists already, and when it goes away (VI3)', async () => {
    await watched(base, async ({ write }) => {
      const came = await write({ 'src/turbo/engine.ts': engine('EnhancedExecutionEngine') });
      assert.deepEqual(namesOf(came), ['EnhancedExecutionEngine of ExecutionEngine']);
      assert.equal(came.added[0]?.path, 'src/turbo/engine.ts');
      assert.equal(came.added[0].blocks, true);
      const went = await write({ 'src/turbo/engine.ts': undefined });
      assert.equal(went.gone.length, 1);
      assert.deepEqual(went.added, []);
    });
  });

  it('says nothing of what was there when it began (VI4)', async () => {
    const files = { ...base, 'src/turbo/engine.ts': engine('EnhancedExecutionEngine') };
    await watched(files, async ({ watch, write }) => {
      assert.equal(watch.known, 1);
      assert.deepEqual(namesOf(await write({ 'src/text.ts': 'export const text = 1;\n' })), []);
    });
  });

  it('answers many files that come at once with one answer (VI1)', async () => {
    await watched(base, async ({ answers, write }) => {
      const branch = Object.fromEntries(
        Array.from({ length: 200 }, (_, index) => [`src/part${index}/a.ts`, `export const part = ${index};\n`]),
      );
      const answer = await write({ ...branch, 'src/turbo/engine.ts': engine('ExecutionEngineV2') });
      assert.equal(answers.length, 1);
      assert.equal(answer.files.length, 201);
      assert.deepEqual(namesOf(answer), ['ExecutionEngineV2 of ExecutionEngine']);
    });
  });

  it('waits until nothing more comes (VI1)', async () => {
    await watched(base, async ({ watch, answers, clock }) => {
      watch.touched(['src/core/engine.ts']);
      await clock.advance(limits.guardWatchPauseMs - 1);
      watch.touched(['package.json']);
      await clock.advance(limits.guardWatchPauseMs - 1);
      await watch.idle();
      assert.equal(answers.length, 0);
      await clock.advance(1);
      await watch.idle();
      assert.deepEqual(answers[0]?.files, ['package.json', 'src/core/engine.ts']);
    });
  });

  it('takes nothing away for a file that was saved half-way (VI2)', async () => {
    const files = { ...base, 'src/turbo/engine.ts': engine('EnhancedExecutionEngine') };
    await watched(files, async ({ write }) => {
      const half = await write({ 'src/turbo/engine.ts': 'export class EnhancedExecutionEngine { run(' });
      assert.deepEqual(half.gone, []);
      assert.deepEqual(half.halfRead, ['src/turbo/engine.ts']);
      const whole = await write({ 'src/turbo/engine.ts': engine('EnhancedExecutionEngine') });
      assert.deepEqual([whole.gone, namesOf(whole)], [[], []]);
      assert.equal((await write({ 'src/turbo/engine.ts': 'export const gone = 1;\n' })).gone.length, 1);
    });
  });

  it('goes by guard.json as it is, and by what it was while it can not be read', async () => {
    await watched(base, async ({ write }) => {
      const declared = await write({
        'guard.json':
          '{ "concepts": { "engine": { "canonical": "src/core/engine.ts#ExecutionEngine", "match": ["*Engine"] } } }',
      });
      assert.deepEqual(declared.broken, []);
      const broken = await write({ 'src/tiny.ts': 'export class TinyEngine {\n  go() {}\n}\n' });
      assert.deepEqual(
        broken.broken.map(({ concept, path }) => `${concept} ${path}`),
        ['engine src/tiny.ts'],
      );
      assert.equal(broken.added[0]?.concept, 'engine');
      const half = await write({ 'guard.json': '{ "concepts": ' });
      assert.match(half.trouble ?? '', /guard\.json/);
      assert.deepEqual(half.gone, []);
    });
  });
});
