import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { otherRoutes, routes } from '../protocol/operations.ts';
import { createTestEngine } from '../testing/test-engine.ts';
import { loginState } from './login-state.ts';
import { openServer, served, testLogin, type TestServer } from './server.fixture.ts';

type Operation = {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly required: unknown } }> };
};
type Document = { readonly paths: Record<string, Record<string, Operation>> };

let desk: TestServer;
let document: Document;
before(async () => {
  const { engine } = await createTestEngine(served);
  const source = testLogin();
  // A source with one more route than all have.
  const login = {
    ...source,
    routes: (parts: Parameters<typeof loginState>[1]) =>
      loginState(source, parts).delete('/v1/logins/:login', (context) => context.json({})),
  };
  desk = await openServer(engine, { login });
  document = (await (await desk.ask(null, 'GET', '/v1/openapi.json')).json()) as Document;
});
after(() => desk.close());

describe('the OpenAPI document', () => {
  it('is one of version 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    assert.deepEqual(result.valid, true, JSON.stringify(result.errors));
    assert.equal(validator.version, '3.1');
  });

  it('has each route of the tables and of the login source, and no other', () => {
    const wanted = [...Object.values(routes), ...Object.values(otherRoutes)].map(
      ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    );
    const others = ['/healthz', '/readyz', '/v1/openapi.json', '/v1/login'].map((path) => `GET ${path}`);
    const told = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(told.toSorted(), [...wanted, ...others, 'DELETE /v1/logins/{login}'].toSorted());
  });

  it('tells what an operation takes, where it takes it', () => {
    const start = document.paths['/v1/runs']?.['post'];
    assert.deepEqual(start?.requestBody?.content['application/json']?.schema.required, ['key']);
    const events = document.paths['/v1/runs/{run}/events']?.['get'];
    assert.deepEqual(
      events?.parameters?.map(({ name, in: place, required }) => [name, place, required]),
      [
        ['run', 'path', true],
        ['after', 'query', false],
        ['limit', 'query', false],
      ],
    );
  });
});
