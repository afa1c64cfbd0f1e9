import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: '../../schema/schema.client.graphql',
  documents: ['codegen/student-contacts.ts'],
  generates: {
    './codegen/gql/': {
      preset: 'client',
      config: {
        documentMode: 'string',
        scalars: { DateTime: 'string' },
        strictScalars: true,
        futureProofEnums: true,
        useTypeImports: true,
      },
    },
  },
}
export default config
