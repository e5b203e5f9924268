/**
 * What the grammars of TypeScript and JavaScript are asked for.
 */
/** What the grammar is asked for. `%FIELD%` differs between the grammars. */
export const scriptQuery = (typed: boolean): string => `
(class_declaration body: (class_body) @body) @class
(class body: (class_body) @body) @class
(function_declaration body: (statement_block) @body) @function
(generator_function_declaration body: (statement_block) @body) @function
(method_definition body: (statement_block) @body) @method
(arrow_function body: (_) @body) @arrow
(function_expression body: (_) @body) @arrow
(generator_function body: (_) @body) @arrow
(program (lexical_declaration (variable_declarator) @variable))
(program (variable_declaration (variable_declarator) @variable))
(program (export_statement declaration: (lexical_declaration (variable_declarator) @variable)))
(program (export_statement declaration: (variable_declaration (variable_declarator) @variable)))
(program (expression_statement (assignment_expression) @assign))
(export_statement) @export
(import_statement) @import
(return_statement (object) @object)
(arrow_function body: (parenthesized_expression (object) @object))
(variable_declarator value: (object) @object)
(assignment_expression right: (object) @object)
(return_statement (object (shorthand_property_identifier) @shorthand))
(pair value: [(arrow_function) (function_expression)]) @pair
(ERROR) @error
${typed ? typedQuery : '(field_definition) @field'}
`;

const typedQuery = `
(abstract_class_declaration body: (class_body) @body) @class
(interface_declaration body: (_) @body) @interface
(type_alias_declaration) @type
(enum_declaration) @enum
(internal_module body: (statement_block) @body) @namespace
(abstract_method_signature) @signature
(method_signature) @signature
(property_signature) @property
(public_field_definition) @field
(return_statement (as_expression (object) @object))
(return_statement (satisfies_expression (object) @object))
`;
