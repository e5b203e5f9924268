import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { ValidationError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { parsePrincipal } from '../core/principal.ts';
import { defineTool, mayUse } from './tool.ts';

const call = { user: parsePrincipal({ user: 'ada' }), run: 'r', signal: AbortSignal.abort(), key: 'k' };

describe('defineTool', () => {
  const add = defineTool({
    name: 'add',
    description: 'Adds.',
    effect: 'read',
    input: z.object({ a: z.number(), b: z.number() }),
    run: ({ input }) => input.a + input.b,
  });

  it('gives frozen data with defaults, and a JSON Schema for models', async () => {
    assert.ok(Object.isFrozen(add));
    assert.equal(add.kind, 'tool');
    assert.equal(add.timeoutMs, limits.toolTimeoutMs);
    assert.deepEqual([add.output, add.retry, add.roles], [undefined, undefined, undefined]);
    assert.deepEqual(Object.keys(add.inputJsonSchema['properties'] as object), ['a', 'b']);
    assert.equal(await add.run({ ...call, input: { a: 1, b: 2 } }), 3);
  });

  it('keeps `this` of a definition that uses it', async () => {
    const counter = {
      name: 'count',
      description: 'Counts.',
      effect: 'read' as const,
      input: z.object({}),
      count: 41,
      run(): number {
        return (this.count += 1);
      },
    };
    assert.equal(await defineTool(counter).run({ ...call, input: {} }), 42);
  });

  it('refuses a name that can not stand in a path', () => {
    const named = (name: string): unknown =>
      defineTool({ name, description: '', effect: 'read', input: z.object({}), run: () => 1 });
    assert.throws(() => named('a/b'), ValidationError);
    assert.throws(() => named(''), /can't be the name of a tool/);
  });

  it('does not let a `once` tool ask for a retry', () => {
    // @ts-expect-error -- what must happen at most once is never repeated unasked
    defineTool({
      name: 'pay',
      description: '',
      effect: 'once',
      input: z.object({}),
      retry: { attempts: 2 },
      run: () => 1,
    });
  });

  it('keeps the retry of an idempotent tool', () => {
    const retry = { attempts: 3 };
    const put = defineTool({
      name: 'put',
      description: '',
      effect: 'idempotent',
      retry,
      input: z.object({}),
      run: () => 1,
    });
    assert.equal(put.retry, retry);
  });
});

describe('mayUse', () => {
  const withRoles = (roles?: readonly string[]): ReturnType<typeof defineTool> =>
    defineTool({
      name: 'pay',
      description: '',
      effect: 'read',
      input: z.unknown(),
      ...(roles === undefined ? {} : { roles }),
      run: () => 1,
    });
  const user = (...roles: string[]): ReturnType<typeof parsePrincipal> => parsePrincipal({ user: 'ada', roles });

  it('lets everyone use a tool that names no roles', () => {
    assert.equal(mayUse(withRoles(), user()), true);
  });

  it('asks for one of the roles', () => {
    assert.equal(mayUse(withRoles(['cashier', 'admin']), user('admin')), true);
    assert.equal(mayUse(withRoles(['cashier']), user('reader')), false);
    assert.equal(mayUse(withRoles(['cashier']), user()), false);
  });

  it('lets nobody use a tool with an empty list of roles', () => {
    assert.equal(mayUse(withRoles([]), user('admin')), false);
  });
});
