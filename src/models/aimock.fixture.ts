/** A server on loopback that speaks OpenAI's protocol and can fail in each way a provider does; for tests only. */
import { LLMock, type MockServerOptions } from '@copilotkit/aimock';

export type Aimock = { readonly mock: LLMock; readonly baseUrl: string; readonly close: () => Promise<void> };

/**
 * Starts one on a free port. Close it at the end of the test.
 *
 * @example
 * const { mock, baseUrl, close } = await startAimock();
 * t.after(close);
 * mock.onMessage('hello', { content: 'Hi!' });
 */
export async function startAimock(options: MockServerOptions = {}): Promise<Aimock> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', ...options });
  await mock.start();
  return { mock, baseUrl: `http://127.0.0.1:${mock.port}/v1`, close: () => mock.stop() };
}
