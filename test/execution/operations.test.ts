import { setImmediate as nextTick } from 'node:timers/promises'
import { buildSchema, type GraphQLFieldResolver } from 'graphql'
import { describe, expect, it } from 'vitest'
import { type Compilation, Operations } from '../../src/execution/operations.ts'

/** graphql-js names the parent type in a path, and graphql-jit does not. */
const way: GraphQLFieldResolver<unknown, unknown> = (_parent, _args, _view, { path }) =>
  path.typename === undefined ? 'compiled' : 'interpreted'

/** Operations of a schema whose field `way` says how the operation runs. */
function start(compilation?: Compilation) {
  const schema = buildSchema(`
    scalar Any
    input In { any: Any list: [Int] }
    type Query { way(any: Any in: In n: Int list: [Int]): String }
    type Subscription { way: String }
  `)
  for (const type of [schema.getQueryType(), schema.getSubscriptionType()]) {
    const field = type?.getFields().way
    if (field !== undefined) field.resolve = way
  }
  const operations = new Operations(schema, compilation)
  const prepare = (text: string, name?: string) => {
    const operation = operations.prepare(text, name)
    if ('errors' in operation) throw operation.errors[0]
    return operation
  }
  /** How the operation runs. */
  function run(
    text: string,
    {
      isAnonymous = false,
      name,
      variables = {},
    }: { isAnonymous?: boolean; name?: string; variables?: object } = {},
  ) {
    const { data, errors } = prepare(text, name).run(isAnonymous)({} as never, { ...variables })
    expect(errors).toBeUndefined()
    return data?.way
  }
  return { operations, prepare, run }
}

describe('an operation', () => {
  it('is compiled on its second use, and stays so', () => {
    const { run } = start()
    expect([1, 2, 3].map(() => run('{ way }'))).toEqual(['interpreted', 'compiled', 'compiled'])
  })

  it('is known by the whole text of its document, and by its name', async () => {
    const { run } = start()
    const text = 'query A { way } query B { way }'
    expect(run(text, { name: 'A' })).toBe('interpreted')
    expect(run(`${text} `, { name: 'A' })).toBe('interpreted')
    expect(run(text, { name: 'B' })).toBe('interpreted')
    expect(run(text, { name: 'A' })).toBe('compiled')
    await nextTick()
    expect(run(text, { name: 'B' })).toBe('compiled')
  })

  it('is never compiled for an anonymous client, who is given what others have compiled', () => {
    const { run } = start()
    const anonymous = () => run('{ way }', { isAnonymous: true })
    expect([1, 2, 3, 4].map(anonymous)).toEqual(Array(4).fill('interpreted'))
    expect(run('{ way }')).toBe('compiled')
    expect(anonymous()).toBe('compiled')
  })

  it('is compiled alone in its tick: others wait for the next one', async () => {
    const { run } = start()
    const texts = ['{ way }', '{ way, way }', '{ way way way }']
    for (const text of texts) expect(run(text)).toBe('interpreted')
    const compiled = () => texts.map((text) => run(text)).filter((how) => how === 'compiled').length
    expect(compiled()).toBe(1)
    expect(compiled()).toBe(1)
    await nextTick()
    expect(compiled()).toBe(2)
    await nextTick()
    expect(compiled()).toBe(3)
  })

  it('is compiled at once, or never, for tests', () => {
    expect(start('ALWAYS').run('{ way }')).toBe('compiled')
    const never = start('NEVER')
    expect([1, 2, 3].map(() => never.run('{ way }'))).toEqual(Array(3).fill('interpreted'))
  })

  it('is forgotten when others need its room', () => {
    const { run, operations } = start()
    const text = '{ way }'
    run(text)
    expect(run(text)).toBe('compiled')
    for (let n = 0; n < 30; n += 1) run(`{ way } # ${n} ${'x'.repeat(10_000)}`)
    expect(operations.keptCharacters).toBeLessThanOrEqual(200_000)
    expect(run(text)).toBe('interpreted')
  })

  it('of a trusted document is compiled before its first use, and never forgotten, whatever its size', () => {
    const { run, operations } = start()
    const text = `query A { way } query B { way } # ${'x'.repeat(30_000)}`
    expect(operations.trust(text)).toEqual([])
    const ways = () => [run(text, { name: 'A', isAnonymous: true }), run(text, { name: 'B' })]
    expect(ways()).toEqual(['compiled', 'compiled'])
    for (let n = 0; n < 30; n += 1) run(`{ way } # ${n} ${'x'.repeat(10_000)}`)
    expect(ways()).toEqual(['compiled', 'compiled'])
  })

  it('of a trusted document alone in it has no need of its name', () => {
    const { run, operations } = start()
    operations.trust('query A { way }')
    expect(run('query A { way }')).toBe('compiled')
    expect(run('query A { way }', { name: 'A' })).toBe('compiled')
  })

  it('of a document that is too large to keep runs all the same', () => {
    const { run } = start()
    const text = `{ way } # ${'x'.repeat(20_000)}`
    expect([1, 2, 3].map(() => run(text))).toEqual(Array(3).fill('interpreted'))
  })
})

describe('an operation that graphql-jit would run differently is interpreted', () => {
  it.each([
    ['introspection', '{ way __schema { queryType { name } } }'],
    ['introspection of a type', '{ way __type(name: "Query") { name } }'],
    ['a subscription', 'subscription { way }'],
    ['a variable inside a literal of a scalar', 'query ($v: Any) { way(any: { a: $v }) }'],
    ['a variable deep inside', 'query ($v: Any) { way(any: { a: [{ b: [1, $v] }] }) }'],
    ['a variable inside an input', 'query ($v: Any) { way(in: { any: $v }) }'],
    ['a variable inside a list', 'query ($v: Int) { way(list: [1, $v]) }'],
    [
      'a condition on a fragment',
      'query ($v: Boolean = true) { ...F @include(if: $v) } fragment F on Query { way }',
    ],
    ['a condition on an inline fragment', 'query ($v: Boolean = true) { ... @include(if: $v) { way } }'],
  ])('%s', (_what, text) => {
    const { run } = start('ALWAYS')
    expect([run(text), run(text)]).toEqual(['interpreted', 'interpreted'])
  })

  it.each([
    ['a variable', 'query ($v: Any) { way(any: $v) }'],
    ['a literal', '{ way(any: { a: [1, "x"] }, in: { list: [1] }) }'],
    ['a type name', '{ way __typename }'],
    [
      'a condition on a leaf',
      'query ($v: Boolean = true) { ...F } fragment F on Query { way @include(if: $v) }',
    ],
    ['a fragment', '{ ...F ...F } fragment F on Query { way }'],
  ])('and one with %s is not', (_what, text) => {
    expect(start('ALWAYS').run(text)).toBe('compiled')
  })
})

describe('a document', () => {
  it.each([
    ['that cannot be parsed', '{', 'GRAPHQL_PARSE_FAILED'],
    ['that is not valid', '{ no }', 'GRAPHQL_VALIDATION_FAILED'],
    ['without the operation', 'query A { way } query B { way }', 'OPERATION_RESOLUTION_FAILURE'],
  ])('%s is refused each time', (_what, text, code) => {
    const { operations } = start()
    for (let n = 0; n < 3; n += 1) {
      const prepared = operations.prepare(text, undefined)
      expect('errors' in prepared && prepared.errors.map(({ extensions }) => extensions.code)).toEqual([code])
    }
  })
})
