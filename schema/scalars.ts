import { DateTimeResolver } from 'graphql-scalars'
import { builder } from './builder.ts'

builder.addScalarType('DateTime', DateTimeResolver, {
  description: 'An instant as RFC 3339 writes it, such as 2024-11-04T21:05:06.631Z.',
})
