import { readFileSync } from 'node:fs'
import { buildSchema, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeContracts } from '../compose.ts'
import { JONAH, NAOMI, THEO } from '../neighbors/family.ts'
import { ROUTERS, type Subgraphs, startRouter, startSubgraphs } from '../supergraph.ts'
import { ask } from './ask.ts'
import { ABSENT_DAY, COMPOSER, SECRET, SETTINGS } from './world.ts'

let subgraphs: Subgraphs
beforeAll(async () => {
  subgraphs = await startSubgraphs(SETTINGS)
})
afterAll(() => subgraphs?.[Symbol.asyncDispose]())

/** The types of a supergraph with their fields, without the machinery of federation. */
function shapeOf(sdl: string): readonly string[] {
  const types = Object.values(buildSchema(sdl, { assumeValid: true }).getTypeMap())
  return types
    .filter(({ name }) => !/^_|__/.test(name))
    .flatMap((type) => [
      type.name,
      ...('getFields' in type ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : []),
    ])
    .toSorted()
}

describe('the supergraph of the gateway and its neighbors', () => {
  it("is composed by Apollo's composer and by Hive's, with the same types and fields", () => {
    const { apollo, hive } = subgraphs.supergraph
    const shape = shapeOf(apollo)
    for (const field of ['Student.absences', 'Student.displayName', 'StudentRelationship.lastMessageAt'])
      expect(shape).toContain(field)
    expect(shapeOf(hive)).toEqual(shape)
  })

  it('is composed by both from the contract that has directives for access too', () => {
    const sources = {
      'clever-contacts': '../../../schema/schema.fenced.graphql',
      ...Object.fromEntries(
        ['attendance', 'messaging', 'transport'].map((name) => [name, `../neighbors/${name}.graphql`]),
      ),
    }
    const contracts = Object.entries(sources).map(([name, path]) => {
      const typeDefs = parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
      return { name, url: `http://${name}.example/graphql`, typeDefs }
    })
    const { apollo, hive } = composeContracts(contracts)
    expect(shapeOf(hive)).toEqual(shapeOf(apollo))
    for (const supergraph of [apollo, hive]) expect(supergraph).toContain('@requiresScopes')
  })

  // The other tests run each router with the supergraph of its own composer.
  it.each(ROUTERS)(
    'runs on the router "%s" as the composer of the other company writes it',
    async (router) => {
      const composer = COMPOSER[router] === 'apollo' ? 'hive' : 'apollo'
      const supergraph = subgraphs.supergraph[composer]
      await using running = await startRouter(router, { supergraph, secret: SECRET })
      const query = `{ absencesOn(day: "${ABSENT_DAY}") { student { id relationships { lastMessageAt } } } }`
      const { data, errors } = await ask(running.url, { query }, subgraphs.gateway.tokens.service)
      expect(errors).toEqual([])
      const dates = (...days: readonly (number | null)[]) =>
        days.map((day) => ({ lastMessageAt: day && `2026-11-0${day}T08:00:00Z` }))
      expect(data).toEqual({
        absencesOn: [
          { student: { id: NAOMI, relationships: dates(null, null, 1) } },
          { student: { id: THEO, relationships: dates(null, null, 2) } },
          { student: { id: JONAH, relationships: dates(3, null) } },
        ],
      })
    },
  )
})
