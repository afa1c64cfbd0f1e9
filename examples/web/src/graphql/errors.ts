import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors'
import { NetworkError } from 'graphql-sse'

/** Whether the gateway does not accept the token, or no longer accepts it. */
export function isSignInNeeded(error: unknown): boolean {
  if (ServerError.is(error)) return error.statusCode === 401
  if (error instanceof NetworkError) return error.response?.status === 401
  return codeOf(error) === 'UNAUTHENTICATED'
}

/** The code of the first error of an answer, as docs/errors.md lists them. */
export function codeOf(error: unknown): unknown {
  return CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.code : undefined
}

/** A text for people. The gateway's own messages are written for them. */
export function messageOf(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) return error.errors[0]?.message ?? 'The answer is not complete.'
  return 'The contacts cannot be reached.'
}
