import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NameRelation } from './concept.ts';
import type { UnitKind } from './facts.ts';
import { partsOf, relate } from './names.ts';
import { vocabularyOf, wordsOf } from './vocabulary.ts';

function relation(a: string, b: string, kind: UnitKind = 'class', own = {}): NameRelation {
  const vocabulary = vocabularyOf(own);
  return relate(partsOf(a, kind, vocabulary), partsOf(b, kind, vocabulary), kind === 'function', vocabulary);
}

describe('names', () => {
  it('are taken apart at capitals, underscores and digits', () => {
    assert.deepEqual(wordsOf('HTTPServerV2'), ['http', 'server', 'v2']);
    assert.deepEqual(wordsOf('get_db_session'), ['get', 'db', 'session']);
  });

  it('are related by what is left without words that say nothing', () => {
    assert.equal(relation('ToolDispatcher', 'EnhancedToolDispatcher'), 'modifier');
    assert.equal(relation('ToolDispatcher', 'ToolDispatcherV2'), 'modifier');
    assert.equal(relation('WebSocketManager', 'WebsocketManager'), 'same');
    assert.equal(relation('UserExecutionEngine', 'RequestScopedExecutionEngine'), 'scope');
    assert.equal(relation('QualityRouter', 'BillingRouter'), 'none');
    assert.equal(relation('ReportValidator', 'ReportChecker'), 'synonym');
    assert.equal(relation('JobScheduler', 'DurableJobScheduler'), 'role');
  });

  it('are never reduced to a bare role, unless the other is called just that (GN1)', () => {
    assert.equal(relation('BackupManager', 'SessionManager'), 'none');
    assert.equal(relation('NewManager', 'LegacyManager'), 'none');
    assert.equal(relation('Tracer', 'ModernTracer'), 'modifier');
    assert.equal(relation('UserSession', 'RequestSession'), 'none');
  });

  it('of functions that fetch and get one thing mean the same, and new makes one', () => {
    assert.equal(relation('fetchUser', 'getUser', 'function'), 'synonym');
    assert.equal(relation('newUser', 'user', 'function'), 'none');
  });

  it('follow the words of a configuration', () => {
    assert.equal(relation('OrgLedger', 'Ledger'), 'none');
    assert.equal(relation('ZippyLedgerBook', 'LedgerBook', 'class', { vacuous: ['Zippy'] }), 'modifier');
  });
});
