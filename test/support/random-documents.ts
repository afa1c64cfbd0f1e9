import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

export interface RandomDocument {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

const NUMBERS = [-1, 0, 1, 2, 5, 25, 100, 101, 2 ** 31 - 1]
const TEXTS = [
  '',
  ' ',
  'a',
  'Collins',
  'é',
  '\u0000',
  '"',
  '\\u0000',
  'x'.repeat(300),
  '*',
  '../..',
  '1',
  'null',
]
const MAX_DEPTH = 6

/** Numbers that the seed determines: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Documents that are valid by the schema, and documents with a few wrong tokens. */
export class RandomDocuments {
  readonly #schema: GraphQLSchema
  readonly #random: () => number
  readonly #ids: readonly string[]
  #variables: Record<string, unknown> = {}
  #definitions: string[] = []
  #aliases = 0

  /** `ids`: of records that exist. */
  constructor(schema: GraphQLSchema, ids: readonly string[], random: () => number) {
    this.#schema = schema
    this.#ids = ids
    this.#random = random
  }

  valid(): RandomDocument {
    this.#variables = {}
    this.#definitions = []
    const query = this.#schema.getQueryType()
    const selection = query ? this.#selection(query, 0) : ''
    const definitions = this.#definitions.length > 0 ? `(${this.#definitions.join(' ')})` : ''
    return { query: `query Fuzz${definitions} ${selection}`, variables: this.#variables }
  }

  /** One to three tokens are removed, repeated, replaced or swapped. */
  almostValid(): RandomDocument {
    const { query, variables } = this.valid()
    const tokens = query.match(/"(?:[^"\\]|\\.)*"|[\w$@]+|\.\.\.|\S/g) ?? []
    for (let times = 1 + this.#below(3); times > 0; times -= 1) {
      const at = this.#below(tokens.length)
      const [token = '', other = ''] = [tokens[at], tokens[this.#below(tokens.length)]]
      const change = this.#pick([
        [],
        [token, token],
        [other],
        [`${token}x`],
        [token, other],
        ['"""'],
        ['@skip'],
      ])
      tokens.splice(at, 1, ...change)
    }
    return { query: tokens.join(' '), variables }
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []
    const usable = fields.filter((field) => depth < MAX_DEPTH || !isCompositeType(getNamedType(field.type)))
    const chosen = ['__typename']
    for (let count = this.#below(4); count > 0 && usable.length > 0; count -= 1) {
      const text = this.#field(this.#pick(usable), depth)
      chosen.push(this.#chance(0.1) && isObjectType(type) ? `... on ${type.name} { ${text} }` : text)
    }
    return `{ ${chosen.join(' ')} }`
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const args = field.args
      .filter(({ type }) => isNonNullType(type) || this.#chance(0.4))
      .map((argument) => `${argument.name}: ${this.#argument(argument)}`)
    const type = getNamedType(field.type)
    this.#aliases += 1
    return [
      `f${this.#aliases}: ${field.name}`,
      args.length > 0 ? `(${args.join(', ')})` : '',
      this.#chance(0.1) ? this.#pick(['@include(if: true)', '@skip(if: false)', '@include(if: false)']) : '',
      isCompositeType(type) ? this.#selection(type, depth + 1) : '',
    ].join(' ')
  }

  #argument({ type }: GraphQLArgument): string {
    const value = this.#value(type, 0)
    if (this.#chance(0.7)) return write(value, type)
    const name = `v${this.#definitions.length}`
    this.#definitions.push(`$${name}: ${type}`)
    this.#variables[name] = value
    return `$${name}`
  }

  #value(type: GraphQLInputType, depth: number): unknown {
    if (isNonNullType(type)) return this.#value(type.ofType, depth)
    if (isListType(type)) return Array.from({ length: this.#below(4) }, () => this.#value(type.ofType, depth))
    if (isEnumType(type)) return this.#pick(type.getValues()).name
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isNonNullType(field.type) || (depth < 2 && this.#chance(0.4)),
      )
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type, depth + 1)]))
    }
    if (type.name === 'Int' || type.name === 'Float') return this.#pick(NUMBERS)
    if (type.name === 'Boolean') return this.#chance(0.5)
    if (type.name === 'ID') return this.#chance(0.6) ? this.#pick(this.#ids) : this.#pick(TEXTS)
    if (type.name === '_Any')
      return { __typename: this.#pick(['Contact', 'Student', 'X']), id: this.#pick(this.#ids) }
    return this.#pick(TEXTS)
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[this.#below(items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }
}

/** A value as a literal. */
function write(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return write(value, type.ofType)
  if (isListType(type)) return `[${(value as unknown[]).map((item) => write(item, type.ofType)).join(', ')}]`
  if (isEnumType(type)) return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = isInputObjectType(type) ? type.getFields() : {}
  const members = Object.entries(value).map(([name, member]) => {
    const field = fields[name]
    return `${name}: ${field === undefined ? JSON.stringify(member) : write(member, field.type)}`
  })
  return `{${members.join(', ')}}`
}
