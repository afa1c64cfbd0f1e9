import { describe, expect, it } from 'vitest'
import { createTokens } from '../../src/clever/tokens.ts'
import { UNLIMITED_CALLS } from '../../src/clever/transport.ts'
import { parseDistrictId } from '../../src/model/ids.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { startGateway } from '../support/gateway.ts'

const DISTRICTS = '{ districts { id name } }'
const CONTACT = '{ contact(id: "63850203bfb8460546071ef6") { displayName } }'

describe('the tokens of the districts', () => {
  it('are found at Clever with the id and secret of the application, once for many queries', async () => {
    await using gateway = await startGateway({ source: 'client', sandbox: { districts: 3 } })
    const { data } = await gateway.ask(DISTRICTS)
    expect(data.districts.map(({ id }: { id: string }) => id)).toEqual(
      gateway.sandbox.districts.map(({ id }) => id),
    )
    await gateway.ask(CONTACT)
    expect(gateway.sandbox.calls.count('/oauth/tokens')).toBe(1)
  })

  it('are all found where Clever gives them on several pages', async () => {
    await using gateway = await startGateway({ source: 'client', sandbox: { districts: 3 } })
    const { districts, faults } = gateway.sandbox
    const grants = districts.map(({ id, token }) => ({
      access_token: token,
      owner: { type: 'district', id },
    }))
    const path = '/oauth/tokens?owner_type=district'
    for (const [page, grant] of grants.entries()) {
      const hasNext = page < grants.length - 1
      const links = hasNext ? [{ rel: 'next', uri: `${path}&page=${page + 1}` }] : []
      const wanted = page === 0 ? /tokens\?owner_type=district$/ : new RegExp(`&page=${page}$`)
      faults.add({ path: wanted, status: 200, body: JSON.stringify({ data: [grant], links }) })
    }
    const { data, errors } = await gateway.ask(DISTRICTS)
    expect(errors).toEqual([])
    expect(data.districts).toHaveLength(3)
  })

  it('keep their rate limiter when the list lacks one for a moment', async () => {
    const clock = createFakeClock()
    const [one, other] = ['a', 'b'].map((digit) => parseDistrictId(digit.repeat(24)) ?? expect.unreachable())
    if (one === undefined || other === undefined) return expect.unreachable()
    const lists = [[one, other], [other], [one, other]]
    const tokens = createTokens({
      read: async () => new Map((lists.shift() ?? []).map((id) => [id, `token of ${id}`])),
      clock,
    })
    const signal = new AbortController().signal
    const deadline = clock.now() + 60_000
    const callContext = { deadline, signal, allowance: UNLIMITED_CALLS, priority: 'INTERACTIVE' } as const
    const before = await tokens.of(one, callContext)
    const refused = await tokens.of(other, callContext)
    await clock.advance(599_000)
    await tokens.replacing(other, refused, callContext)
    await expect(tokens.of(one, callContext)).rejects.toThrow('no token')
    await clock.advance(2_000)
    await tokens.replacing(other, refused, callContext)
    expect((await tokens.of(one, callContext)).rateLimiter).toBe(before.rateLimiter)
  })

  it('are read again when one is refused, and the query goes on with the new one', async () => {
    const clock = createFakeClock(Date.now())
    await using gateway = await startGateway({ source: 'client', clock })
    await gateway.ask(CONTACT)
    gateway.sandbox.districts[0]?.rotateToken()
    // Until the contact is too old to be shown.
    await clock.advance(301_000)
    const { data, errors, calls } = await gateway.ask(CONTACT)
    expect(errors).toEqual([])
    expect(data.contact.displayName).toBe('Aaron Collins')
    const path = '/users/63850203bfb8460546071ef6'
    expect(calls).toEqual([path, '/oauth/tokens?owner_type=district', path])
  })

  it('are not read again at each refusal, as a token that lacks a scope is refused at every call', async () => {
    await using gateway = await startGateway({ source: 'client' })
    gateway.sandbox.faults.add({ path: /users/, status: 403 })
    const reply = await gateway.ask(
      `{ a: ${CONTACT.slice(1, -1)} b: contact(id: "63850203bfb8460546071ef7") { id } }`,
    )
    expect(reply.errors.map(({ extensions }) => extensions.code)).toEqual([
      'UPSTREAM_UNAUTHORIZED',
      'UPSTREAM_UNAUTHORIZED',
    ])
    await gateway.ask(CONTACT)
    expect(gateway.sandbox.calls.count('/oauth/tokens')).toBe(1)
  })

  it('that cannot be read again are kept, while Clever still takes them', async () => {
    const clock = createFakeClock(Date.now())
    await using gateway = await startGateway({ source: 'client', clock })
    await gateway.ask(CONTACT)
    gateway.sandbox.faults.add({ path: '/oauth/tokens', status: 400 })
    await clock.advance(11 * 60_000)
    const { data, errors } = await gateway.ask(CONTACT)
    expect(errors).toEqual([])
    expect(data.contact.displayName).toBe('Aaron Collins')
  })

  it('may be a single one, whose district Clever reports', async () => {
    await using gateway = await startGateway({ source: 'single-token' })
    const { data, calls } = await gateway.ask(CONTACT)
    expect(data.contact.displayName).toBe('Aaron Collins')
    expect(calls).toEqual(['/districts', '/users/63850203bfb8460546071ef6'])
  })

  it('that Clever refuses give UPSTREAM_UNAUTHORIZED and null', async () => {
    await using gateway = await startGateway({ source: 'single-token' })
    gateway.sandbox.districts[0]?.rotateToken()
    const { data, errors } = await gateway.ask(CONTACT)
    expect(data).toEqual({ contact: null })
    expect(errors[0]?.extensions.code).toBe('UPSTREAM_UNAUTHORIZED')
  })
})
