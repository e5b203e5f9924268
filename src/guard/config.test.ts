import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ValidationError } from '../core/errors.ts';
import { holds, parseConfig, printConfig, readConfig, type GuardConfig } from './config.ts';

function refused(config: unknown): ValidationError {
  try {
    parseConfig(typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  } catch (error) {
    assert.ok(error instanceof ValidationError);
    return error;
  }
  return assert.fail('it was taken');
}

const engine = { canonical: 'src/engine.ts#Engine' };

describe('guard.json', () => {
  it('is empty where there is no file (GJ1)', async () => {
    const root = await mkdtemp(join(tmpdir(), 'guard-config-'));
    assert.deepEqual(await readConfig(root), {});
    await writeFile(join(root, 'guard.json'), '{ "include": ["src"] }');
    assert.deepEqual(await readConfig(root), { include: ['src'] });
    await assert.rejects(readConfig(join(root, 'guard.json')), /guard\.json is no folder\./);
  });

  it('names the line of an unknown member and what was meant (GJ1)', () => {
    const error = refused({ include: ['src'], concepts: { engine: { ...engine, constructOnlyin: ['a'] } } });
    assert.match(error.message, /guard\.json, line 8: there is no member "constructOnlyin" of `concepts\.engine`/);
    assert.equal(error.hint, 'Did you mean "constructOnlyIn"?');
    assert.equal(refused({ concept: {} }).hint, 'Did you mean "concepts"?');
  });

  it('names the line of broken JSON (GJ1)', () => {
    assert.match(refused('{\n  "include": ["src"],\n}').message, /line 3: it is no JSON/);
  });

  it('takes no waiver and no dismissal without a reason (GJ2)', () => {
    const allow = [{ unit: 'src/a.ts#A' }];
    for (const config of [
      { concepts: { engine: { ...engine, allow } } },
      { dismissed: [{ concept: 'engine' }] },
      { moduleState: { in: ['src'], allow } },
      { files: { forbid: ['*.bak'], allow } },
    ]) {
      assert.match(refused(config).message, /`[\w.]+\.why` is missing/);
    }
    assert.match(refused({ dismissed: [{ concept: 'engine', why: '' }] }).message, /why/);
  });

  it('says what a value should be', () => {
    assert.match(refused({ concepts: { engine: { canonical: 'src/engine.ts' } } }).message, /PATH#NAME/);
    assert.match(refused({ concepts: { 'My Engine': engine } }).message, /line 3: "My Engine" can't be the name/);
    assert.match(refused({ concepts: { '../x': engine } }).message, /can't be the name/);
    assert.ok(parseConfig(JSON.stringify({ concepts: { 'größe-engine@auth_service': engine } })));
    assert.match(refused({ deprecated: [{ from: 'a', mode: 'explode' }] }).message, /must be one of fail, warn/);
    assert.match(refused({ include: 'src' }).message, /`include` must be of type array/);
    assert.match(refused({ concepts: { engine: {} } }).message, /line 3: `concepts\.engine\.canonical` is missing/);
    assert.match(refused({ concepts: { floors: engine } }).message, /name of a rule/);
  });

  it('is written as it is read', () => {
    const config: GuardConfig = {
      include: ['src/**'],
      concepts: { engine: { match: ['*Engine'], ...engine, allow: [{ unit: 'a.ts#B', as: 'adapter', why: 'MCP' }] } },
      dismissed: [{ concept: 'redis', units: ['auth/**'], why: 'separate deployables' }],
    };
    assert.deepEqual(parseConfig(printConfig(config)), config);
  });

  it('lets a waiver hold on its last day and not after it (GJ3)', () => {
    assert.ok(holds({}, '2030-01-01') && holds({ until: '2027-01-31' }, '2027-01-31'));
    assert.ok(!holds({ until: '2027-01-31' }, '2027-02-01'));
  });
});
