/** The OpenAPI document, made of the same tables as the routes: what is not in it does not exist. */
import type { Hono } from 'hono';
import { z } from 'zod';
import { loginRoutes } from '../protocol/login.ts';
import { otherRoutes, routes, type OperationName } from '../protocol/operations.ts';
import { problemType, statusOf } from '../protocol/problem.ts';
import { operationInputs } from './operation-inputs.ts';
import type { Served } from './parts.ts';

type Schema = Readonly<Record<string, unknown>>;
type Route = { readonly method: string; readonly path: string };

/** OpenAPI 3.1. `login` has the routes of the login source, which differ from place to place. */
export function openApi({ app, version }: Pick<Served, 'app' | 'version'>, login: Pick<Hono, 'routes'>): Schema {
  const paths: Record<string, Record<string, unknown>> = {};
  const add = ({ method, path }: Route, described: Schema): void => {
    const address = path.replaceAll(/:(\w+)/g, '{$1}');
    paths[address] = { ...paths[address], [method.toLowerCase()]: described };
  };
  for (const name of Object.keys(routes) as OperationName[]) add(routes[name], operation(name));
  for (const [name, route] of Object.entries(otherRoutes)) add(route, otherOperation(name, route));
  for (const route of login.routes.filter(({ method }) => method !== 'ALL')) add(route, loginOperation(route));
  for (const [path, told] of Object.entries(probes)) add({ method: 'GET', path }, { ...told, security: [] });
  return {
    openapi: '3.1.0',
    info: { title: app.name, version, ...(app.description === '' ? {} : { description: app.description }) },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'cantus', description: 'Set by the login routes.' },
      },
      schemas: { Problem: problemSchema },
    },
  };
}

const problemSchema: Schema = {
  type: 'object',
  description: 'RFC 9457 problem details. `code` is what programs switch on; `requestId` is in the log of the server.',
  required: ['type', 'status', 'title', 'detail', 'code', 'retryable', 'requestId'],
  properties: {
    type: { const: 'about:blank' },
    status: { type: 'integer' },
    title: { type: 'string' },
    detail: { type: 'string' },
    code: { enum: Object.keys(statusOf) },
    retryable: { type: 'boolean' },
    hint: { type: 'string' },
    details: {},
    requestId: { type: 'string' },
  },
};

const failure = {
  description: 'Any error, with the status of its code.',
  content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } },
};

const answered = (type: string, description = 'Done.'): Schema => ({
  200: { description, content: { [type]: {} } },
  default: failure,
});

const probe: Schema = { responses: answered('application/json') };
const probes: Readonly<Record<string, Schema>> = {
  '/healthz': { operationId: 'healthz', summary: 'The process is up.', ...probe },
  '/readyz': { operationId: 'readyz', summary: 'The journal answers, and the server is not stopping.', ...probe },
  '/v1/openapi.json': { operationId: 'openapi', summary: 'This document.', ...probe },
};

function operation(name: OperationName): Schema {
  const { method, path } = routes[name];
  const schema = z.toJSONSchema(operationInputs[name], { io: 'input', unrepresentable: 'any' });
  const { properties = {}, required = [] } = schema;
  const inPath = pathMembers(path);
  const others = Object.entries(properties).filter(([member]) => !inPath.includes(member));
  const inBody = method === 'POST' || method === 'PATCH';
  const queries = inBody ? [] : others.map(([member, its]) => parameter('query', member, its, required));
  const body = {
    type: 'object',
    properties: Object.fromEntries(others),
    required: required.filter((member) => !inPath.includes(member)),
    additionalProperties: false,
  };
  return {
    operationId: name,
    tags: [name.split('.')[0]],
    parameters: [...inPath.map((member) => parameter('path', member, properties[member], [member])), ...queries],
    ...(inBody
      ? { requestBody: { required: body.required.length > 0, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: answered('application/json'),
  };
}

function pathMembers(path: string): readonly string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, member = '']) => member);
}

function parameter(place: 'path' | 'query', name: string, schema: unknown, required: readonly string[]): Schema {
  const isList = (schema as { readonly type?: unknown } | undefined)?.type === 'array';
  return {
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema,
    ...(isList ? { style: 'form', explode: false } : {}),
  };
}

function otherOperation(name: string, { method, path }: Route): Schema {
  const isStream = name.endsWith('.stream') || name === 'agui.run';
  const parameters = pathMembers(path).map((member) => parameter('path', member, { type: 'string' }, [member]));
  const text = { type: 'string' };
  const queries: Readonly<Record<string, readonly Schema[]>> = {
    'files.put': [parameter('query', 'name', text, [])],
    'events.stream': [parameter('query', 'after', text, [])],
  };
  const media = name === 'files.put' ? 'text/plain' : 'application/json';
  return {
    operationId: name,
    tags: [name.split('.')[0]],
    parameters: [...parameters, ...(queries[name] ?? [])],
    ...(method === 'POST' && name !== 'ticket.create' ? { requestBody: { content: { [media]: {} } } } : {}),
    responses: answered(isStream ? 'text/event-stream' : 'application/json'),
  };
}

function loginOperation({ method, path }: Route): Schema {
  const known = Object.entries(loginRoutes).find(([, route]) => route.method === method && route.path === path);
  const name = known?.[0] ?? `login ${method} ${path}`;
  return {
    operationId: name,
    tags: ['login'],
    parameters: pathMembers(path).map((member) => parameter('path', member, { type: 'string' }, [member])),
    ...(method === 'GET' || method === 'DELETE'
      ? {}
      : { requestBody: { content: { 'application/json': { schema: { type: 'object' } } } } }),
    responses: answered('application/json'),
    // Strangers use some of them; those for users alone say so themselves.
    security: [{}, { bearer: [] }, { cookie: [] }],
  };
}
