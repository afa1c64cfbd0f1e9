import { DateTimeResolver } from 'graphql-scalars'
import { builder } from './builder.ts'

builder.addScalarType('DateTime', DateTimeResolver, {
  description: 'An instant in the format of RFC 3339, such as 2024-11-04T21:05:06.631Z.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
})
