import { GraphQLError } from 'graphql'
import type { YogaServerOptions } from 'graphql-yoga'
import { publicError } from '../../schema/errors.ts'
import type { Logger } from '../log.ts'

type MaskError = NonNullable<
  Exclude<YogaServerOptions<object, object>['maskedErrors'], boolean | undefined>['maskError']
>

/**
 * What leaves the gateway in place of an error: those made for the caller as they are, known failures by the table,
 * and anything else as INTERNAL_SERVER_ERROR. The log says where such a one came from, without its message.
 */
export function maskErrorsWith(log: Logger): MaskError {
  return (error, message) => {
    const located = error instanceof GraphQLError ? error : undefined
    const original = located === undefined ? error : located.originalError
    if (located !== undefined && (original === undefined || original instanceof GraphQLError))
      return withCode(located)

    const known = original instanceof Error ? publicError(original) : undefined
    if (known === undefined && !isAbort(original))
      log.error({ error: original }, 'unexpected error in a request')
    return new GraphQLError(known?.message ?? message, {
      nodes: located?.nodes ?? null,
      source: located?.source ?? null,
      positions: located?.positions ?? null,
      path: located?.path ?? null,
      extensions: known?.extensions ?? { code: 'INTERNAL_SERVER_ERROR' },
    })
  }
}

/** Without a path, execution has not begun: variables that do not fit their types are all that is left without a code. */
function withCode(error: GraphQLError): GraphQLError {
  error.extensions.code ??= error.path === undefined ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR'
  return error
}

/** Whoever asked has hung up. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
