import { getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../support/gateway.ts'

describe('the schema', () => {
  it('describes each type, field, argument and enum value, as GraphiQL shows them', async () => {
    await using gateway = await startGateway()
    const { data }: { data: IntrospectionQuery } = await gateway.ask(getIntrospectionQuery())
    const silent: string[] = []
    const check = (name: string, description: string | null | undefined) => {
      if (!description?.trim()) silent.push(name)
    }
    for (const type of data.__schema.types) {
      if (type.name.startsWith('__')) continue
      check(type.name, type.description)
      if (type.kind === 'ENUM')
        for (const value of type.enumValues) check(`${type.name}.${value.name}`, value.description)
      if (type.kind !== 'OBJECT') continue
      for (const field of type.fields) {
        check(`${type.name}.${field.name}`, field.description)
        for (const argument of field.args)
          check(`${type.name}.${field.name}(${argument.name})`, argument.description)
      }
    }
    expect(silent).toEqual([])
  })

  it('leads from a student to a contact, and back, only through StudentRelationship', async () => {
    await using gateway = await startGateway()
    const { data }: { data: IntrospectionQuery } = await gateway.ask(getIntrospectionQuery())
    const leads = data.__schema.types.flatMap((type) =>
      type.kind === 'OBJECT' ? type.fields.map((field) => [type.name, namedType(field.type)] as const) : [],
    )
    const into = (name: string) =>
      leads
        .filter(([, to]) => to === name)
        .map(([from]) => from)
        .sort()
    expect(into('Contact')).toEqual([
      'ContactChange',
      'ContactConnection',
      'ContactEdge',
      'ContactsViewer',
      'Query',
      'Query',
      'StudentRelationship',
    ])
    expect(into('Student')).toEqual([
      'ContactsViewerStudent',
      'Query',
      'Query',
      'StudentConnection',
      'StudentEdge',
      'StudentRelationship',
    ])
  })
})

interface TypeRef {
  readonly name?: string
  readonly ofType?: TypeRef
}

function namedType(type: TypeRef): string {
  return type.ofType ? namedType(type.ofType) : (type.name ?? '')
}
