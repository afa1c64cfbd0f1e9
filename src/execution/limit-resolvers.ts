import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql'
import type { View } from '../view/view.ts'

/**
 * Makes each resolver end at once when the attempt is over, and count when it fails. An error takes longer than a record, and
 * execution goes on after each one: a list of 60,000 students that are not known yet would hold up every request for many seconds.
 */
export function limitResolvers(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__') || type === schema.getSubscriptionType()) continue
    for (const field of Object.values(type.getFields()))
      if (field.resolve !== undefined && field.resolve !== defaultFieldResolver)
        field.resolve = limited(field.resolve)
  }
  return schema
}

function limited(resolve: GraphQLFieldResolver<unknown, View>): GraphQLFieldResolver<unknown, View> {
  return (source, args, view, info) => {
    if (view.isOver) return null
    try {
      return resolve(source, args, view, info)
    } catch (error) {
      view.countFailure()
      throw error
    }
  }
}
