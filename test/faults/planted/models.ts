/** Mistakes planted in `src/models/`. */
import type { Fault } from '../fault.ts';

export const modelsFaults: readonly Fault[] = [
  {
    name: 'a cut stream passes for a short answer',
    file: 'src/models/openai-compatible.ts',
    find: 'if (!fold.finished) throw cutOff(server, thrown);',
    replace: 'fold.done();',
    test: {
      file: 'src/models/openai-compatible.test.ts',
      name: 'a stream that ends without a finish or [DONE] has failed, and may be tried again',
    },
  },
  {
    name: 'an error of the server tells the key',
    promise: 'P2',
    file: 'src/models/openai-compatible.ts',
    find: 'said: strikeOut(said, server)',
    replace: 'said',
    test: { file: 'src/models/openai-compatible.test.ts', name: 'no error holds the key, whatever the server says' },
  },
  {
    name: 'a redirect takes the key elsewhere',
    file: 'src/models/openai-compatible.ts',
    find: "redirect: 'manual'",
    replace: "redirect: 'follow'",
    test: {
      file: 'src/models/openai-compatible.test.ts',
      name: 'a redirect is not followed, so the key goes nowhere else',
    },
  },
  {
    name: 'estimated usage passes for counted',
    file: 'src/models/chat-stream.ts',
    find: '...(inputTokens === undefined || outputTokens === undefined ? { estimated: true } : {}),',
    replace: '',
    test: {
      file: 'src/models/chat-stream.test.ts',
      name: 'usage that the server did not count is estimated and says so',
    },
  },
  {
    name: 'an unknown model has a price',
    file: 'src/models/prices.ts',
    find: 'return found?.id === name ? found : undefined;',
    replace: 'return found;',
    test: { file: 'src/models/prices.test.ts', name: 'what the list does not know has no price' },
  },
  {
    name: 'rules make structured output up',
    file: 'src/models/rules.ts',
    find: "throw new ModelError('model_failed', noModel, { details: { agent: request.agent } });",
    replace: 'return { output: {} };',
    test: {
      file: 'src/models/rules.test.ts',
      name: 'where no rule fits, structured output is refused for good, in the same words',
    },
  },
  {
    name: 'Retry-After is read as ms',
    file: 'src/models/http-failure.ts',
    find: 'Math.ceil(Number(text) * 1_000)',
    replace: 'Number(text)',
    test: {
      file: 'src/models/http-failure.test.ts',
      name: 'Retry-After is read as seconds and as a date, and as nothing else',
    },
  },
  {
    name: 'a body goes on after its reader left',
    file: 'src/models/sse.ts',
    find: 'await reader.cancel().catch(() => undefined);',
    replace: '',
    test: { file: 'src/models/sse.test.ts', name: 'whoever stops reading cancels the body' },
  },
  {
    name: 'looking for a model leaves the machine',
    file: 'src/models/detect.ts',
    find: "redirect: 'error'",
    replace: "redirect: 'follow'",
    test: {
      file: 'src/models/detect.test.ts',
      name: 'looking reaches only this machine, sends no key and follows no redirect',
    },
  },
];
