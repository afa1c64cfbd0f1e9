import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AARON } from '../neighbors/family.ts'
import { type Subgraphs, startRouter, startSubgraphs } from '../supergraph.ts'
import { ask, subscribe } from './ask.ts'
import { Recorder } from './recorder.ts'
import { ABSENT_DAY, COMPOSER, GATEWAY, SECRET, SETTINGS } from './world.ts'

const ABSENT = {
  query: 'query Absent($day: String!) { absencesOn(day: $day) { student { displayName } } }',
  variables: { day: ABSENT_DAY },
}
const CONTACT = {
  query: 'query Contact($id: ID!) { contact(id: $id) { displayName } }',
  variables: { id: AARON },
}
const CHANGES = {
  query: 'subscription Changes($after: ID) { contactChanges(afterEventId: $after) { kind } }',
  variables: { after: '6b02d94031f12f05cc490772' },
}

const absent = (...names: readonly (string | null)[]) => ({
  absencesOn: names.map((displayName) => ({ student: { displayName } })),
})
const EVERYBODY = absent('Naomi H Whitfield', 'Theo B Whitfield', 'Jonah S Collins')

const recorder = new Recorder()
let subgraphs: Subgraphs
let token: string | undefined
beforeAll(async () => {
  subgraphs = await startSubgraphs(SETTINGS, recorder)
  token = subgraphs.gateway.tokens.service
})
beforeEach(() => recorder.clear())
afterAll(async () => {
  await subgraphs?.[Symbol.asyncDispose]()
  await recorder[Symbol.asyncDispose]()
})

describe.each(['hive', 'hive-router'] as const)('a gateway for routers alone accepts "%s"', (router) => {
  it('by its HMAC signature, without the secret in a header', async () => {
    const supergraph = subgraphs.supergraph[COMPOSER[router]]
    const config = 'test/hive-hmac-only.ts'
    await using running = await startRouter(router, { supergraph, secret: SECRET, config })
    expect((await ask(running.url, ABSENT, token)).data).toEqual(EVERYBODY)
    expect((await ask(running.url, CONTACT, token)).data).toEqual({
      contact: { displayName: 'Aaron Collins' },
    })
    await using stream = await subscribe(running.url, CHANGES, token)
    // The change that came after this event in the sandbox.
    expect(await stream.next()).toEqual({ data: { contactChanges: { kind: 'CREATED' } } })
    const requests = recorder.requestsTo(GATEWAY)
    expect(requests).toHaveLength(3)
    for (const { headers, extensions } of requests) {
      expect(headers).not.toHaveProperty('x-router-secret')
      expect(extensions).toEqual({ 'hmac-signature': expect.any(String) })
    }
  })

  it('by the secret in a header, without a signature', async () => {
    const supergraph = subgraphs.supergraph[COMPOSER[router]]
    const config = 'test/hive-header-only.ts'
    await using running = await startRouter(router, { supergraph, secret: SECRET, config })
    expect((await ask(running.url, ABSENT, token)).data).toEqual(EVERYBODY)
    expect(recorder.requestsTo(GATEWAY).map(({ extensions }) => extensions)).toEqual([{}])
  })
})

describe.each(['hive', 'hive-router', 'apollo'] as const)('the router "%s" with another secret', (router) => {
  it("gets nothing from the gateway, and the neighbors' data all the same", async () => {
    const supergraph = subgraphs.supergraph[COMPOSER[router]]
    const secret = SECRET.toUpperCase()
    await using running = await startRouter(router, { supergraph, secret })
    const { data, errors } = await ask(running.url, ABSENT, token)
    expect(data).toEqual(absent(null, null, null))
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['FORBIDDEN']))
  })
})
