import fc from 'fast-check'
import { buildSchema, type GraphQLSchema } from 'graphql'
import { expect, it } from 'vitest'
import { Operations } from '../../src/execution/operations.ts'

interface Node {
  readonly a: number
  readonly b: number
  n?: Node
}

/** A record that has itself as a field, to any depth. */
function endlessSchema(): GraphQLSchema {
  const schema = buildSchema('type Node { a: Int b: Int n: Node } type Query { n: Node }')
  const node: Node = { a: 1, b: 2 }
  node.n = node
  const field = schema.getQueryType()?.getFields().n
  if (field !== undefined) field.resolve = () => node
  return schema
}

const condition = fc.constantFrom(
  '',
  '',
  '@include(if: $x)',
  '@skip(if: $x)',
  '@include(if: $y)',
  '@skip(if: $y)',
)

function selections(depth: number, spreads: readonly string[]): fc.Arbitrary<string> {
  const leaf = fc.tuple(fc.constantFrom('a', 'b', '__typename', 'c: a'), condition)
  const spread = spreads.length === 0 ? [] : [fc.tuple(fc.constantFrom(...spreads), condition)]
  const inner = fc.tuple(leaf).map(([parts]) => parts.join(' '))
  const flat = [inner, ...spread.map((each) => each.map((parts) => parts.join(' ')))]
  const deep =
    depth === 0
      ? []
      : [
          fc
            .tuple(
              fc.constantFrom('n', '... on Node', '...'),
              condition,
              fc.boolean(),
              selections(depth - 1, spreads),
            )
            .map(([head, when, has, body]) => `${head} ${has ? when : ''} { ${body} }`),
        ]
  return fc.array(fc.oneof(...flat, ...deep), { minLength: 1, maxLength: 3 }).map((all) => all.join(' '))
}

/** JSON objects have no order. */
function unordered(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

it('a compiled operation gives the same data under any @skip and @include, in fragments that are spread anywhere', () => {
  const [compiled, interpreted] = (['ALWAYS', 'NEVER'] as const).map(
    (way) => new Operations(endlessSchema(), way),
  )
  const run = (operations: Operations | undefined, text: string, variables: Record<string, boolean>) => {
    const operation = operations?.prepare(text, undefined) ?? expect.unreachable()
    if ('errors' in operation) return operation.errors.map(({ message }) => message)
    return unordered(operation.run(false)({} as never, variables))
  }
  fc.assert(
    fc.property(
      selections(3, ['...F', '...G']),
      selections(2, ['...G']),
      selections(2, []),
      fc.record({ x: fc.boolean(), y: fc.boolean() }),
      (body, f, g, variables) => {
        const text = `query ($x: Boolean!, $y: Boolean!) { n { ${body} ...F last: a @include(if: $x) @skip(if: $y) } }
          fragment F on Node { ${f} ...G } fragment G on Node { ${g} }`
        expect(run(compiled, text, variables)).toEqual(run(interpreted, text, variables))
      },
    ),
    { numRuns: 300 },
  )
})
