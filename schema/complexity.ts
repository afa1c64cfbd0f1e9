import { complexityFromQuery } from '@pothos/plugin-complexity'
import { type GraphQLResolveInfo, Kind } from 'graphql'
import { LIMITS } from './builder.ts'
import { queryTooComplex } from './errors.ts'

/** The plugin measures when a field is resolved, and that of a subscription is resolved for each event: too late. */
export function refuseTooComplex({ schema, operation, fragments, variableValues }: GraphQLResolveInfo) {
  const document = { kind: Kind.DOCUMENT, definitions: [operation, ...Object.values(fragments)] } as const
  const { depth, breadth, complexity } = complexityFromQuery(document, { schema, variables: variableValues })
  const isTooMuch = depth > LIMITS.depth || breadth > LIMITS.breadth || complexity > LIMITS.complexity
  if (isTooMuch) throw queryTooComplex({ depth, breadth, complexity }, LIMITS)
}
