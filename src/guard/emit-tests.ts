/** Tests that hold a code base to its declared concepts, in the words of its own test runner. */

import { limits } from '../core/limits.ts';

export const testStyles = ['node:test', 'vitest', 'pytest'] as const;

export type TestStyle = (typeof testStyles)[number];

/** The text of a test file: one test for each concept, which fails while there is another implementation. */
export function emitTests(concepts: readonly string[], style: TestStyle): string {
  return style === 'pytest' ? pytestText(concepts) : scriptText(concepts, style);
}

function scriptText(concepts: readonly string[], style: TestStyle): string {
  // vitest gives a test 5 s, and a large code base is not read in that; node:test gives it all the time it takes.
  const limit = style === 'vitest' ? `, ${limits.guardEmittedTestMs}` : '';
  const tests = concepts.map(
    (concept) => `it('has one implementation of ${concept}', () => assertOneImplementation('${concept}')${limit});\n`,
  );
  return `import { it } from '${style}';\nimport { assertOneImplementation } from 'cantus/guard';\n\n${tests.join('')}`;
}

function pytestText(concepts: readonly string[]): string {
  return `import json
import subprocess

import pytest


@pytest.mark.parametrize("concept", [${concepts.map((concept) => `"${concept}"`).join(', ')}])
def test_has_one_implementation(concept):
    command = ["npx", "--no", "cantus", "guard", "todo", concept, "--json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [rival["unit"] for rival in json.loads(told)["rivals"]] == []
`;
}
