import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import DirectivesPlugin from '@pothos/plugin-directives'
import type { View } from '../src/view/view.ts'

interface Types {
  Context: View
  DefaultFieldNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: string }
    _Any: { Input: unknown; Output: unknown }
  }
  Directives: {
    key: { locations: 'OBJECT'; args: { fields: string } }
    shareable: { locations: 'OBJECT' | 'FIELD_DEFINITION' }
    tag: { locations: 'FIELD_DEFINITION' | 'INPUT_FIELD_DEFINITION'; args: { name: string } }
    link: { locations: 'SCHEMA'; args: { url: string; import: string[] } }
  }
}

export const builder = new SchemaBuilder<Types>({
  plugins: [ComplexityPlugin, DirectivesPlugin],
  defaultFieldNullability: false,
  directives: { useGraphQLToolsUnorderedDirectives: true },
  complexity: {
    // The executor measures an operation before it runs. Resolvers are not wrapped.
    disabled: true,
    // Families are small: a contact has two or three students, and a student has two or three contacts.
    defaultListMultiplier: 3,
  },
})

builder.queryType({ description: 'The guardian contacts of school districts, from Clever.' })

builder.subscriptionType({ description: "The changes in school districts, from Clever's event feed." })

/**
 * Marks fields and filters from which the name, the number, the address or free text about a person can be
 * read or inferred.
 */
export const PII: [{ name: 'tag'; args: { name: string } }] = [{ name: 'tag', args: { name: 'pii' } }]

/**
 * Ids are unique over all districts, but a key with the district saves the search for it. The longer key comes first, because
 * routers made of graphql-tools take the first key that they can fill.
 */
export const KEYS: { name: 'key'; args: { fields: string } }[] = [
  { name: 'key', args: { fields: 'id districtId' } },
  { name: 'key', args: { fields: 'id' } },
]
