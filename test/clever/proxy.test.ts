import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { parseUserId } from '../../src/model/ids.ts'
import type { Proxies } from '../../src/outbound.ts'
import { callerWaiting, startClever } from '../support/clever.ts'
import { startConnectProxy } from '../support/connect-proxy.ts'
import { CLEVER_TEST } from '../support/tls.ts'

const ID = parseUserId('63850203bfb8460546071ef6') ?? expect.unreachable()

async function failureOf(apiUrl: string, proxies: Proxies, patience = 5_000) {
  await using clever = await startClever({}, { apiUrl, proxies })
  const callContext = callerWaiting(patience)
  const error = await clever.district.user(ID, callContext).catch((reason: unknown) => reason)
  return { error, calls: callContext.allowance.calls, left: clever.district.callsLeft() }
}

describe.concurrent('calls to Clever through a proxy', () => {
  it('that refuses them: the proxy and its status are named, its password is not, and nothing is counted', async () => {
    await using proxy = await startConnectProxy({ status: 407 })
    const https = `http://user:hunter2@127.0.0.1:${proxy.port}`
    const { error, calls, left } = await failureOf('https://clever.test', { https })
    expect(error).toMatchObject({
      name: 'CleverUnavailable',
      message: 'the proxy answered 407',
      where: `clever.test through the proxy 127.0.0.1:${proxy.port}`,
    })
    expect([calls, left]).toEqual([0, 1_200])
    expect(proxy.asked).toHaveLength(4)
    expect(proxy.asked[0]).toEqual({
      target: 'clever.test:443',
      authorization: `Basic ${Buffer.from('user:hunter2').toString('base64')}`,
    })
  })

  it('that is not there, or does not answer', async () => {
    const proxy = await startConnectProxy('SILENT')
    const proxies = { https: `http://127.0.0.1:${proxy.port}` }
    const startedAt = Date.now()
    const silent = await failureOf('https://clever.test', proxies, 1_000)
    expect(silent).toMatchObject({ error: { name: 'CleverTimedOut' }, calls: 0, left: 1_200 })
    expect(Date.now() - startedAt).toBeLessThan(5_000)
    await proxy[Symbol.asyncDispose]()
    const absent = await failureOf('https://clever.test', proxies)
    expect(absent.error).toMatchObject({ name: 'CleverUnavailable', message: 'ECONNREFUSED' })
  })

  it('never go through it to loopback, nor to hosts of NO_PROXY', async () => {
    await using proxy = await startConnectProxy({ status: 502 })
    const address = `http://127.0.0.1:${proxy.port}`
    const proxies = { https: address, http: address, none: 'clever.invalid' }
    await using clever = await startClever({}, { proxies })
    expect((await clever.district.user(ID, callerWaiting()))?.id).toBe(ID)
    const direct = await failureOf('https://clever.invalid', proxies)
    expect(direct.error).toMatchObject({ name: 'CleverUnavailable', where: 'clever.invalid' })
    expect(proxy.asked).toEqual([])
  })
})

describe('a call to a Clever with a certificate that no authority signed', () => {
  it('never leaves, and says so', async () => {
    const server = createServer(CLEVER_TEST, (socket) => void socket.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { error, calls } = await failureOf(`https://127.0.0.1:${port}`, {})
    server.close()
    expect(error).toMatchObject({
      name: 'CleverUnavailable',
      message: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      where: `127.0.0.1:${port}`,
    })
    expect(calls).toBe(0)
  })
})
