import { type GraphQLSchema, isObjectType } from 'graphql'

/**
 * Takes away the resolvers that only read a property of the same name. A compiled operation then reads the
 * property itself. Pothos marks such fields, but still gives each one a resolver.
 */
export function inlineExposedFields(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields()))
      if (field.extensions.pothosExposedField === field.name) delete field.resolve
  }
  return schema
}
