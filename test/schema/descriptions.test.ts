import { readFileSync } from 'node:fs'
import { getIntrospectionQuery, type IntrospectionQuery, type IntrospectionTypeRef } from 'graphql'
import { beforeAll, describe, expect, it } from 'vitest'
import { startGateway } from '../support/gateway.ts'

const FOLDER = new URL('../../schema/', import.meta.url)

interface Described {
  readonly name: string
  readonly text: string
  /** Whether this is a field of an answer that may be null. */
  readonly isNullable: boolean
}

/** Everything in the schema that GraphiQL shows with a description. */
async function introspect(): Promise<IntrospectionQuery['__schema']['types']> {
  await using gateway = await startGateway()
  const { data }: { data: IntrospectionQuery } = await gateway.ask(getIntrospectionQuery())
  return data.__schema.types.filter(
    ({ name, kind }) => !name.startsWith('__') && !(kind === 'SCALAR' && /^[A-Z][a-z]+$|^ID$/.test(name)),
  )
}

function describedIn(type: IntrospectionQuery['__schema']['types'][number]): readonly Described[] {
  const found = [described(type.name, type)]
  if (type.kind === 'ENUM')
    found.push(...type.enumValues.map((value) => described(`${type.name}.${value.name}`, value)))
  if (type.kind === 'INPUT_OBJECT')
    found.push(...type.inputFields.map((field) => described(`${type.name}.${field.name}`, field)))
  if (type.kind === 'OBJECT')
    for (const field of type.fields) {
      const name = `${type.name}.${field.name}`
      found.push(described(name, field, field.type.kind !== 'NON_NULL'))
      found.push(...field.args.map((argument) => described(`${name}(${argument.name})`, argument)))
    }
  return found
}

function described(
  name: string,
  { description }: { readonly description?: string | null | undefined },
  isNullable = false,
): Described {
  return { name, text: description ?? '', isNullable }
}

/** Fields that are null only in a supergraph, where the entity does not exist: its type says so. */
const NULL_IN_SUPERGRAPH_ALONE = [
  /^(Contact|Student|StudentRelationship|School)\.districtId$/,
  /^(Contact|Student)\.name$/,
  /^Contact\.relationships$/,
  /^District\.(sisNotes|syncState)$/,
  /^Student\.schoolIds$/,
  /^StudentRelationship\.(contactId|contact|studentId|relationship|relationshipIsInferred|type|typeIsInferred)$/,
  // Nullable so that nothing beside it can be lost; it does not fail.
  /^Query\.contactsViewer$/,
]

const FORBIDDEN = /\b(whoever|whomever|somebody|nobody|anybody|everybody|someone|anew|you|your|what is)\b/i
const NOUN_PHRASE = /^(Whether|The|An?|Another|Two|Clever's) \S/
const NULL_IF = /^Null(, with an error,| only in a supergraph,)? if /

/** The faults of one description. */
function faultsOf({ text, name, isNullable }: Described): readonly string[] {
  const sentences = text.split(/(?<=\.) (?=[A-Z])/)
  const kinds = sentences.map((sentence) =>
    sentence.startsWith('Cost: ') ? 'COST' : /^Null\b/.test(sentence) ? 'NULL' : 'TEXT',
  )
  const order = ['TEXT', 'NULL', 'COST']
  const mayOmitNull = !isNullable || NULL_IN_SUPERGRAPH_ALONE.some((pattern) => pattern.test(name))
  return [
    NOUN_PHRASE.test(text) ? '' : 'does not begin with a noun phrase or "Whether"',
    /\.$/.test(text) ? '' : 'does not end with a period',
    FORBIDDEN.test(text) ? 'has a word to avoid' : '',
    sentences.every((sentence, i) => kinds[i] !== 'NULL' || NULL_IF.test(sentence))
      ? ''
      : 'does not say "Null if"',
    kinds.includes('NULL') || mayOmitNull ? '' : 'does not say when it is null',
    kinds.every((kind, i) => order.indexOf(kind) >= order.indexOf(kinds[i - 1] ?? 'TEXT'))
      ? ''
      : 'is not in the order: text, Null if, Cost',
    kinds.filter((kind) => kind === 'COST').length > 1 ? 'has two costs' : '',
  ].filter(Boolean)
}

const lines = (all: readonly Described[]) =>
  all.flatMap((one) => faultsOf(one).map((fault) => `${one.name} ${fault}: ${one.text}`))

describe('the schema', () => {
  let types: IntrospectionQuery['__schema']['types']
  beforeAll(async () => {
    types = await introspect()
  })

  it('describes each type, field, argument, input field and enum value, in plain words and in one order', () => {
    const all = types.flatMap(describedIn)
    expect(all.length).toBeGreaterThan(300)
    expect(lines(all)).toEqual([])
  })

  it('leads from a student to a contact, and back, only through StudentRelationship', () => {
    const leads = types.flatMap((type) =>
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

describe('the JSON Schemas in schema/', () => {
  it.each(['policy', 'overrides', 'issuers'])(
    'describe the settings of %s.schema.json in the same way',
    (name) => {
      const all: Described[] = []
      JSON.parse(readFileSync(new URL(`${name}.schema.json`, FOLDER), 'utf8'), (key, value) => {
        if (key === 'description' && typeof value === 'string')
          all.push(described(name, { description: value }))
        return value
      })
      expect(all.length).toBeGreaterThan(3)
      expect(lines(all)).toEqual([])
    },
  )
})

function namedType(type: IntrospectionTypeRef): string {
  return 'ofType' in type && type.ofType ? namedType(type.ofType) : (type as { name: string }).name
}
