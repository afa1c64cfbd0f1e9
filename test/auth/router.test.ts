import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CHILD } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const SECRET = 's'.repeat(32)
const signatureOf = (body: string, secret = SECRET) => createHmac('sha256', secret).update(body).digest('hex')

const ENTITIES = JSON.stringify({
  query: `{ _entities(representations: [{ __typename: "Student", id: "${CHILD}" }]) { ... on Student { id } } }`,
})
const SERVICE_SDL = JSON.stringify({ query: '{ _service { sdl } }' })
const PLAIN = JSON.stringify({ query: `{ student(id: "${CHILD}") { id } }` })

async function post(gateway: TestGateway, body: string, signature?: string, init: RequestInit = {}) {
  const before = gateway.sandbox.calls.count()
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    body,
    ...init,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: gateway.authorization,
      ...(signature !== undefined && { 'x-router-signature': signature }),
    },
  })
  const { data, errors } = (await response.json()) as {
    data?: unknown
    errors?: { extensions: { code: string } }[]
  }
  const calls = gateway.sandbox.calls.count() - before
  return { status: response.status, data, code: errors?.[0]?.extensions.code, calls }
}

const WRONG: readonly [string, (body: string) => string | undefined][] = [
  ['no signature', () => undefined],
  ['an empty signature', () => ''],
  ['the signature of another body', (body) => signatureOf(`${body} `)],
  ['a signature by another secret', (body) => signatureOf(body, 't'.repeat(32))],
  ['the signature in capitals', (body) => signatureOf(body).toUpperCase()],
  ['half of the signature', (body) => signatureOf(body).slice(0, 32)],
  ['the signature twice', (body) => `${signatureOf(body)}, ${signatureOf(body)}`],
  ['the secret itself', () => SECRET],
]

describe('where a router signs its requests,', () => {
  it.each(WRONG)(
    '_entities and _service are refused with %s, and all else is answered',
    async (_what, sign) => {
      await using gateway = await startGateway({ router: { secrets: [SECRET], others: 'ALLOWED' } })
      for (const body of [ENTITIES, SERVICE_SDL]) {
        const reply = await post(gateway, body, sign(body))
        expect(reply).toMatchObject({ code: 'FORBIDDEN', calls: 0 })
        expect(JSON.stringify(reply)).not.toContain(CHILD)
      }
      expect((await post(gateway, PLAIN, sign(PLAIN))).data).toEqual({ student: { id: CHILD } })
    },
  )

  it.each(WRONG)('everything is refused with %s, where only it may ask', async (_what, sign) => {
    await using gateway = await startGateway({ router: { secrets: [SECRET], others: 'REFUSED' } })
    for (const body of [ENTITIES, SERVICE_SDL, PLAIN])
      expect(await post(gateway, body, sign(body))).toEqual({
        status: 403,
        data: undefined,
        code: 'FORBIDDEN',
        calls: 0,
      })
  })

  it.each(['ALLOWED', 'REFUSED'] as const)('a signed one is answered, others being %s', async (others) => {
    await using gateway = await startGateway({ router: { secrets: [SECRET], others } })
    expect((await post(gateway, ENTITIES, signatureOf(ENTITIES))).data).toEqual({
      _entities: [{ id: CHILD }],
    })
    expect((await post(gateway, SERVICE_SDL, signatureOf(SERVICE_SDL))).data).toMatchObject({
      _service: { sdl: expect.stringContaining('type Student') },
    })
    expect((await post(gateway, PLAIN, signatureOf(PLAIN))).data).toEqual({ student: { id: CHILD } })
    const chunked = new ReadableStream({
      start(controller) {
        for (const half of [ENTITIES.slice(0, 20), ENTITIES.slice(20)]) controller.enqueue(Buffer.from(half))
        controller.close()
      },
    })
    const init = { body: chunked, duplex: 'half' } as RequestInit
    expect((await post(gateway, ENTITIES, signatureOf(ENTITIES), init)).data).toEqual({
      _entities: [{ id: CHILD }],
    })
  })

  it('a signature is no token: 401 without one', async () => {
    await using gateway = await startGateway({ router: { secrets: [SECRET], others: 'REFUSED' } })
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-router-signature': signatureOf(PLAIN) },
      body: PLAIN,
    })
    expect(response.status).toBe(401)
  })

  it('the signature of an empty body does not sign whatever stands in the URL', async () => {
    await using gateway = await startGateway({ router: { secrets: [SECRET], others: 'REFUSED' } })
    const { query } = JSON.parse(ENTITIES)
    const response = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: {
        accept: 'application/json',
        authorization: gateway.authorization,
        'x-router-signature': signatureOf(''),
      },
    })
    expect(response.status).toBe(403)
    expect(await response.text()).not.toContain(CHILD)
  })
})
