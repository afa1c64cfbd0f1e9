import { type GraphQLError, Kind } from 'graphql'

/** The nodes of values in the document. An error about one of them may quote the value, or a key in it. */
const VALUES = new Set<string>([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
  Kind.OBJECT_FIELD,
])

/**
 * Messages of graphql-js that name the type of a value and then quote the value. The last two quote only a
 * name first.
 */
const TYPES = [
  /^Expected value of type "([\w![\]]+)"/,
  /^(\w+) cannot represent /,
  /^Enum "(\w+)" cannot represent /,
  /^Value "\w*" does not exist in "(\w+)" enum\./,
  /^Field "\w+" is not defined by type "(\w+)"/,
]
/** Messages about a value that quote nothing of it; the last is our own. */
const HARMLESS = [
  /^Field "\w+\.\w+" of required type "[\w![\]]+" was not provided\.$/,
  /^OneOf Input Object "\w+" must specify exactly one key\.$/,
  /^A value does not fit (?:its type|the type "[\w![\]]+")\.$/,
]

/** Replacements for messages of graphql-js and Yoga that quote a request outside of its document. */
const BY_BEGINNING: readonly (readonly [beginning: string, message: string])[] = [
  ['Unknown operation named', 'The document has no operation with the name in `operationName`.'],
  [
    'Unexpected parameter',
    'The request has an unknown parameter: only query, variables, operationName and extensions are allowed.',
  ],
  ['There can be only one input field named', 'A field of an input object is given twice.'],
]

/** "Did you mean" reveals names of the schema. */
export type Suggestions = 'KEPT' | 'REMOVED'

/**
 * The message of an error from before execution, without the literals of the request. Literals may be
 * personal data, and routers and clients log errors. Names of fields, arguments, types, directives, fragments
 * and variables stay. The error's locations show its place in the document.
 */
export function withoutLiterals(error: GraphQLError, suggestions: Suggestions): string {
  const { message, nodes = [] } = error
  if (message.startsWith('Syntax Error: ')) return withoutTokens(message)
  const other = BY_BEGINNING.find(([beginning]) => message.startsWith(beginning))?.[1]
  if (other !== undefined) return other
  if (nodes.some(({ kind }) => VALUES.has(kind))) return aboutValue(message)
  return suggestions === 'KEPT' ? message : message.replace(/ Did you mean [\s\S]*$/, '')
}

function aboutValue(message: string): string {
  if (HARMLESS.some((pattern) => pattern.test(message))) return message
  const type = TYPES.map((pattern) => pattern.exec(message)?.[1]).find((each) => each !== undefined)
  return type === undefined ? 'A value does not fit its type.' : `A value does not fit the type "${type}".`
}

/**
 * The message of a syntax error names the kind of the token that was found, but not its text, and no character of an
 * unreadable one.
 */
function withoutTokens(message: string): string {
  return message
    .replace(/(Name|String|BlockString|Int|Float|Comment|variable) "[\s\S]*"/, '$1')
    .replace(/(?:: | sequence: | character )(?:"[\s\S]*"|'"'|U\+[0-9A-F]+)\.?$/, '.')
}
