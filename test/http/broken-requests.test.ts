import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { nextReply, open, sendRaw } from '../support/raw-http.ts'

const SECRET = 's'.repeat(32)

let gateway: TestGateway
let behindRouter: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
  behindRouter = await startGateway({ router: { secrets: [SECRET], others: 'ALLOWED' } })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await behindRouter[Symbol.asyncDispose]()
})

const post = async (
  to: TestGateway,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) => {
  const init = { authorization: to.authorization, 'content-type': 'application/json', ...headers }
  const response = await fetch(`${to.url}/graphql`, { method: 'POST', headers: init, body })
  return { status: response.status, text: await response.text() }
}

describe('the signature of a router', () => {
  it('signs JSON, and no other query that the same bytes are under another content type', async () => {
    const body = JSON.stringify({
      query: 'query ($search: String) { __typename }',
      variables: { search: '&query={_service{sdl}}&x=' },
    })
    const signature = createHmac('sha256', SECRET).update(body).digest('hex')
    const { text } = await post(behindRouter, body, {
      'content-type': 'application/x-www-form-urlencoded',
      'x-router-signature': signature,
    })
    expect(text).not.toContain('sdl":')
  })
})

describe('a body', () => {
  it('with a byte-order mark is read', async () => {
    const bytes = new Uint8Array(Buffer.from('\ufeff{"query":"{ __typename }"}'))
    expect((await post(gateway, bytes)).status).toBe(200)
  })

  it('whose length says that it is too large is refused at once, before it is sent', async () => {
    const head = [
      'POST /graphql HTTP/1.1',
      'Host: localhost',
      `Authorization: ${gateway.authorization}`,
      'Content-Type: application/json',
      'Content-Length: 99999999',
    ]
    const reply = await sendRaw(gateway.url, `${head.join('\r\n')}\r\n\r\n{`)
    expect(reply.code).toBe('PAYLOAD_TOO_LARGE')
  }, 15_000)
})

describe('a request that is not HTTP', () => {
  it('in the same packet as the request before it does not cost that one its answer', async () => {
    const socket = open(gateway.url)
    const body = '{"query":"{ __typename }"}'
    const head = [
      'POST /graphql HTTP/1.1',
      'Host: localhost',
      `Authorization: ${gateway.authorization}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}NONSENSE\r\n\r\n`)
    expect((await nextReply(socket)).status).toBe(200)
    socket.destroy()
  })
})
