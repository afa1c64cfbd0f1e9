import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { hasChromium, openChromium } from './chromium.ts'

const ACCEPTS_HTML = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

describe('a gateway with GraphiQL off', () => {
  it.each([ACCEPTS_HTML, { accept: 'text/html' }])(
    'gives no page to a browser that has $accept',
    async (headers) => {
      await using gateway = await startGateway({ graphiql: 'off' })
      const response = await fetch(`${gateway.url}/graphql`, { headers })
      expect(response.headers.get('content-type') ?? '').not.toContain('html')
      expect(await response.text()).not.toContain('<')
    },
  )
})

/** Two gateways on two ports are two origins. */
describe.skipIf(!hasChromium)('a page of another origin', () => {
  let elsewhere: TestGateway
  let browser: BrowserContext
  beforeAll(async () => {
    elsewhere = await startGateway()
    browser = await openChromium()
  })
  afterAll(async () => {
    await elsewhere[Symbol.asyncDispose]()
  })

  it.each(['application/json', 'text/plain'])('cannot read an answer to a query sent as %s', async (type) => {
    await using gateway = await startGateway()
    expect(await askFromElsewhere(gateway, type)).toBe('TypeError: Failed to fetch')
  })

  it('cannot read an answer where only others are listed', async () => {
    await using gateway = await startGateway({ corsOrigins: ['https://portal.example.org'] })
    expect(await askFromElsewhere(gateway, 'application/json')).toBe('TypeError: Failed to fetch')
  })

  it('can read an answer where it is listed', async () => {
    await using gateway = await startGateway({ corsOrigins: ['https://portal.example.org', elsewhere.url] })
    const answer = await askFromElsewhere(gateway, 'application/json')
    expect(JSON.parse(answer)).toMatchObject({ data: { __typename: 'Query' } })
  })

  it('O14: can read the 401 for an expired token where it is listed, and what to tell the operator', async () => {
    await using gateway = await startGateway({ corsOrigins: [elsewhere.url] })
    const page = await browser.newPage()
    await page.goto(`${elsewhere.url}/health`)
    const seen = await page.evaluate(
      async ({ url, authorization }) => {
        const headers = { 'content-type': 'application/json', authorization }
        const response = await fetch(url, { method: 'POST', headers, body: '{"query":"{__typename}"}' })
        const { errors } = await response.json()
        const { status } = response
        return { status, code: errors[0].extensions.code, id: response.headers.get('x-request-id') }
      },
      {
        url: `${gateway.url}/graphql`,
        authorization: `Bearer ${await gateway.tokenFor(SERVICE, -60)}`,
      },
    )
    await page.close()
    expect(seen).toEqual({
      status: 401,
      code: 'UNAUTHENTICATED',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  async function askFromElsewhere(gateway: TestGateway, type: string): Promise<string> {
    const page = await browser.newPage()
    await page.goto(`${elsewhere.url}/health`)
    const seen = await page.evaluate(
      ({ url, type, authorization }) =>
        fetch(url, {
          method: 'POST',
          headers: { 'content-type': type, authorization },
          body: '{"query":"{__typename}"}',
        }).then((response) => response.text(), String),
      { url: `${gateway.url}/graphql`, type, authorization: gateway.authorization },
    )
    await page.close()
    return seen
  }
})
