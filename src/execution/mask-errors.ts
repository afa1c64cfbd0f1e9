import { GraphQLError, type GraphQLErrorExtensions } from 'graphql'
import { publicError } from '../../schema/errors.ts'
import type { Logger } from '../log.ts'
import { type Suggestions, withoutLiterals } from './without-literals.ts'

type MaskError = (error: unknown, message?: string) => GraphQLError

/**
 * The errors that leave the gateway: those made for the client as they are, known failures by the table, and anything
 * else as INTERNAL_SERVER_ERROR. The log says where such an error came from, without its message.
 */
export function maskErrorsWith(log: Logger, suggestions: Suggestions): MaskError {
  return (error, message = 'Unexpected error.') => {
    const located = error instanceof GraphQLError ? error : undefined
    const original = located === undefined ? error : located.originalError
    if (located !== undefined && (original === undefined || original instanceof GraphQLError))
      return clean(located, suggestions)
    if (located?.path === undefined && isUnreadable(original)) return UNREADABLE

    const known = original instanceof Error ? publicError(original) : undefined
    if (known === undefined && !isAbort(original))
      log.error({ error: original }, 'unexpected error in a request')
    return rewrite(located, known?.message ?? message, known?.extensions ?? { code: 'INTERNAL_SERVER_ERROR' })
  }
}

/** The extensions that an error may have. Libraries quote the request in others. */
const EXTENSIONS = ['code', 'http', 'query', 'limit', 'retryAfterSeconds'] as const

/** The message about an argument that fits its type only without the values of the variables in it. */
const ARGUMENT = /^Argument "(\w+)" (?:has invalid value|of (?:required|non-null) type) /

/**
 * Without a code, an error of graphql-js is about a variable or an argument that does not fit its type, or a fault of ours
 * if it has a path. graphql-js would quote the value, so that a router that logs the errors of its subgraphs would log the
 * data of a person.
 */
function clean(error: GraphQLError, suggestions: Suggestions): GraphQLError {
  const extensions = Object.fromEntries(
    EXTENSIONS.filter((name) => error.extensions[name] !== undefined).map((name) => [
      name,
      error.extensions[name],
    ]),
  )
  if (extensions.code === 'BAD_REQUEST') extensions.http = { status: 400 }
  if (extensions.code !== undefined) return rewrite(error, withoutLiterals(error, suggestions), extensions)
  const [, variable] = /^Variable "(\$\w+)"/.exec(error.message) ?? []
  const [, argument] = ARGUMENT.exec(error.message) ?? []
  if (argument !== undefined)
    return rewrite(error, `The argument "${argument}" does not fit its type.`, { code: 'BAD_USER_INPUT' })
  if (error.path !== undefined) return rewrite(error, 'Unexpected error.', { code: 'INTERNAL_SERVER_ERROR' })
  const message =
    variable === undefined
      ? withoutLiterals(error, suggestions)
      : `Variable "${variable}" does not fit its type.`
  return rewrite(error, message, { ...extensions, code: 'BAD_USER_INPUT' })
}

function rewrite(
  located: GraphQLError | undefined,
  message: string,
  extensions: GraphQLErrorExtensions,
): GraphQLError {
  return new GraphQLError(message, {
    nodes: located?.nodes ?? null,
    source: located?.source ?? null,
    positions: located?.positions ?? null,
    path: located?.path ?? null,
    extensions,
  })
}

/** Invalid JSON in a URL, or a query that is nested too deeply for the parser. */
function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || error instanceof RangeError
}

const UNREADABLE = new GraphQLError('The request cannot be read.', {
  extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
})

/** The client has hung up. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
