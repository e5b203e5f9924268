import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatCell, formatNumber, formatUsd } from './report-format.ts';

describe('formatting figures', () => {
  it('keeps whole numbers whole and others to four significant digits', () => {
    const told = [0, 8819, 1234567, 2047.848, 0.123456, 12345.6, -3.23456, 0.00001234].map(formatNumber);
    assert.deepEqual(told, ['0', '8,819', '1,234,567', '2,048', '0.1235', '12,346', '-3.235', '0.00001234']);
  });

  it('writes dollars with two decimals, less than one with four, and never as zero what is not', () => {
    const told = [0, 1234.5, 1, 0.0123, 0.000021, -2.5].map(formatUsd);
    assert.deepEqual(told, ['$0.00', '$1,234.50', '$1.00', '$0.0123', '$0.000021', '-$2.50']);
  });

  it('puts units behind, and a dash for what is missing', () => {
    assert.deepEqual(
      [formatCell(0.12345, 'share'), formatCell(840.25, 'ms'), formatCell(null, 'usd'), formatCell('rising', 'text')],
      ['12.35 %', '840.3 ms', '–', 'rising'],
    );
  });
});
