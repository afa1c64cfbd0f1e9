import { expect, it } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { sendRaw } from '../support/raw-http.ts'

const PATH = '/.well-known/apollo/server-health'

it('/.well-known/apollo/server-health answers as the servers of Apollo do', async () => {
  const router = { secrets: ['s'.repeat(32)], others: 'REFUSED' } as const
  await using gateway = await startGateway({ router })
  const reply = await fetch(`${gateway.url}${PATH}`)
  expect([reply.status, reply.headers.get('content-type'), reply.headers.get('cache-control')]).toEqual([
    200,
    'application/health+json',
    'no-store',
  ])
  expect(await reply.text()).toBe('{"status":"pass"}')
  const head = await sendRaw(
    gateway.url,
    `HEAD ${PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  )
  expect([head.status, head.body, head.headers['content-type']]).toEqual([200, '', 'application/health+json'])
  const post = await fetch(`${gateway.url}${PATH}`, { method: 'POST' })
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
})
