/** Mistakes planted in `src/agents/`. */
import type { Fault } from '../fault.ts';

export const agentsFaults: readonly Fault[] = [
  {
    name: 'a tool with an empty list of roles is open to all',
    file: 'src/agents/tool.ts',
    find: 'tool.roles === undefined ||',
    replace: 'tool.roles === undefined || tool.roles.length === 0 ||',
    test: { file: 'src/agents/tool.test.ts', name: 'lets nobody use a tool with an empty list of roles' },
  },
  {
    name: 'the first try is not counted among the attempts',
    file: 'src/agents/retry.ts',
    find: '!(attempt < policy.attempts)',
    replace: '!(attempt <= policy.attempts)',
    test: { file: 'src/agents/retry.test.ts', name: 'counts the first try among the attempts' },
  },
  {
    name: 'an app serves what it does not say',
    file: 'src/agents/app.ts',
    find: 'if (found !== kind)',
    replace: 'if (found === undefined)',
    test: { file: 'src/agents/app.test.ts', name: 'serves what is made for a place, and checks that too' },
  },
  {
    name: 'text of an answer moves the cursor',
    file: 'src/agents/answer-text.ts',
    find: "return text.replaceAll(/[\\p{Cc}\\p{Cf}\\u{2028}\\u{2029}]+/gu, ' ');",
    replace: 'return text;',
    test: {
      file: 'src/agents/answer-text.test.ts',
      name: 'lets no text begin a line, end a fence or move the cursor (AT2)',
    },
  },
];
