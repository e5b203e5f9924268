import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readConfig } from './config.ts';
import { decide } from './decide.ts';
import { dismiss } from './dismiss.ts';
import { isDismissed } from './dismissed.ts';
import { init, saveConfig } from './init.ts';
import { testConcept, testScan } from './report.fixture.ts';

const [plain, user] = ['src/engine.ts#ExecutionEngine', 'src/user.ts#UserExecutionEngine'];
const scan = testScan({
  files: { 'src/engine.ts': { units: ['ExecutionEngine'] }, 'src/user.ts': { units: ['UserExecutionEngine'] } },
  concepts: [testConcept('execution-engine', [plain, user])],
});

describe('a decision', () => {
  it('declares the unit that was named, by a pattern that means the concept alone (VP2)', () => {
    const { config, others } = decide(scan, {}, 'execution-engine', 'UserExecutionEngine');
    assert.deepEqual(config.concepts, { 'execution-engine': { match: ['*ExecutionEngine'], canonical: user } });
    assert.deepEqual(others, [plain]);
  });

  it('names the units where the pattern would mean others too (VP2)', () => {
    const more = testScan({
      files: {
        'src/mcp.ts': { units: ['McpExecutionEngine'] },
        'src/engine.ts': { units: ['ExecutionEngine'] },
        'src/user.ts': { units: ['UserExecutionEngine'] },
      },
      concepts: scan.concepts,
    });
    const { config } = decide(more, {}, 'execution-engine', user);
    assert.deepEqual(config.concepts?.['execution-engine']?.match, ['ExecutionEngine', 'UserExecutionEngine']);
  });

  it('picks nothing by itself: an unclear unit is refused with what there is (VP1)', () => {
    assert.throws(() => decide(scan, {}, 'execution-engine', 'UserExecutionEngin'), {
      hint: /Did you mean "UserExecutionEngine"/,
    });
    const twice = testScan({
      files: { 'a.ts': { units: ['Engine'] }, 'b.ts': { units: ['Engine'] } },
      concepts: [testConcept('engine', ['a.ts#Engine', 'b.ts#Engine'])],
    });
    assert.throws(() => decide(twice, {}, 'engine', 'Engine'), { message: /could be 2 units/ });
  });

  it('says what was meant by a concept that there is not, and declares a new one by a full id', () => {
    assert.throws(() => decide(scan, {}, 'execution-engin', 'ExecutionEngine'), {
      hint: /^Did you mean execution-engine\? .*cantus guard decide execution-engin PATH#NAME\.$/,
    });
    const { config } = decide(scan, {}, 'runner', plain);
    assert.equal(config.concepts?.['runner']?.canonical, plain);
  });

  it('keeps what was said of the concept before, and takes a dismissal back', () => {
    const allow = [{ unit: 'x.ts#X', why: 'MCP' }];
    const before = {
      concepts: { 'execution-engine': { match: ['*Engine'], canonical: plain, allow } },
      dismissed: [{ concept: 'execution-engine', why: 'no' }],
    };
    const { config } = decide(scan, before, 'execution-engine', user);
    assert.deepEqual(config, {
      concepts: { 'execution-engine': { match: ['*Engine'], canonical: user, allow } },
      dismissed: [],
    });
  });
});

describe('a dismissal', () => {
  it('needs a reason, and a concept that was found and is not declared (GJ2)', () => {
    assert.throws(() => dismiss(scan, {}, 'execution-engine', ' '), { message: /needs a reason/ });
    assert.throws(() => dismiss(scan, {}, 'engin', 'x'), { message: /no concept "engin"/ });
    const { config } = decide(scan, {}, 'execution-engine', user);
    assert.throws(() => dismiss(scan, config, 'execution-engine', 'x'), { message: /is declared/ });
  });

  it('holds for the units that were looked at, and not for one that joins them', () => {
    const config = dismiss(scan, {}, 'execution-engine', 'two deployables');
    assert.deepEqual(config.dismissed, [{ concept: 'execution-engine', units: [plain, user], why: 'two deployables' }]);
    assert.ok(isDismissed(config, { id: 'execution-engine', units: [user, plain] }));
    assert.ok(!isDismissed(config, { id: 'execution-engine', units: [plain, user, 'src/v2.ts#ExecutionEngine'] }));
    assert.ok(!isDismissed(config, { id: 'other', units: [user] }));
  });
});

describe('guard init', () => {
  it('writes a small file that fails nothing, and never over one that is there', async () => {
    const root = await mkdtemp(join(tmpdir(), 'guard-init-'));
    const config = await init(root);
    assert.deepEqual(await readConfig(root), config);
    assert.equal(config.files?.mode, 'warn');
    await writeFile(join(root, 'guard.json'), '{}');
    await assert.rejects(init(root), { code: 'conflict' });
    assert.equal(await readFile(join(root, 'guard.json'), 'utf8'), '{}');
  });

  it('writes no configuration that it could not read', async () => {
    const root = await mkdtemp(join(tmpdir(), 'guard-init-'));
    await assert.rejects(saveConfig(root, { dismissed: [{ concept: 'x', why: '' }] }));
    assert.deepEqual(await readConfig(root), {});
  });
});
