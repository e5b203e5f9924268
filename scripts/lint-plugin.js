/**
 * Lint rules that oxlint does not have. Plain JavaScript, because an editor may run oxlint on a Node that can't strip
 * types. A rule here is three lines; one that needs more belongs into the guard.
 */

/** @param {string} nodeType @param {string} message @param {(node: any) => boolean} [applies] */
const forbid = (nodeType, message, applies = () => true) => ({
  create: (context) => ({
    [nodeType](node) {
      if (applies(node)) context.report({ node, message });
    },
  }),
});

const plugin = {
  meta: { name: 'house' },
  rules: {
    'no-export-all': forbid('ExportAllDeclaration', 'Name what is exported: `export *` hides what a file offers.'),
    'no-inline-import-type': forbid(
      'TSImportType',
      'Use `import type` at the head of the file, where floors are checked.',
    ),
    'no-wall-clock': forbid(
      'NewExpression',
      'use Clock: `new Date()` reads the wall clock (src/core/clock.ts).',
      (node) => node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0,
    ),
  },
};

// oxlint-disable-next-line import/no-default-export -- oxlint loads a plugin by its default export
export default plugin;
