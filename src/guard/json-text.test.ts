import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lineOf, lineOfName, printJson } from './json-text.ts';

const text = `{
  "concepts": {
    "engine": {
      "allow": [
        { "unit": "a: [b", "why": "x" },
        { "unit": "c" }
      ]
    }
  },
  "include": ["src"]
}
`;

describe('JSON as people read it', () => {
  it('finds the line of a member behind texts that look like JSON', () => {
    assert.equal(lineOf(text, ['concepts', 'engine', 'allow', 1, 'unit']), 6);
    assert.equal(lineOf(text, ['include', 0]), 10);
    assert.equal(lineOf(text, []), 1);
  });

  it('finds the nearest ancestor of what is missing, and the name of what should not be there', () => {
    assert.equal(lineOf(text, ['concepts', 'engine', 'allow', 1, 'why']), 6);
    assert.equal(lineOfName(text, [], 'include'), 10);
  });

  it('prints what fits on a line on one, and breaks lists of objects', () => {
    const value = {
      floors: [
        { name: 'core', may: [] },
        { name: 'agents', may: ['core'] },
      ],
      one: { a: 1 },
      none: {},
    };
    const printed = printJson(value);
    assert.equal(
      printed,
      '{\n  "floors": [\n    { "name": "core", "may": [] },\n    { "name": "agents", "may": ["core"] }\n  ],\n  "one": { "a": 1 },\n  "none": {}\n}\n',
    );
    assert.deepEqual(JSON.parse(printed), value);
  });

  it('breaks what does not fit within the width', () => {
    const printed = printJson({ list: Array.from({ length: 30 }, (_, index) => `name-${index}`) });
    assert.ok(printed.split('\n').every((line) => line.length <= 120));
    assert.ok(printed.split('\n').length > 30);
  });
});
