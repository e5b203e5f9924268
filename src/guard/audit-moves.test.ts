import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fixOfAudit, fixTree, progressOfAudit, todoOfAudit, verifyFix } from './audit-moves.ts';
import { openAudit, type Audit } from './audit.ts';
import { writePlan } from './fix.ts';
import { requiredChecks } from './project-checks.ts';
import { withTree } from './scan.fixture.ts';

const today = '2026-11-22';
const engine = (name: string): string => `class ${name}:\n    def run(self, job):\n        return job\n`;
const files = {
  'guard.json':
    '{ "concepts": { "engine": { "canonical": "engine.py#Engine", "match": ["*Engine"] }, "gone": { "canonical": "gone.py#Gone" } } }',
  'engine.py': engine('Engine'),
  'old.py': engine('OldEngine'),
  'app.py': 'from old import OldEngine\n\nprint(OldEngine().run(1))\n',
};

function open(root: string): Promise<Audit> {
  return openAudit(root, { cache: false, workers: 0, git: false });
}

function commitAll(root: string): void {
  for (const words of [
    ['init', '-q'],
    ['add', '.'],
    ['commit', '-q', '-m', 'first'],
  ]) {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], { cwd: root });
  }
}

describe('a move, asked of an audit', () => {
  it('is listed, planned, and written only by who is asked to', async () => {
    await withTree(files, async (root) => {
      const audit = await open(root);
      assert.deepEqual(
        todoOfAudit(audit, 'engine', today).items.map(({ path, rival }) => [path, rival]),
        [['app.py', 'old.py#OldEngine']],
      );
      const plan = fixOfAudit(audit, 'engine', { today, oldFiles: 'remove' });
      assert.deepEqual(
        plan.files.map(({ path, text }) => [path, text === undefined]),
        [
          ['app.py', false],
          ['old.py', true],
        ],
      );
      assert.equal(readFileSync(join(root, 'app.py'), 'utf8'), files['app.py']);
      writePlan(root, plan);
      assert.match(readFileSync(join(root, 'app.py'), 'utf8'), /^from engine import Engine as OldEngine/);
      assert.ok(!existsSync(join(root, 'old.py')));
      assert.deepEqual(todoOfAudit(await open(root), 'engine', today).rivals, []);
    });
  });

  it('says what was meant by a concept that is not declared, or whose canonical unit is gone', async () => {
    await withTree(files, async (root) => {
      const audit = await open(root);
      const unknown = { code: 'invalid_input', hint: 'Did you mean "engine"?' };
      assert.throws(() => todoOfAudit(audit, 'engin', today), unknown);
      assert.throws(() => fixOfAudit(audit, 'engin', { today }), unknown);
      await assert.rejects(fixTree(root, 'engin', { today }), unknown);
      await assert.rejects(verifyFix(root, 'engin', { today, timeoutMs: 1_000 }), unknown);
      assert.throws(() => todoOfAudit(audit, 'gone', today), /gone\.py#Gone|"gone"/);
    });
  });

  it("is tried by the project's checks in a tree of its own", async () => {
    await withTree(files, async (root) => {
      commitAll(root);
      const commands = ['grep -q "^from old" app.py', 'grep -q "^class Engine" engine.py'];
      const options = { today, timeoutMs: 20_000, commands, oldFiles: 'remove' } as const;
      const { plan, checks } = await verifyFix(root, 'engine', options);
      assert.deepEqual(
        checks.map(({ verdict }) => verdict),
        ['broken', 'holds'],
      );
      assert.equal(plan.files.length, 2);
      assert.equal(readFileSync(join(root, 'app.py'), 'utf8'), files['app.py']);
    });
    await withTree({ 'a.ts': '' }, (root) => {
      assert.throws(() => requiredChecks(root, {}), /no check that could be found/);
      return Promise.resolve();
    });
  });

  it('is counted over the history, the tree as it is last', async () => {
    await withTree(files, async (root) => {
      commitAll(root);
      await fixTree(root, 'engine', { today, oldFiles: 'remove' });
      const audit = await openAudit(root, { cache: false, workers: 0 });
      const { points, declared } = await progressOfAudit(audit, { points: 2, today, now: Date.UTC(2100, 0) });
      assert.deepEqual(
        points.map(({ concepts }) => concepts['engine']?.rivals),
        [['old.py#OldEngine'], []],
      );
      assert.equal(points.at(-1)?.at, Date.UTC(2100, 0));
      assert.deepEqual(declared.find(({ concept }) => concept === 'engine')?.gone, ['old.py#OldEngine']);
    });
  });
});
