import { MapperKind, mapSchema } from '@graphql-tools/utils'
import { GraphQLEnumType, type GraphQLSchema } from 'graphql'
import defaultPolicy from '../src/access/default-policy.json' with { type: 'json' }
import type { Policy, Privilege as PrivilegeName } from '../src/access/policy.ts'
import { builder } from './builder.ts'

/** The privileges of the default policy, which are those of the checked-in contract. */
export const ContactPrivilege = builder.enumType('ContactPrivilege', {
  description:
    'A privilege that a contact can have for a student. The policy of the operator names the privileges and says who has them.',
  values: valuesOf(Object.entries(defaultPolicy.privileges) as [PrivilegeName, string][]),
})

/** The same schema with the privileges of another policy. */
export function withPrivileges(schema: GraphQLSchema, { privileges }: Policy): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.ENUM_TYPE]: (type) =>
      type.name === 'ContactPrivilege'
        ? new GraphQLEnumType({ ...type.toConfig(), values: valuesOf([...privileges]) })
        : type,
  })
}

function valuesOf(privileges: readonly [PrivilegeName, string][]) {
  return Object.fromEntries(privileges.map(([name, description]) => [name, { value: name, description }]))
}
